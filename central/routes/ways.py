"""Ways between stops: on the street network, or straight lines in their place."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection

from central.roads.model import Mode, Trip, Way
from central.roads.ways import find
from central.routes.judging import plausible
from central.routes.lines import straight
from central.routes.model import Stop
from central.routes.route import Known
from central.routes.verdicts import Option
from central.search.reach import DETOUR, FASTEST_M_S
from central.values import LonLat
from shared.classes import ObjectClass

ALTERNATIVES = 3
"""How many ways are looked for on each leg."""

FEW_LEGS = 60
FAR_M = 5_000.0
"""...of a route with so many legs at most, and on legs that are no longer straight than that: of
the others the fastest, so that they are found in seconds. Who goes that far passes many cameras on
any way."""

_TOGETHER = 40
"""Trips looked for by one query: each brings a box that every street is compared with."""

USUAL_M_S = {Mode.WALK: 1.4, Mode.DRIVE: 8.0}
"""Metres a second where no street is known: a grown-up's walk, a car through a city's lights."""


class Pair(NamedTuple):
    """Two stops in a row, and the straight metres between them; None: a place is not known."""

    start: Stop
    end: Stop
    metres: float | None

    @property
    def shows(self) -> ObjectClass:
        """What travels; the faster where the two stops say different things."""
        both = (self.start.object_class, self.end.object_class)
        return max(both, key=lambda each: FASTEST_M_S[each])

    @property
    def places(self) -> tuple[LonLat, LonLat] | None:
        """Where from and where to, if both are known and not the same."""
        start, end = self.start.went, self.end.came
        return None if start is None or end is None or start == end else (start, end)


def ways_between(
    connection: Connection, pairs: Sequence[Pair], *, network: bool, k: int = ALTERNATIVES
) -> list[list[Known]]:
    """For each pair up to `k` ways of a mode, the fastest first; straight where there is no street.

    None where a place is not known. A query for some dozens of them.
    """
    found = _on_streets(connection, pairs, k) if network else [[] for _ in pairs]
    return [ways or _straight(pair) for pair, ways in zip(pairs, found, strict=True)]


def _on_streets(connection: Connection, pairs: Sequence[Pair], k: int) -> list[list[Known]]:
    """On foot for people, and by car where that is too slow, or for others."""
    few = len(pairs) <= FEW_LEGS
    most = [k if few and (pair.metres or 0.0) <= FAR_M else 1 for pair in pairs]
    walks = _asked(connection, [_trip(pair, Mode.WALK) for pair in pairs], most)
    by_car = [
        None if _walkable(pair, ways) else _trip(pair, Mode.DRIVE)
        for pair, ways in zip(pairs, walks, strict=True)
    ]
    drives = _asked(connection, by_car, most)
    return [[*walk, *drive] for walk, drive in zip(walks, drives, strict=True)]


def _trip(pair: Pair, mode: Mode) -> Trip | None:
    """The trip to be found; None where there is none, or nobody takes it in that way."""
    if pair.places is None or (mode is Mode.WALK and pair.shows is not ObjectClass.PERSON):
        return None
    return Trip(*pair.places, mode)


def _walkable(pair: Pair, walks: list[Known]) -> bool:
    """Whether the time suffices for one of the ways on foot, from camera to camera."""
    most = (pair.end.arrived - pair.start.left).total_seconds()
    options = [walk.option for walk in walks]
    return bool(plausible(options, 1.0, most))


def _asked(
    connection: Connection, trips: Sequence[Trip | None], most: Sequence[int]
) -> list[list[Known]]:
    """Up to so many ways of each trip; those that are the same are looked for once."""
    different: dict[int, dict[Trip, None]] = defaultdict(dict)
    for trip, k in zip(trips, most, strict=True):
        if trip is not None:
            different[k][trip] = None
    known: dict[Trip | None, list[Known]] = {None: []}
    for k, some in different.items():
        for begin in range(0, len(some), _TOGETHER):
            asked = list(some)[begin : begin + _TOGETHER]
            for trip, ways in zip(asked, find(connection, asked, k), strict=True):
                known[trip] = [_known(way) for way in ways]
    return [known[trip] for trip in trips]


def _known(way: Way) -> Known:
    return Known(Option(way.mode, way.metres, way.seconds), way.line, way.times_s)


def _straight(pair: Pair) -> list[Known]:
    """A straight line in place of a way, by each mode that may be."""
    start, end = pair.start.went, pair.end.came
    if start is None or end is None or pair.metres is None:
        return []
    modes = [Mode.WALK, Mode.DRIVE] if pair.shows is ObjectClass.PERSON else [Mode.DRIVE]
    return [_line(start, end, pair.metres, mode) for mode in modes]


def _line(start: LonLat, end: LonLat, metres: float, mode: Mode) -> Known:
    seconds = metres * DETOUR / USUAL_M_S[mode]
    option = Option(mode, metres, seconds, straight=True)
    return Known(option, straight(start, end), np.array([0.0, seconds]))
