"""Where the one looked for was, against where the candidates were: the reach mask and its words."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from geoalchemy2 import Geometry
from sqlalchemy import Connection, cast, func, select

from central.db.tables import cameras
from central.roads import matrix
from central.search.model import Minutes, ReachAnswer
from central.search.reach import (
    BY_CAR_M_S,
    CLOCK_S,
    ON_FOOT_M_S,
    Floats,
    Places,
    Reach,
    minutes,
    reach,
)
from shared.classes import ObjectClass

_POINT = cast(cameras.c.position, Geometry("POINT", srid=4326))
_MINUTE_S = 60


class InView(NamedTuple):
    """Where a sighting was, and when: seconds since the epoch, by the centre's clock.

    `clock_s` is how far they may be off.
    """

    id: UUID
    camera: str
    first_s: float
    last_s: float
    clock_s: float = CLOCK_S


Seconds = dict[tuple[str, str], float]
"""From which camera to which."""


class Roads(NamedTuple):
    """What is known between cameras: their places, and seconds by the fastest mode.

    Someone on foot may take a car, so a time on foot alone says nothing of the fastest.
    """

    places: dict[str, tuple[float, float]]
    seconds: Seconds


def roads(connection: Connection, stops: Sequence[InView], others: Sequence[InView]) -> Roads:
    """The places of all their cameras, and travel times between them where there are some."""
    names = sorted({each.camera for each in (*stops, *others)})
    query = select(cameras.c.id, func.ST_X(_POINT), func.ST_Y(_POINT))
    query = query.where(cameras.c.id == func.any(names), cameras.c.position.is_not(None))
    places = {name: (lon, lat) for name, lon, lat in connection.execute(query)}
    ends = sorted({each.camera for each in stops})
    told: Seconds = {}
    for starts, to in ((ends, names), (names, ends)):
        told |= _told(starts, to, matrix.fastest(connection, starts, to))
    return Roads(places, told)


def _told(starts: Sequence[str], ends: Sequence[str], seconds: Floats) -> Seconds:
    return {
        (starts[row], ends[column]): float(seconds[row, column])
        for row, column in zip(*np.nonzero(np.isfinite(seconds)), strict=True)
    }


def reached(
    stops: Sequence[InView], others: Sequence[InView], known: Roads, shows: ObjectClass
) -> Reach:
    """From each of `stops` to each of `others`."""
    network: Floats = np.full((len(stops), len(others)), np.nan)
    if known.seconds:
        for row, stop in enumerate(stops):
            for column, other in enumerate(others):
                # The way there, or back where the candidate was first.
                way = (stop.camera, other.camera)
                way = way if other.first_s >= stop.first_s else way[::-1]
                network[row, column] = known.seconds.get(way, np.nan)
    return reach(_places(stops, known), _places(others, known), shows, network)


def in_words(found: Reach, column: int, stops: Sequence[InView]) -> ReachAnswer:
    """What the stop that speaks most against candidate `column` says of it."""
    spare = found.gap_s[:, column] - np.nan_to_num(found.needed_s[:, column], nan=-1.0)
    row = int(np.argmin(spare))
    stop, metres = stops[row], float(found.metres[row, column])
    gap, known = float(found.gap_s[row, column]), bool(np.isfinite(metres))
    foot, car = ((minutes(metres, speeds) if known else None) for speeds in _SPEEDS)
    possible = bool(found.possible[row, column])
    return ReachAnswer(
        possible=possible,
        sighting_id=stop.id,
        camera=stop.camera,
        distance_m=round(metres, 1) if known else None,
        available_s=round(gap, 1),
        on_foot=foot and Minutes(**foot._asdict()),
        by_car=car and Minutes(**car._asdict()),
        text=_text(possible, metres, gap),
    )


_SPEEDS = (ON_FOOT_M_S, BY_CAR_M_S)


def _text(possible: bool, metres: float, gap_s: float) -> str:  # noqa: FBT001 - the first word
    if not np.isfinite(metres):
        return "a camera has no place on the map: nothing is known"
    within = f"{metres:.0f} m in {_lasting(gap_s)}"
    if not possible:
        return f"not possible: {within}"
    foot, car = (minutes(metres, speeds) for speeds in _SPEEDS)
    if gap_s >= foot.least * _MINUTE_S:
        return f"{within}; {foot.least} to {foot.most} min on foot"
    return f"{within}; too fast on foot, {car.least} to {car.most} min by car"


def _lasting(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 2 * _MINUTE_S else f"{seconds / _MINUTE_S:.0f} min"


def _places(rows: Sequence[InView], known: Roads) -> Places:
    nowhere = (np.nan, np.nan)
    return Places(
        np.array([known.places.get(each.camera, nowhere) for each in rows]).reshape(-1, 2),
        np.array([each.first_s for each in rows]),
        np.array([each.last_s for each in rows]),
        np.array([each.clock_s for each in rows]),
    )
