"""Others at the target's stops, put together to those who were at several. No input or output.

One body is at a stop once, so a group has at most one sighting of each stop. By looks, pairs are
joined from the likeliest on while all across the two groups are more likely one than not on the
average: one good pair does not join two crowds.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LIKELY = 0.7
"""Pairs below are not looked at, as `central.search.bands.LIKELY`."""

_EVEN = 0.5
_MOST_PAIRS = 200_000


class Group(NamedTuple):
    """Rows of one body, a stop each; `likely` None: by plate."""

    rows: list[int]
    likely: float | None


def by_plate(plates: Sequence[str | None], stops: Ints, least: int) -> Iterator[Group]:
    """Rows with one plate at `least` stops or more; of one stop the first."""
    found: dict[str, dict[int, int]] = {}
    for row, plate in enumerate(plates):
        if plate is not None:
            found.setdefault(plate, {}).setdefault(int(stops[row]), row)
    for of_stops in found.values():
        if len(of_stops) >= least:
            yield Group([of_stops[stop] for stop in sorted(of_stops)], None)


def by_looks(same: Floats, stops: Ints, least: int) -> Iterator[Group]:
    """Rows joined by `same` (N, N), how probable each two are one, at `least` stops or more."""
    first, second = np.nonzero(np.triu(same >= LIKELY, 1) & (stops[:, None] != stops[None]))
    order = np.argsort(-same[first, second], kind="stable")[:_MOST_PAIRS]
    groups = {row: [row] for row in np.unique([first, second]).tolist()}
    for one, two in zip(first[order].tolist(), second[order].tolist(), strict=True):
        a, b = groups[one], groups[two]
        if a is b or set(stops[a]) & set(stops[b]) or same[np.ix_(a, b)].mean() < _EVEN:
            continue
        joined = [*a, *b]
        groups.update(dict.fromkeys(joined, joined))
    for group in {id(rows): rows for rows in groups.values()}.values():
        if len(group) >= least:
            rows = sorted(group, key=lambda row: int(stops[row]))
            yield Group(rows, _least_linked(same, rows))


def _least_linked(same: Floats, rows: list[int]) -> float:
    """How probable the link of the least likely one to its nearest is."""
    among = same[np.ix_(rows, rows)].copy()
    np.fill_diagonal(among, 0.0)
    return float(among.max(axis=1).min())
