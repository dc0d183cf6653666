"""How long it takes from camera to camera, as the table `travel_times` has it."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select, text

from central.db.tables import travel_times
from central.roads.model import Mode

_OF_PAIRS = text(
    """
    SELECT told.from_camera, told.to_camera, told.mode, told.seconds
    FROM unnest(CAST(:starts AS text[]), CAST(:ends AS text[])) AS asked (start, stop)
    JOIN travel_times AS told ON told.from_camera = asked.start AND told.to_camera = asked.stop
    """
)


def seconds(
    connection: Connection, starts: Sequence[str], ends: Sequence[str], mode: Mode
) -> NDArray[np.float64]:
    """Seconds from each camera of `starts` to each of `ends`, (S, N).

    From the street beside the one to the street beside the other. NaN where nothing is known: no
    network, a camera that is not placed or near no street, no way, or one longer than
    `central.roads.times` keeps.
    """
    table = travel_times.c
    # Aggregated: thousands of rows are slower to fetch than three arrays.
    each = (table.from_camera, table.to_camera, table.seconds)
    query = select(*map(func.array_agg, each)).where(
        table.from_camera == func.any(list(set(starts))),
        table.to_camera == func.any(list(set(ends))),
        table.mode == mode.value,
    )
    rows = {name: number for number, name in enumerate(dict.fromkeys(starts))}
    columns = {name: number for number, name in enumerate(dict.fromkeys(ends))}
    found = np.full((len(rows), len(columns)), np.nan)
    here, there, taken = connection.execute(query).one()
    if taken is not None:
        found[[rows[name] for name in here], [columns[name] for name in there]] = taken
    at = np.ix_([rows[name] for name in starts], [columns[name] for name in ends])
    return np.asarray(found[at])


def fastest(
    connection: Connection, starts: Sequence[str], ends: Sequence[str]
) -> NDArray[np.float64]:
    """Seconds by the fastest way there is, on foot or by car, (S, N).

    NaN where the time by car is not known: someone on foot may take one, so a time on foot alone
    says nothing of the fastest.
    """
    drive = seconds(connection, starts, ends, Mode.DRIVE)
    walk = seconds(connection, starts, ends, Mode.WALK)
    return np.where(np.isnan(drive), np.nan, np.fmin(drive, walk))


def of_pairs(
    connection: Connection, pairs: Collection[tuple[str, str]]
) -> dict[tuple[str, str], dict[Mode, float]]:
    """Seconds from the first camera of each pair to its second, by mode; as known as `seconds`.

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
