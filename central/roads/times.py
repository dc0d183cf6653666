"""Keeping `travel_times` at what the street network and the cameras' places say.

For each camera its row and its column, by one search of the graph each, when it is new, was moved
or the network is another. Nothing else is found anew.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

import numpy as np
import psycopg
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from central.db import locks
from central.roads import camera_streets, standing
from central.roads.alone import alone
from central.roads.camera_streets import Placed
from central.roads.drawn import Ints
from central.roads.graph import Graph, load
from central.roads.model import Floats, Mode
from central.roads.reading import Progress
from central.roads.splitting import split
from shared.errors import StorageError

LONGEST_S = {Mode.WALK: 1_800.0, Mode.DRIVE: 600.0}
"""Longer ways are not kept: 2.4 km on foot, 3 to 8 km by car. What lies farther apart is left to
the distance, which says enough of it."""

_CELLS = 8_000_000
"""Seconds held in memory at once."""
_FEWEST, _MOST = 1, 64

_CLEAR_ROWS = text("DELETE FROM travel_times WHERE mode = :mode AND from_camera = ANY(:cameras)")
_CLEAR_COLUMNS = text(
    "DELETE FROM travel_times WHERE mode = :mode AND to_camera = ANY(:cameras) "
    "AND from_camera <> ALL(:fresh)"
)
_OFF_THE_STREETS = text(
    """
    WITH off AS (
        UPDATE camera_streets SET timed = true
        WHERE network = :network AND mode = :mode AND edge IS NULL AND NOT timed
        RETURNING camera
    )
    DELETE FROM travel_times WHERE mode = :mode
        AND (from_camera IN (SELECT camera FROM off) OR to_camera IN (SELECT camera FROM off))
    """
)
_TIMED = text(
    "UPDATE camera_streets SET timed = true "
    "WHERE network = :network AND mode = :mode AND camera = ANY(:cameras)"
)
_COPY = "COPY travel_times (from_camera, to_camera, mode, seconds) FROM STDIN"


class Renewed(NamedTuple):
    """What a renewal did: for how many cameras streets and times were found anew."""

    snapped: int
    timed: int


class _Block(NamedTuple):
    """Seconds from (or to) each camera of `whose` to (or from) each of `others`."""

    whose: list[str]
    others: list[str]
    seconds: Floats
    back: bool


def renew(engine: Engine, progress: Progress) -> Renewed:
    """Bring streets and times of all cameras up to date; without a network nothing is done.

    What is there stays until it is replaced, a block of cameras at a time.

    Raises:
        ConflictError: another renewal is running.
        StorageError: the database refuses; what is done stays.
    """
    try:
        with alone(engine, locks.TRAVEL_TIMES, "a renewal of travel times"):
            return _renew(engine, progress)
    except psycopg.Error as error:
        raise StorageError(f"travel times cannot be kept: {error}") from error
    except DBAPIError as error:
        raise StorageError(f"travel times cannot be kept: {error.orig}") from error


def _renew(engine: Engine, progress: Progress) -> Renewed:
    with engine.connect() as connection:
        network = standing.current(connection)
    if network is None:
        return Renewed(0, 0)
    snapped = camera_streets.renew(engine, network.id)
    timed: set[str] = set()
    graph: Graph | None = None
    for mode in Mode:
        with engine.begin() as connection:
            connection.execute(_OFF_THE_STREETS, {"network": network.id, "mode": mode.value})
            cameras = camera_streets.placed(connection, network.id, mode)
            fresh = [each.camera for each in cameras if each.fresh]
            if fresh and graph is None:
                graph = load(connection, network.id)
        if fresh and graph is not None:
            _keep(engine, mode, _blocks(graph, mode, cameras), (fresh, progress))
            with engine.begin() as connection:
                done = {"network": network.id, "mode": mode.value, "cameras": fresh}
                connection.execute(_TIMED, done)
            timed.update(fresh)
    return Renewed(snapped, len(timed))


def _blocks(graph: Graph, mode: Mode, cameras: Sequence[Placed]) -> Iterator[_Block]:
    """Rows of the fresh cameras, then their columns for cameras that are not fresh."""
    pieces = split({number: each.snap for number, each in enumerate(cameras)})
    joined = graph.with_places(mode, pieces, len(cameras))
    first = len(graph.lon_lat)
    is_fresh = np.array([each.fresh for each in cameras])
    fresh, known = (first + np.flatnonzero(mask) for mask in (is_fresh, ~is_fresh))
    names = [each.camera for each in cameras]
    every = first + np.arange(len(cameras))
    asked: list[tuple[csr_array, Ints, bool]] = [(joined, every, False)]
    if len(known):
        asked.append((csr_array(joined.T), known, True))
    at_once = int(np.clip(_CELLS // joined.shape[0], _FEWEST, _MOST))
    for graph_there, others, back in asked:
        for start in range(0, len(fresh), at_once):
            whose = fresh[start : start + at_once]
            found = dijkstra(graph_there, indices=whose, limit=LONGEST_S[mode])[:, others]
            yield _Block(
                [names[each - first] for each in whose],
                [names[each - first] for each in others],
                np.asarray(found),
                back,
            )


def _keep(
    engine: Engine, mode: Mode, blocks: Iterator[_Block], told: tuple[list[str], Progress]
) -> None:
    fresh, progress = told
    done = 0
    for block in blocks:
        with engine.begin() as connection:
            values = {"mode": mode.value, "cameras": block.whose}
            if block.back:
                connection.execute(_CLEAR_COLUMNS, {**values, "fresh": fresh})
            else:
                connection.execute(_CLEAR_ROWS, values)
            raw = cast("psycopg.Connection[object]", connection.connection.driver_connection)
            with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
                for row in _rows(block, mode):
                    copy.write_row(row)
        if not block.back:
            done += len(block.whose)
            progress(f"times, {mode.value}", done, len(fresh))


def _rows(block: _Block, mode: Mode) -> Iterator[tuple[str, str, str, float]]:
    for row, column in zip(*np.nonzero(np.isfinite(block.seconds)), strict=True):
        ends = (block.whose[row], block.others[column])
        start, end = ends[::-1] if block.back else ends
        yield start, end, mode.value, round(float(block.seconds[row, column]), 1)
