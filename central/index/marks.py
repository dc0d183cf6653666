"""What the database remembers of an index, besides how far it has read.

Days that lack points are noted before they are emptied, so that whoever searches the index, in
whatever process and after whatever crash, asks the database for them. Days that were compared with
the database and have not changed since need not be counted again.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from central.db.partitions import DEFAULT, partition_name
from central.db.tables import index_lacking, index_verified
from central.index.changes import Cursor
from central.index.port import UNDATED


def lacking_days(connection: Connection, index_id: UUID) -> frozenset[date]:
    """Days of which the index may have fewer points than it had."""
    query = select(index_lacking.c.day).where(index_lacking.c.index_id == index_id)
    return frozenset(connection.execute(query).scalars())


def note_lacking(connection: Connection, index_id: UUID, day: date) -> None:
    """From now on the index lacks points of `day`."""
    row = insert(index_lacking).values(index_id=index_id, day=day)
    connection.execute(row.on_conflict_do_nothing())
    note_changed(connection, index_id, [day])


def note_whole(connection: Connection, index_id: UUID, day: date, points: int) -> None:
    """The index has all of `day`, which is at least `points`."""
    connection.execute(
        delete(index_lacking).where(
            index_lacking.c.index_id == index_id, index_lacking.c.day == day
        )
    )
    row = insert(index_verified).values(index_id=index_id, day=day, points=points)
    key = [index_verified.c.index_id, index_verified.c.day]
    connection.execute(row.on_conflict_do_update(index_elements=key, set_={"points": points}))


def note_changed(connection: Connection, index_id: UUID, days: Iterable[date]) -> None:
    """What was compared of `days` says nothing any more."""
    connection.execute(
        delete(index_verified).where(
            index_verified.c.index_id == index_id, index_verified.c.day.in_(sorted(days))
        )
    )


def forget_days(connection: Connection, index_id: UUID, kept: Iterable[date]) -> None:
    """Nothing is to be remembered of days that are not among `kept`."""
    days = sorted(kept)
    for table in (index_lacking, index_verified):
        connection.execute(
            delete(table).where(table.c.index_id == index_id, table.c.day.not_in(days))
        )


def verified_days(connection: Connection, index_id: UUID) -> dict[date, int]:
    """How many points the index had at least of each day that was compared."""
    query = select(index_verified.c.day, index_verified.c.points)
    found = connection.execute(query.where(index_verified.c.index_id == index_id))
    return {row.day: row.points for row in found}


def expected_points(connection: Connection, day: date, cursor: Cursor) -> int:
    """How many points the part `day` of an index at `cursor` must have at least.

    Of the day's own table, so that an index of it alone answers.
    """
    table = DEFAULT if day == UNDATED else partition_name(day)
    query = text(
        f"SELECT count(*) FROM {table} "  # noqa: S608 - a name of ours
        "WHERE (change_xid, day, id) <= (CAST(CAST(:xid AS text) AS xid8), :day, :id)"
    )
    points: int = connection.execute(query, cursor._asdict()).scalar_one()
    return points
