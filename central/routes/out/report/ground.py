"""What the report's map shows besides the route: streets, and cameras with what they see."""

import json
from typing import NamedTuple

from sqlalchemy import Connection, text

from central.cameras.views.places import STANDING
from central.roads import standing
from central.roads.store import edges_table
from central.routes.model import Route
from central.values import LonLat

MAX_STREETS = 8_000
MAX_CAMERAS = 2_000
"""Beyond these the rest is left out, small streets first; a page shows no more."""

_MAIN = ("motorway", "trunk", "primary", "secondary", "tertiary")
_BOX = "ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
_CAMERAS = text(
    f"""
    SELECT camera, ST_X(position::geometry) AS lon, ST_Y(position::geometry) AS lat,
        ST_AsGeoJSON(coverage, 6) AS coverage
    FROM ({STANDING}) AS standing
    WHERE position && {_BOX}::geography AND position::geometry && {_BOX}
    ORDER BY camera LIMIT :most
    """  # noqa: S608 - texts of our own
)

Line = list[tuple[float, float]]


class Box(NamedTuple):
    """Degrees of longitude and latitude."""

    west: float
    south: float
    east: float
    north: float


class Street(NamedTuple):
    """A street's line; `main` are the wider ones."""

    main: bool
    line: Line


class Standing(NamedTuple):
    """A camera on the map; `coverage` is the ring of what it sees, None where that is not known."""

    camera: str
    place: LonLat
    coverage: Line | None


class Ground(NamedTuple):
    """What lies around a route."""

    streets: list[Street]
    cameras: list[Standing]


def around(connection: Connection, route: Route, box: Box) -> Ground:
    """Streets and cameras in `box`, cameras as they stood when the route began."""
    network = standing.current(connection)
    values = box._asdict()
    streets: list[Street] = []
    if network is not None:
        query = text(
            f"""
            SELECT kind = ANY(CAST(:main AS text[])) AS main, ST_AsGeoJSON(geom, 6) AS line
            FROM {edges_table(network.id)} WHERE geom && {_BOX}
            ORDER BY main DESC, metres DESC LIMIT :most
            """  # noqa: S608 - a number of our own
        )
        rows = connection.execute(query, {**values, "main": list(_MAIN), "most": MAX_STREETS})
        streets = [Street(main, _line(line)) for main, line in rows]
    asked = {**values, "at": route.stops[0].arrived, "most": MAX_CAMERAS}
    cameras = [
        Standing(camera, LonLat(lon=lon, lat=lat), None if cover is None else _ring(cover))
        for camera, lon, lat, cover in connection.execute(_CAMERAS, asked)
    ]
    return Ground(streets, cameras)


def _line(written: str) -> Line:
    return [(lon, lat) for lon, lat in json.loads(written)["coordinates"]]


def _ring(written: str) -> Line:
    return [(lon, lat) for lon, lat in json.loads(written)["coordinates"][0]]
