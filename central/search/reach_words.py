"""Why somebody can have been at a candidate's camera or not, in words.

By what decided: the street network's times where it has some of the two cameras, else the straight
line.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection

from central.cameras.views.stands import Stands
from central.roads import matrix
from central.roads.model import Mode
from central.roads.tags import WALK_M_S
from central.search.model import Minutes, ReachAnswer
from central.search.reach import (
    BY_CAR_M_S,
    ON_FOOT_M_S,
    VIEW_M,
    Reach,
    Span,
    minutes,
)
from central.search.stops import InView, stood

_MINUTE_S = 60
_SPEEDS = {Mode.WALK: ON_FOOT_M_S, Mode.DRIVE: BY_CAR_M_S}
_USUAL = {Mode.WALK: (WALK_M_S / ON_FOOT_M_S[1], WALK_M_S / ON_FOOT_M_S[0]), Mode.DRIVE: (0.8, 2.0)}
"""Of the network's time, at the least and the most usual. It drives at 0.8 of the limit, and knows
no traffic."""
_BY = {Mode.WALK: "on foot", Mode.DRIVE: "by car"}

Way = Mapping[Mode, float]
"""Seconds by the streets, of the modes that they are known of."""


class _Pair(NamedTuple):
    """A candidate's number, that of the stop which speaks most against it, and the way between."""

    row: int
    column: int
    cameras: tuple[str, str]


def in_words(
    connection: Connection,
    found: Reach,
    columns: Sequence[int],
    stops: Sequence[InView],
    others: Sequence[InView],
    stands: Stands,
) -> dict[int, ReachAnswer]:
    """What is said of the candidates `columns` (of `others`), by column; empty without stops.

    `found` is of all `stops` and `others`. One query for all of them.
    """
    if not stops or not columns:
        return {}
    here = stood(stands, stops).names
    there = stood(stands, [others[column] for column in columns]).names
    pairs = []
    for column, name in zip(columns, there, strict=True):
        row = _hardest(found, column)
        way = (here[row], name)
        forth = others[column].first_s >= stops[row].first_s
        pairs.append(_Pair(row, column, way if forth else way[::-1]))
    ways = matrix.of_pairs(connection, {each.cameras for each in pairs})
    return {
        each.column: _answer(found, each, stops[each.row], ways.get(each.cameras, {}))
        for each in pairs
    }


def _hardest(found: Reach, column: int) -> int:
    spare = found.gap_s[:, column] - np.nan_to_num(found.needed_s[:, column], nan=-1.0)
    return int(np.argmin(spare))


def _answer(found: Reach, pair: _Pair, stop: InView, way: Way) -> ReachAnswer:
    at = (pair.row, pair.column)
    metres, gap, needed = (float(each[at]) for each in (found.metres, found.gap_s, found.needed_s))
    possible, known = bool(found.possible[at]), bool(np.isfinite(metres))
    spans = {mode: _span(metres, mode, way) for mode in Mode} if known else {}
    # As the mask has it: without a time by car the straight line decides.
    by = min(way, key=way.__getitem__) if known and Mode.DRIVE in way else None
    foot, car = (spans.get(mode) for mode in (Mode.WALK, Mode.DRIVE))
    return ReachAnswer(
        possible=possible,
        sighting_id=stop.id,
        camera=stop.camera,
        distance_m=round(metres, 1) if known else None,
        available_s=round(gap, 1),
        streets_s=None if by is None else round(needed, 1),
        on_foot=foot and Minutes(**foot._asdict()),
        by_car=car and Minutes(**car._asdict()),
        text=_possible(metres, gap, spans) if possible else _impossible(metres, gap, needed, by),
    )


def _span(metres: float, mode: Mode, way: Way) -> Span:
    if mode not in way:
        return minutes(metres, _SPEEDS[mode])
    least, most = (way[mode] * part / _MINUTE_S for part in _USUAL[mode])
    least *= max(0.0, metres - VIEW_M) / max(metres, 1.0)
    return Span(int(least), max(1, int(np.ceil(most))))


def _possible(metres: float, gap_s: float, spans: Mapping[Mode, Span]) -> str:
    if not spans:
        return "a camera has no place on the map: nothing is known"
    within = f"{metres:.0f} m in {_lasting(gap_s)}"
    foot, car = spans[Mode.WALK], spans[Mode.DRIVE]
    if gap_s >= foot.least * _MINUTE_S:
        return f"{within}; {foot.least} to {foot.most} min on foot"
    usual = f"{car.least} to {car.most} min"
    if gap_s >= car.least * _MINUTE_S:
        return f"{within}; too fast on foot, {usual} by car"
    return f"{within}; too fast on foot, by car faster than the usual {usual}"


def _impossible(metres: float, gap_s: float, needed_s: float, by: Mode | None) -> str:
    gap, needed = _lasting(gap_s), _lasting(needed_s)
    if gap == needed:
        gap, needed = f"{gap_s:.0f} s", f"{needed_s:.0f} s"
    within = f"not possible: {metres:.0f} m in {gap}"
    if by is None:
        return f"{within}, a straight line takes {needed} at least"
    return f"{within}, the streets take {needed} {_BY[by]} at least"


def _lasting(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 2 * _MINUTE_S else f"{seconds / _MINUTE_S:.0f} min"
