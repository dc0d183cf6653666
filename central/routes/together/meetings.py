"""Whether two routes met: their closest point of approach, in space and time."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, select, text

from central.audit import audit, failing
from central.db.tables import routes
from central.errors import InputError, NotFoundError
from central.routes.together.model import Meeting, MeetingQuery
from central.services import Services
from central.values import LonLat

# In metres of the UTM zone of the first route's first point: within a city exact to a thousandth.
_MEETING = text(
    """
    WITH pieces AS (
        SELECT id, path FROM route_paths JOIN routes
        ON routes.id = route_paths.route AND routes.version = route_paths.version
        WHERE id IN (:one, :other)
    ), pairs AS (
        SELECT a.path AS a, b.path AS b, CAST(
            CASE WHEN ST_Y(ST_StartPoint(a.path)) < 0 THEN 32700 ELSE 32600 END
            + least(60, 1 + floor((ST_X(ST_StartPoint(a.path)) + 180) / 6)) AS integer
        ) AS zone
        FROM pieces a, pieces b WHERE a.id = :one AND b.id = :other
    ), flat AS (
        SELECT a, b, ST_Transform(a, zone) AS x, ST_Transform(b, zone) AS y FROM pairs
    ), closest AS (
        SELECT a, b, ST_CPAWithin(x, y, :metres) AS met, ST_DistanceCPA(x, y) AS metres,
            ST_ClosestPointOfApproach(x, y) AS at FROM flat
    ), places AS (
        SELECT met, metres, at, ST_GeometryN(ST_LocateAlong(a, at), 1) AS p,
            ST_GeometryN(ST_LocateAlong(b, at), 1) AS q FROM closest
    )
    SELECT met, metres, at, ST_X(p), ST_Y(p), ST_X(q), ST_Y(q) FROM places
    WHERE at IS NOT NULL ORDER BY metres, at LIMIT 1
    """
)
NEVER = "the two were not out at the same time, or have hardly a place on the map"


def meeting(services: Services, route: UUID, asked: MeetingQuery) -> Meeting:
    """Whether `route` and `asked.other` met.

    Raises:
        NotFoundError: one of them is not there.
        InputError: they are one.
    """
    facts = {"purpose": asked.purpose, "route": str(route), "other": str(asked.other)}
    with failing("meeting", **facts):
        found = _meeting(services, route, asked)
    audit("meeting", **facts, met=found.met)
    return found


def _meeting(services: Services, route: UUID, asked: MeetingQuery) -> Meeting:
    if route == asked.other:
        raise InputError("a route meets itself everywhere; name another one")
    with services.engine.connect() as connection:
        _there(connection, [route, asked.other])
        values = {"one": route, "other": asked.other, "metres": asked.metres}
        row = connection.execute(_MEETING, values).one_or_none()
    found = Meeting(
        met=None,
        metres=asked.metres,
        nearest_m=None,
        at=None,
        first=None,
        second=None,
        text=NEVER,
    )
    if row is not None:
        met, metres, at, *places = row
        first, second = (
            LonLat(lon=lon, lat=lat) if lon is not None else None
            for lon, lat in (places[:2], places[2:])
        )
        word = "met" if met else "did not meet"
        changes = {
            "met": bool(met),
            "nearest_m": round(metres, 1),
            "at": datetime.fromtimestamp(at, UTC),
            "first": first,
            "second": second,
            "text": f"{word}: nearest were they at {metres:.0f} m, going evenly between stops",
        }
        found = found.model_copy(update=changes)
    return found


def _there(connection: Connection, wanted: list[UUID]) -> None:
    found = set(connection.execute(select(routes.c.id).where(routes.c.id.in_(wanted))).scalars())
    for identifier in wanted:
        if identifier not in found:
            raise NotFoundError(f"there is no route {identifier}")
