"""Where one can be after some time: on the streets, else in a circle."""

import json
from typing import NamedTuple

from sqlalchemy import Connection, text

from central.roads.area import BUS_PACE, reachable
from central.roads.model import Area, Mode
from central.routes.next.model import Means, ReachableArea
from central.values import LonLat

LONGEST_S = 4 * 3600.0
"""After four hours somebody may be anywhere."""

STRAIGHT_M_S = {Means.WALK: 1.7, Means.CAR: 14.0, Means.BUS: 8.0}
"""As the crow flies, where no street is known: a brisk walk, a car, a bus, without red lights."""

_MODES = {Means.WALK: Mode.WALK, Means.CAR: Mode.DRIVE, Means.BUS: Mode.DRIVE}
_LEAST_M = 10.0

_CIRCLE = text(
    "SELECT ST_AsGeoJSON(ST_Buffer(ST_MakePoint(:lon, :lat)::geography, :metres, 16)::geometry, 6)"
)


class Asked(NamedTuple):
    """From where, how, how many minutes from now, and so many seconds after it was last seen."""

    start: LonLat
    means: Means
    minutes: int
    seconds: float


def area(connection: Connection, asked: Asked) -> ReachableArea:
    """The area, by streets where there are some."""
    seconds = max(asked.seconds, 0.0)
    found = ReachableArea(
        means=asked.means,
        minutes=asked.minutes,
        seconds=round(seconds, 1),
        straight=False,
        edges=None,
        geometry=None,
    )
    if seconds > LONGEST_S:
        return found
    streets = _on_streets(connection, asked)
    if streets is not None:
        return found.model_copy(update={"geometry": streets.geojson, "edges": streets.edges})
    metres = max(seconds * STRAIGHT_M_S[asked.means], _LEAST_M)
    values = {"lon": asked.start.lon, "lat": asked.start.lat, "metres": metres}
    circle = json.loads(connection.execute(_CIRCLE, values).scalar_one())
    return found.model_copy(update={"straight": True, "geometry": circle})


def _on_streets(connection: Connection, asked: Asked) -> Area | None:
    pace = BUS_PACE if asked.means is Means.BUS else 1.0
    return reachable(connection, asked.start, _MODES[asked.means], asked.seconds, pace)
