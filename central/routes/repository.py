"""Building routes from the database, and keeping them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, RowMapping, func, select, text
from sqlalchemy.dialects.postgresql import insert

from central.audit import audit
from central.cameras import repository as cameras_table
from central.cameras.model import Camera
from central.db.tables import routes
from central.errors import InputError, NotFoundError
from central.routes.links.learning import learn_route
from central.routes.model import Leg, Route, RouteRequest, RouteSummary, Stop, seconds
from central.routes.route import build, legs_between, path_of
from central.sightings import repository as sightings_table
from central.sightings.repository import Seen
from central.values import LonLat, Page, bad_cursor, cut_page, read_cursor
from shared.clock import Clock, to_datetime
from shared.ids import uuid7

_DISTANCES = text(
    """
    SELECT ST_Distance(
        ST_MakePoint(lon, lat)::geography,
        lead(ST_MakePoint(lon, lat)::geography) OVER (ORDER BY number)
    )
    FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) WITH ORDINALITY
        AS stop (lon, lat, number)
    ORDER BY number
    """
)


def create(engine: Engine, clock: Clock, request: RouteRequest) -> Route:
    """Build the route through the confirmed sightings, keep it, and give it.

    Raises:
        NotFoundError: one of the sightings is not there.
        InputError: one is named twice.
    """
    ids = [stop.sighting_id for stop in request.stops]
    if len(set(ids)) != len(ids):
        raise InputError("a sighting is named twice; a sighting is one stop")
    now = to_datetime(clock.now_ms())
    with engine.begin() as connection:
        stops = _stops(connection, ids)
        legs = legs_between(stops, _distances(connection, stops))
        route = build(uuid7(clock.now_ms()), request.name, now, (stops, legs))
        _keep(connection, route)
        learn_route(connection, route.id, [stop.sighting_id for stop in stops])
    audit(
        "route",
        purpose=request.purpose,
        route=str(route.id),
        sightings=[str(identifier) for identifier in ids],
    )
    return route


def get(engine: Engine, identifier: UUID) -> Route:
    """A kept route, as it was when it was confirmed.

    Raises:
        NotFoundError: there is none of that id.
    """
    columns = (routes.c[name] for name in ("id", "name", "created_at", "stops", "legs"))
    with engine.connect() as connection:
        query = select(*columns).where(routes.c.id == identifier)
        row = connection.execute(query).mappings().first()
        if row is None:
            raise NotFoundError(f"there is no route {identifier}")
        route = _to_route(row)
        ids = [stop.sighting_id for stop in route.stops]
        there = {seen.id for seen in sightings_table.seen(connection, ids)}
    return route.model_copy(update={"expired": [each for each in ids if each not in there]})


def page(engine: Engine, limit: int, cursor: str | None) -> Page[RouteSummary]:
    """Kept routes, newest first.

    Raises:
        InputError: `cursor` is not one of ours.
    """
    count = func.jsonb_array_length(routes.c.stops).label("stops")
    query = select(routes.c.id, routes.c.name, routes.c.created_at, count)
    query = query.order_by(routes.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(routes.c.id < _id_of(cursor))
    with engine.connect() as connection:
        rows = connection.execute(query).mappings()
        found = [RouteSummary.model_validate(dict(row)) for row in rows]
    return cut_page(found, limit, lambda route: str(route.id))


def _stops(connection: Connection, ids: Sequence[UUID]) -> list[Stop]:
    found = sightings_table.seen(connection, ids)
    if absent := set(ids).difference(seen.id for seen in found):
        raise sightings_table.missing(absent)
    places = cameras_table.by_ids(connection, sorted({seen.camera for seen in found}))
    return [_stop(number, seen, places[seen.camera]) for number, seen in enumerate(found, start=1)]


def _stop(number: int, seen: Seen, camera: Camera) -> Stop:
    return Stop(
        number=number,
        sighting_id=seen.id,
        camera=camera.id,
        camera_name=camera.name,
        position=camera.position,
        arrived=seen.first_seen,
        shot=seen.shot,
        left=seen.last_seen,
        dwell_s=seconds(seen.first_seen, seen.last_seen),
    )


def _distances(connection: Connection, stops: Sequence[Stop]) -> list[float | None]:
    """Geodesic metres from each stop to the next; None where a camera is not placed."""
    places: list[LonLat | None] = [stop.position for stop in stops]
    values = {
        "lons": [place and place.lon for place in places],
        "lats": [place and place.lat for place in places],
    }
    return list(connection.execute(_DISTANCES, values).scalars())[:-1]


def _keep(connection: Connection, route: Route) -> None:
    connection.execute(
        insert(routes).values(
            id=route.id,
            name=route.name,
            created_at=route.created_at,
            stops=[stop.model_dump(mode="json") for stop in route.stops],
            legs=[leg.model_dump(mode="json", by_alias=True) for leg in route.legs],
            path=path_of(route.stops),
        )
    )


def _to_route(row: RowMapping) -> Route:
    values: dict[str, Any] = dict(row)
    created_at: datetime = values["created_at"]
    stops = [Stop.model_validate(stop) for stop in values["stops"]]
    legs = [Leg.model_validate(leg) for leg in values["legs"]]
    return build(values["id"], values["name"], created_at, (stops, legs))


def _id_of(cursor: str) -> UUID:
    try:
        return UUID(read_cursor(cursor, 1)[0])
    except ValueError as error:
        raise bad_cursor() from error
