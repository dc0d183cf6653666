"""Where the one looked for was, against where the candidates were: the reach mask."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy import Connection

from central.cameras.views.stands import Stand, Stands, of_cameras
from central.roads import matrix
from central.search.reach import (
    CLOCK_S,
    VIEW_M,
    Floats,
    Places,
    Reach,
    reach,
)
from shared.classes import ObjectClass


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
    """What is known between cameras: how they stood, and seconds by the fastest mode.

    Someone on foot may take a car, so a time on foot alone says nothing of the fastest. Times are
    of where cameras stand today.
    """

    stands: Stands
    seconds: Seconds


class Stood(NamedTuple):
    """How the cameras of N rows stood when they saw what they saw.

    `names`: the camera's, and one that no camera has where it was moved since: what is known
    between cameras by their names is not of where it stood then. `lon_lat` (N, 2) in degrees, NaN
    where it was not placed; `view_m` (N,) how far from there somebody may have been.
    """

    names: list[str]
    lon_lat: Floats
    view_m: Floats


def roads(connection: Connection, stops: Sequence[InView], others: Sequence[InView]) -> Roads:
    """Where all their cameras stood, and travel times between them where there are some."""
    names = tuple(sorted({each.camera for each in (*stops, *others)}))
    ends = tuple(sorted({each.camera for each in stops}))
    told: Seconds = {}
    for starts, to in dict.fromkeys(((ends, names), (names, ends))):
        told |= _told(starts, to, matrix.seconds(connection, starts, to).fastest)
    return Roads(of_cameras(connection, names), told)


def stood(stands: Stands, rows: Sequence[InView]) -> Stood:
    """How the cameras of `rows` stood."""
    known: dict[str, _Standing] = {}
    found = []
    for each in rows:
        here = known.get(each.camera)
        if here is None:
            here = _standing(stands, each)
            if stands.never_moved(each.camera):
                known[each.camera] = here
        found.append(here)
    lon_lat = np.array([here.lon_lat for here in found], dtype=np.float64).reshape(-1, 2)
    return Stood([here.name for here in found], lon_lat, np.array([here.view_m for here in found]))


class _Standing(NamedTuple):
    name: str
    lon_lat: tuple[float, float]
    view_m: float


def _standing(stands: Stands, seen: InView) -> _Standing:
    stand = stands.at(seen.camera, (seen.first_s + seen.last_s) / 2)
    still = stand is None or stands.stands_there_now(seen.camera, stand)
    name = seen.camera if still else f"{seen.camera}@{stand and stand.from_s}"
    return _Standing(name, (stand and stand.lon_lat) or _NOWHERE, seen_m(stand))


def seen_m(stand: Stand | None) -> float:
    """How far from a camera that stood so somebody may have been."""
    return max(VIEW_M, (stand and stand.far_m) or 0.0)


_NOWHERE = (np.nan, np.nan)


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
    here, there = stood(known.stands, stops), stood(known.stands, others)
    if known.seconds:
        for row, stop in enumerate(stops):
            for column, other in enumerate(others):
                # The way there, or back where the candidate was first.
                way = (here.names[row], there.names[column])
                way = way if other.first_s >= stop.first_s else way[::-1]
                network[row, column] = known.seconds.get(way, np.nan)
    return reach(places_of(stops, here), places_of(others, there), shows, network)


def places_of(rows: Sequence[InView], cameras: Stood) -> Places:
    """`rows` as reach has them."""
    return Places(
        cameras.lon_lat,
        np.array([each.first_s for each in rows]),
        np.array([each.last_s for each in rows]),
        np.array([each.clock_s for each in rows]),
        cameras.view_m,
    )
