"""The sightings that are to be compared: committed changes, in an order nothing can slip by.

As `central.index.changes`, whose reasons hold here: a change is read once no transaction that
began before it still runs. So one that writes for long delays every alert by as long.
"""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from central.index.changes import Cursor
from central.sightings.times import correction

_CURSOR = text(
    "SELECT version, xid::text, day, id, "
    # A number this database has not reached is another's: it was restored from a dump.
    "xid > pg_snapshot_xmax(pg_current_snapshot()) AS foreign_xid FROM watch_cursor"
)
_VERSION = text("SELECT version FROM watch_cursor")
_MOVE = text("UPDATE watch_cursor SET xid = CAST(CAST(:xid AS text) AS xid8), day = :day, id = :id")
_END = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
_CHANGES = text(
    "SELECT s.change_xid::text AS xid, s.day, s.id, s.revision, s.camera, s.object_class, "
    "s.first_seen, s.last_seen, s.space, s.vector, s.vector_scale, s.attributes, s.plate, "
    "s.clock_offset_ms FROM sightings s "
    "WHERE s.change_xid < pg_snapshot_xmin(pg_current_snapshot()) "
    "AND (s.change_xid, s.day, s.id) > (CAST(CAST(:xid AS text) AS xid8), :day, :id) "
    "ORDER BY s.change_xid, s.day, s.id LIMIT :limit"
)


class Place(NamedTuple):
    """How far the sightings were compared, and the version of the list."""

    cursor: Cursor
    version: int


class Seen(NamedTuple):
    """A sighting as it is compared. `vector` is int8 times `vector_scale`."""

    xid: str
    day: Any
    id: UUID
    revision: int
    camera: str
    object_class: str
    first_seen: datetime
    last_seen: datetime
    space: str
    vector: bytes
    vector_scale: float
    attributes: dict[str, dict[str, Any]]
    plate: str | None
    clock_offset_ms: float | None

    def ended(self) -> datetime:
        """When it was over, by the centre's clock."""
        return self.last_seen + correction(self.clock_offset_ms)


def read_place(connection: Connection) -> Place:
    """How far the watch list is; where its number is not ours, it goes on from now.

    The transaction must have taken its turn.
    """
    row = connection.execute(_CURSOR).one()
    cursor = Cursor(row.xid, row.day, row.id)
    if row.foreign_xid:
        # Kept, or the end would move on ahead of every sighting that comes.
        cursor = end(connection)
        move(connection, cursor)
    return Place(cursor, row.version)


def read_version(connection: Connection) -> int:
    """The version of the list."""
    version: int = connection.execute(_VERSION).scalar_one()
    return version


def end(connection: Connection) -> Cursor:
    """After all that can be read now."""
    return Cursor(connection.execute(_END).scalar_one())


def move(connection: Connection, cursor: Cursor) -> None:
    """Remember how far the watch list is."""
    connection.execute(_MOVE, cursor._asdict())


def seen_after(connection: Connection, cursor: Cursor, limit: int) -> list[Seen]:
    """The next `limit` committed changes."""
    rows = connection.execute(_CHANGES, {**cursor._asdict(), "limit": limit})
    return [Seen(*row) for row in rows]
