"""Routes as rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, RowMapping, func, select
from sqlalchemy.dialects.postgresql import insert

from central.db.tables import route_paths, route_versions, routes
from central.errors import NotFoundError
from central.routes.model import Leg, Route, Stop, seconds
from central.routes.pieces import pieces, to_ewkt
from central.routes.route import collection, distance_of

_HEAD = tuple(routes.c[name] for name in ("id", "name", "created_at"))
_BODY = tuple(each for each in route_versions.c if each.name != "route")
_MADE = ("version", "made_at", "made_by", "purpose", "searched", "software", "network")


def build(facts: dict[str, Any], stops: list[Stop], legs: list[Leg]) -> Route:
    """The route of `facts` (id, name, times, version and who made it) through `stops`."""
    return Route(
        **facts,
        stops=stops,
        legs=legs,
        distance_m=distance_of(legs),
        duration_s=seconds(stops[0].arrived, max(stop.left for stop in stops)),
        unplaced=sorted({stop.camera for stop in stops if stop.position is None}),
        geojson=collection(stops, legs),
    )


def keep_first(connection: Connection, route: Route) -> None:
    """Keep a route that is new."""
    head = {column.name: getattr(route, column.name) for column in _HEAD}
    connection.execute(insert(routes).values(**head, version=route.version))
    keep_version(connection, route)


def keep_version(connection: Connection, route: Route) -> None:
    """Keep a version, and what of it was travelled."""
    facts = {name: getattr(route, name) for name in _MADE}
    stops = [stop.model_dump(mode="json") for stop in route.stops]
    legs = [leg.model_dump(mode="json", by_alias=True) for leg in route.legs]
    values = {"route": route.id, **facts, "stops": stops, "legs": legs}
    connection.execute(insert(route_versions).values(values))
    if paths := _paths(route):
        connection.execute(insert(route_paths), paths)


def read(connection: Connection, identifier: UUID, version: int | None = None) -> Route:
    """A kept route, in the newest version unless another is named.

    Raises:
        NotFoundError: there is none of that id, or that version.
    """
    wanted = routes.c.version if version is None else version
    query = select(*_HEAD, *_BODY).select_from(routes.join(route_versions))
    query = query.where(routes.c.id == identifier, route_versions.c.version == wanted)
    row = connection.execute(query).mappings().first()
    if row is None:
        named = "" if version is None else f" of version {version}"
        raise NotFoundError(f"there is no route {identifier}{named}")
    return _to_route(row)


def newest(connection: Connection, identifier: UUID) -> int:
    """The number of a route's newest version; the route is locked until the transaction ends.

    Raises:
        NotFoundError: there is none of that id.
    """
    query = select(routes.c.version).where(routes.c.id == identifier).with_for_update()
    found = connection.execute(query).scalar()
    if found is None:
        raise NotFoundError(f"there is no route {identifier}")
    return int(found)


def count_of(stops: Any) -> Any:  # noqa: ANN401 - of SQLAlchemy's expressions
    """How many stops a column of them has, as a column `stops`."""
    return func.jsonb_array_length(stops).label("stops")


def _paths(route: Route) -> list[dict[str, Any]]:
    """What was travelled; a piece of one point has no line."""
    written = [(piece, to_ewkt(piece)) for piece in pieces(route.stops, route.legs)]
    drawn = [(piece, path) for piece, path in written if path is not None]
    return [
        {
            "route": route.id,
            "version": route.version,
            "piece": number,
            "from_stop": piece.from_stop,
            "to_stop": piece.to_stop,
            "path": path,
        }
        for number, (piece, path) in enumerate(drawn, start=1)
    ]


def _to_route(row: RowMapping) -> Route:
    values: dict[str, Any] = dict(row)
    stops = [Stop.model_validate(stop) for stop in values.pop("stops")]
    legs = [Leg.model_validate(leg) for leg in values.pop("legs")]
    return build(values, stops, legs)
