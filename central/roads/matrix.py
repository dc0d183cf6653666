"""How long it takes from camera to camera, as the table `travel_times` has it."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from central.roads.model import Mode

_OF_PAIRS = text(
    """
    SELECT told.from_camera, told.to_camera, told.mode, told.seconds
    FROM unnest(CAST(:starts AS text[]), CAST(:ends AS text[])) AS asked (start, stop)
    JOIN travel_times AS told ON told.from_camera = asked.start AND told.to_camera = asked.stop
    """
)


# Aggregated: thousands of rows are slower to fetch than three arrays.
_BETWEEN = text(
    """
    SELECT mode, array_agg(from_camera) AS starts, array_agg(to_camera) AS ends,
        array_agg(seconds) AS seconds
    FROM travel_times
    WHERE from_camera = ANY(CAST(:starts AS text[])) AND to_camera = ANY(CAST(:ends AS text[]))
    GROUP BY mode
    """
)


class Seconds(NamedTuple):
    """Seconds from each of S cameras to each of N, (S, N) each.

    From the street beside the one to the street beside the other. NaN where nothing is known: no
    network, a camera that is not placed or near no street, no way, or one longer than
    `central.roads.times` keeps.
    """

    walk: NDArray[np.float64]
    drive: NDArray[np.float64]

    @property
    def fastest(self) -> NDArray[np.float64]:
        """By the fastest way there is, on foot or by car.

        NaN where the time by car is not known: someone on foot may take one, so a time on foot
        alone says nothing of the fastest.
        """
        return np.where(np.isnan(self.drive), np.nan, np.fmin(self.drive, self.walk))


def seconds(connection: Connection, starts: Sequence[str], ends: Sequence[str]) -> Seconds:
    """Seconds from each camera of `starts` to each of `ends`, in one query."""
    rows = {name: number for number, name in enumerate(dict.fromkeys(starts))}
    columns = {name: number for number, name in enumerate(dict.fromkeys(ends))}
    found = {mode: np.full((len(rows), len(columns)), np.nan) for mode in Mode}
    if rows and columns:
        asked = {"starts": list(rows), "ends": list(columns)}
        for mode, here, there, taken in connection.execute(_BETWEEN, asked):
            at = [rows[name] for name in here], [columns[name] for name in there]
            found[Mode(mode)][at] = taken
    at_all = np.ix_([rows[name] for name in starts], [columns[name] for name in ends])
    return Seconds(found[Mode.WALK][at_all], found[Mode.DRIVE][at_all])


def of_pairs(
    connection: Connection, pairs: Collection[tuple[str, str]]
) -> dict[tuple[str, str], dict[Mode, float]]:
    """Seconds from the first camera of each pair to its second, by mode; as known as `Seconds`.

    Pairs of which nothing is known are missing.
    """
    if not pairs:
        return {}
    starts, ends = zip(*pairs, strict=True)
    found: dict[tuple[str, str], dict[Mode, float]] = {}
    asked = {"starts": list(starts), "ends": list(ends)}
    for start, end, mode, taken in connection.execute(_OF_PAIRS, asked):
        found.setdefault((start, end), {})[Mode(mode)] = float(taken)
    return found
