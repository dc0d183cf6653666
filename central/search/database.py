"""Comparing vectors in the database itself: exact, in bounded memory, and slow.

About a million sightings in five seconds on one core; the index takes a thirtieth of a second.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Engine, Select, func, literal_column, or_, select

from central.db.tables import sightings
from central.index.changes import Cursor
from central.index.port import UNDATED, IndexHit, IndexQuery, best, hit
from central.search.patience import stopwatch
from central.sightings.repository import Window, day_of_id
from shared.clock import to_datetime
from shared.vectors import normalised

_BLOCK = 20_000
Rows = list[tuple[UUID, bytes]]
Conditions = Sequence[ColumnElement[bool]]


def compare(engine: Engine, query: IndexQuery, conditions: Conditions = ()) -> list[IndexHit]:
    """The `query.limit` best in scope of `query` that meet all `conditions`, best first."""
    unit = normalised(query.vector)
    hits: list[IndexHit] = []
    statement = vectors_in(query.space, unit.size).where(*in_scope(query), *conditions)
    for rows in blocks(engine, statement):
        scores = cosines(rows, unit[:, np.newaxis])[:, 0]
        least = np.partition(scores, -query.limit)[-query.limit] if len(rows) > query.limit else -2
        near = np.flatnonzero(scores >= least).tolist()
        hits = best([*hits, *(hit(rows[row][0], float(scores[row])) for row in near)], query.limit)
    return hits


def vectors_in(space: str, size: int) -> Select[Any]:
    """Ids and vectors of all sightings of `space` whose vectors have `size` values."""
    return select(sightings.c.id, sightings.c.vector).where(
        sightings.c.space == space, func.octet_length(sightings.c.vector) == size
    )


def blocks(engine: Engine, statement: Select[Any]) -> Iterator[Rows]:
    """The rows of `statement` through a server-side cursor, some at a time.

    Raises:
        SearchTooLong: `engine` is limited, and it took longer.
    """
    with engine.connect() as connection:
        check = stopwatch(connection)
        streamed = connection.execution_options(stream_results=True, max_row_buffer=_BLOCK)
        with streamed.execute(statement) as result:
            for rows in result.partitions(_BLOCK):
                check()
                yield [(row[0], row[1]) for row in rows]


def cosines(rows: Rows, units: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosines of the N vectors of `rows` with the Q columns of `units` (D, Q), shape (N, Q)."""
    joined = b"".join(vector for _, vector in rows)
    values = np.frombuffer(joined, np.int8).reshape(len(rows), -1).astype(np.float32)
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    # One that is all zeros is like nothing.
    scores = values @ units / np.where(norms > 0, norms, 1)
    return np.where(norms > 0, scores, np.float32(-2)).astype(np.float32)


def in_scope(query: IndexQuery) -> list[ColumnElement[bool]]:
    """What `query` asks besides its space and vector, for a WHERE."""
    start = None if query.from_ms is None else to_datetime(query.from_ms)
    end = None if query.to_ms is None else to_datetime(query.to_ms)
    found = Window(start, end).conditions()
    if query.cameras is not None:
        found.append(sightings.c.camera == func.any(sorted(query.cameras)))
    if query.object_class is not None:
        found.append(sightings.c.object_class == query.object_class)
    if query.exclude:
        found.append(sightings.c.id != func.all(sorted(query.exclude)))
    return found


def after_cursor(cursor: Cursor) -> ColumnElement[bool]:
    """Changed after `cursor`: not in the index that has it."""
    return literal_column(
        "(sightings.change_xid, sightings.day, sightings.id) > "
        f"('{int(cursor.xid)}'::xid8, '{cursor.day.isoformat()}'::date, '{cursor.id}'::uuid)"
    )


def of_days(days: Collection[date]) -> ColumnElement[bool]:
    """Of one of the index's parts `days`."""
    dated = sorted(day for day in days if day != UNDATED)
    found = sightings.c.day == func.any(dated)
    if UNDATED not in days:
        return found
    return or_(found, literal_column("sightings.tableoid = 'sightings_default'::regclass"))


def matching(
    connection: Connection, identifiers: Collection[UUID], conditions: Conditions
) -> set[UUID]:
    """Those of `identifiers` that meet all `conditions`."""
    days = {day_of_id(identifier) for identifier in identifiers}
    statement = select(sightings.c.id).where(
        sightings.c.day == func.any(sorted(day for day in days if day is not None)),
        sightings.c.id == func.any(list(identifiers)),
        *conditions,
    )
    return set(connection.execute(statement).scalars())
