"""What the follower reads from the database: committed changes, in an order nothing can slip by.

Every change of a sighting carries its transaction's number. Numbers are given out before commit,
so a lower one may commit later than a higher one; but below `pg_snapshot_xmin` nothing is running
any more, and what is visible there is all there will ever be.
"""

from collections.abc import Generator, Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

import numpy as np
import structlog
from sqlalchemy import Connection, Row, text

from central.index.port import UNDATED, IndexPoint
from shared.clock import to_ms

_COLUMNS = """
    s.change_xid::text AS xid, s.day, s.id, s.space, s.camera, s.object_class, s.first_seen,
    s.last_seen, s.vector,
    s.tableoid = 'sightings_default'::regclass AS undated
"""
_CHANGES = text(
    f"SELECT {_COLUMNS} FROM sightings s "  # noqa: S608 - constants
    "WHERE s.change_xid < pg_snapshot_xmin(pg_current_snapshot()) "
    "AND (s.change_xid, s.day, s.id) > (CAST(CAST(:xid AS text) AS xid8), :day, :id) "
    "ORDER BY s.change_xid, s.day, s.id LIMIT :limit"
)
_PART = text(
    f"SELECT {_COLUMNS} FROM sightings s "  # noqa: S608 - constants
    "WHERE s.day = :day AND s.tableoid <> 'sightings_default'::regclass"
)
_UNDATED_PART = text(f"SELECT {_COLUMNS} FROM sightings_default s")  # noqa: S608 - constants
_READ_CURSOR = text(
    "SELECT xid::text, day, id FROM index_cursor WHERE index_id = :index_id "
    # A number that this database has not reached is from another: it was restored from a dump.
    "AND xid < pg_snapshot_xmax(pg_current_snapshot())"
)
_WRITE_CURSOR = text(
    "INSERT INTO index_cursor (index_id, xid, day, id, updated_at) "
    "VALUES (:index_id, CAST(CAST(:xid AS text) AS xid8), :day, :id, now()) "
    "ON CONFLICT (index_id) DO UPDATE "
    "SET xid = excluded.xid, day = excluded.day, id = excluded.id, updated_at = now()"
)
_ADOPT = text(
    "UPDATE sightings SET change_xid = pg_current_xact_id() "
    "WHERE change_xid >= pg_snapshot_xmax(pg_current_snapshot())"
)
_OLDEST_RUNNING = text("SELECT (pg_snapshot_xmin(pg_current_snapshot()))::text")
_DAYS = text(
    "SELECT to_date(right(c.relname, 8), 'YYYYMMDD') FROM pg_inherits i "
    "JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = 'sightings'::regclass AND c.relname ~ '_[0-9]{8}$'"
)

_log = structlog.get_logger(__name__)


class Cursor(NamedTuple):
    """How far an index has followed: the last change it has."""

    xid: str = "0"
    day: date = date.min
    id: UUID = UUID(int=0)


class Changes(NamedTuple):
    """Some changes, and the cursor after them."""

    points: list[IndexPoint]
    rows: int
    cursor: Cursor


def read_cursor(connection: Connection, index_id: UUID) -> Cursor:
    """How far the index `index_id` is; the beginning for one the database does not know."""
    row = connection.execute(_READ_CURSOR, {"index_id": index_id}).one_or_none()
    return Cursor() if row is None else Cursor(*row)


def write_cursor(connection: Connection, index_id: UUID, cursor: Cursor) -> None:
    """Remember how far the index is."""
    connection.execute(_WRITE_CURSOR, {"index_id": index_id, **cursor._asdict()})


def adopt_restored_rows(connection: Connection) -> None:
    """Give rows whose transaction numbers are another database's (a restored dump) our own."""
    connection.execute(_ADOPT)


def changes_after(connection: Connection, cursor: Cursor, limit: int) -> Changes:
    """The next `limit` committed changes."""
    rows = connection.execute(_CHANGES, {**cursor._asdict(), "limit": limit}).all()
    after = Cursor(rows[-1].xid, rows[-1].day, rows[-1].id) if rows else cursor
    return Changes(to_points(rows), len(rows), after)


def part_rows(
    connection: Connection, part: date, size: int
) -> Generator[list[IndexPoint], None, None]:
    """All sightings of the index's part `part`, `size` at a time, through a server-side cursor."""
    statement, values = (_UNDATED_PART, {}) if part == UNDATED else (_PART, {"day": part})
    streamed = connection.execution_options(stream_results=True, max_row_buffer=size)
    with streamed.execute(statement, values) as result:
        for rows in result.partitions(size):
            yield to_points(rows)


def cursor_now(connection: Connection) -> Cursor:
    """The cursor of an index that has everything this connection's snapshot surely shows.

    What was running when it was taken comes after it.
    """
    oldest: str = connection.execute(_OLDEST_RUNNING).scalar_one()
    return Cursor(str(int(oldest) - 1), date.max, UUID(int=(1 << 128) - 1))


def partition_days(connection: Connection) -> set[date]:
    """The days that have a table of their own."""
    return set(connection.execute(_DAYS).scalars())


def to_points(rows: Iterable[Row[tuple[object, ...]]]) -> list[IndexPoint]:
    """Rows as the index takes them; one whose vector is damaged is logged and left out."""
    points = []
    for row in rows:
        vector = np.frombuffer(row.vector, np.int8)
        if not vector.any():
            _log.error("a sighting cannot be searched: its vector has no length", id=str(row.id))
            continue
        points.append(
            IndexPoint(
                id=row.id,
                day=UNDATED if row.undated else row.day,
                space=row.space,
                camera=row.camera,
                object_class=row.object_class,
                first_seen_ms=to_ms(row.first_seen),
                last_seen_ms=to_ms(row.last_seen),
                vector=vector,
            )
        )
    return points
