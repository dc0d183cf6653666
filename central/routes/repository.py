"""Building routes from the database, and keeping them."""

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version as version_of
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, select, update

from central.audit import asker, audit
from central.db.tables import route_versions, routes
from central.errors import ConflictError, InputError, NotFoundError
from central.roads import standing
from central.routes import rows
from central.routes.confirmed import confirmed, in_order, stops_of
from central.routes.legs import legs_between
from central.routes.links.learning import learn_route
from central.routes.model import (
    Route,
    RouteRequest,
    RouteSummary,
    Stop,
    StopsRequest,
    VersionSummary,
)
from central.sightings import repository as sightings_table
from central.values import Page, bad_cursor, cut_page, read_cursor
from shared.clock import Clock, to_datetime
from shared.ids import uuid7

MAX_VERSIONS = 1_000

Check = Callable[[str], None]


def create(engine: Engine, clock: Clock, request: RouteRequest) -> Route:
    """Build the route through the confirmed sightings, keep it, and give it.

    Raises:
        NotFoundError: one of the sightings is not there.
        InputError: one is named twice.
    """
    identifier, now = uuid7(clock.now_ms()), to_datetime(clock.now_ms())
    facts = {"id": identifier, "name": request.name, "created_at": now, "version": 1}
    with engine.begin() as connection:
        route = _made(connection, request, {**facts, "made_at": now}, {})
        rows.keep_first(connection, route)
        learn_route(connection, route)
    _audited("route", route)
    return route


def change(
    engine: Engine, clock: Clock, identifier: UUID, request: StopsRequest, check: Check
) -> Route:
    """Build a route anew through other stops, as its next version; the others are kept.

    A stop that it had stays possible when its sighting has expired. `check` may refuse.

    Raises:
        NotFoundError: there is no such route, or one of the sightings is not there.
        InputError: a sighting is named twice.
        ConflictError: it has `MAX_VERSIONS`.
    """
    with engine.begin() as connection:
        number = rows.newest(connection, identifier)
        before = rows.read(connection, identifier)
        check(tag(before))
        if number >= MAX_VERSIONS:
            raise ConflictError(f"the route has {number} versions, the most: make a new one")
        facts = {name: getattr(before, name) for name in ("id", "name", "created_at")}
        facts |= {"version": number + 1, "made_at": to_datetime(clock.now_ms())}
        known = {stop.sighting_id: stop for stop in before.stops}
        route = _made(connection, request, facts, known)
        rows.keep_version(connection, route)
        learn_route(connection, route)
        newer = update(routes).where(routes.c.id == identifier)
        connection.execute(newer.values(version=route.version))
        expired = _expired(connection, route)
    _audited("route changed", route)
    return route.model_copy(update={"expired": expired})


def get(engine: Engine, identifier: UUID, version: int | None = None) -> Route:
    """A kept route, as it was when it was confirmed; the newest version unless one is named.

    Raises:
        NotFoundError: there is none of that id, or that version.
    """
    with engine.connect() as connection:
        route = rows.read(connection, identifier, version)
        return route.model_copy(update={"expired": _expired(connection, route)})


def page(engine: Engine, limit: int, cursor: str | None) -> Page[RouteSummary]:
    """Kept routes, newest first.

    Raises:
        InputError: `cursor` is not one of ours.
    """
    table = routes.c
    query = select(table.id, table.name, table.created_at, table.version)
    query = query.add_columns(rows.count_of(route_versions.c.stops))
    now = (route_versions.c.route == table.id) & (route_versions.c.version == table.version)
    query = query.select_from(routes.join(route_versions, now))
    query = query.order_by(table.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(table.id < _id_of(cursor))
    with engine.connect() as connection:
        found = [
            RouteSummary.model_validate(dict(row)) for row in connection.execute(query).mappings()
        ]
    return cut_page(found, limit, lambda route: str(route.id))


def versions(
    engine: Engine, identifier: UUID, limit: int, cursor: str | None
) -> Page[VersionSummary]:
    """A route's versions, newest first.

    Raises:
        NotFoundError: there is no route of that id.
        InputError: `cursor` is not one of ours.
    """
    table = route_versions.c
    query = select(table.version, table.made_at, table.made_by, table.purpose)
    query = query.add_columns(rows.count_of(table.stops)).where(table.route == identifier)
    query = query.order_by(table.version.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(table.version < _number_of(cursor))
    with engine.connect() as connection:
        found = [
            VersionSummary.model_validate(dict(row)) for row in connection.execute(query).mappings()
        ]
    if not found and cursor is None:
        raise NotFoundError(f"there is no route {identifier}")
    return cut_page(found, limit, lambda each: str(each.version))


def tag(route: Route) -> str:
    """The ETag of a route: what expired after the `+` is not of the route itself."""
    return f"{route.id.hex}-{route.version}+{len(route.expired)}"


def _made(
    connection: Connection,
    request: StopsRequest,
    facts: Mapping[str, Any],
    known: Mapping[UUID, Stop],
) -> Route:
    ids = [stop.sighting_id for stop in request.stops]
    if len(set(ids)) != len(ids):
        raise InputError("a sighting is named twice; a sighting is one stop")
    stops = _stops(connection, ids, known)
    network = standing.current(connection)
    legs = legs_between(connection, stops, network=network is not None)
    made = {
        "made_by": asker(),
        "purpose": request.purpose,
        "searched": request.searched,
        "software": version_of("dongseon"),
        "network": None if network is None else network.name,
    }
    return rows.build({**facts, **made}, stops, legs)


def _stops(connection: Connection, ids: Sequence[UUID], known: Mapping[UUID, Stop]) -> list[Stop]:
    """The stops of `ids` in order; those whose sightings are gone as they are `known`."""
    found = confirmed(connection, ids)
    gone = set(ids).difference(each.id for each in found)
    if absent := gone.difference(known):
        raise sightings_table.missing(absent)
    return in_order([*stops_of(connection, found), *(known[each] for each in gone)])


def _expired(connection: Connection, route: Route) -> list[UUID]:
    ids = [stop.sighting_id for stop in route.stops]
    there = {seen.id for seen in sightings_table.seen(connection, ids)}
    return [each for each in ids if each not in there]


def _audited(event: str, route: Route) -> None:
    audit(
        event,
        purpose=route.purpose,
        route=str(route.id),
        version=route.version,
        sightings=[str(stop.sighting_id) for stop in route.stops],
    )


def _id_of(cursor: str) -> UUID:
    try:
        return UUID(read_cursor(cursor, 1)[0])
    except ValueError as error:
        raise bad_cursor() from error


def _number_of(cursor: str) -> int:
    (number,) = read_cursor(cursor, 1)
    if not (number.isascii() and number.isdecimal() and len(number) < 9):  # noqa: PLR2004 - int4
        raise bad_cursor()
    return int(number)
