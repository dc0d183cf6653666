"""Boxes, what was refused from them, and what the centre holds in all."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Engine, func, literal, select, text

from central.db.tables import boxes, cameras, quarantine, sightings
from central.index.changes import read_cursor as read_index_cursor
from central.sightings.model import Box, Holdings, Quarantined
from central.values import Page, bad_cursor, cut_page, read_cursor

MAX_EXACT = 100_000
MAX_LAG = 10_000
_MAX_ID = (1 << 63) - 1
_HIDDEN = {"session", "newest_session", "previous_started_at", "epoch"}

_WAITING = text(
    "SELECT count(*) FROM (SELECT 1 FROM sightings s WHERE (s.change_xid, s.day, s.id) > "
    "(CAST(CAST(:xid AS text) AS xid8), :day, :id) LIMIT :limit) AS waiting"
)
_ESTIMATE = text(
    "SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class JOIN pg_inherits "
    "ON pg_class.oid = inhrelid WHERE inhparent = 'sightings'::regclass"
)
_EVICTED = text(
    "(SELECT coalesce(sum(upper(r) - lower(r)), 0)::bigint FROM outbox_ledger l, "
    "unnest(l.evicted - l.received) AS r WHERE l.box = boxes.box) AS evicted"
)


def all_boxes(engine: Engine) -> list[Box]:
    """Every box that was ever heard, by name."""
    shown = (column for column in boxes.c if column.name not in _HIDDEN)
    query = select(*shown, _EVICTED).order_by(boxes.c.box)
    with engine.connect() as connection:
        rows = connection.execute(query).mappings()
        return [Box.model_validate(dict(row)) for row in rows]


def refused(engine: Engine, box: str | None, limit: int, cursor: str | None) -> Page[Quarantined]:
    """What was refused, newest first.

    Raises:
        InputError: `cursor` is not one of ours.
    """
    size = func.octet_length(quarantine.c.payload).label("bytes")
    shown = (column for column in quarantine.c if column.name != "payload")
    query = select(*shown, size).order_by(quarantine.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(quarantine.c.id < _number(cursor))
    if box is not None:
        query = query.where(quarantine.c.box == box)
    with engine.connect() as connection:
        rows = connection.execute(query).mappings()
        found = [Quarantined.model_validate(dict(row)) for row in rows]
    return cut_page(found, limit, lambda payload: str(payload.id))


def holdings(engine: Engine, index_id: UUID) -> Holdings:
    """What is kept, and how far the index `index_id` is behind it."""
    with engine.connect() as connection:
        estimated, kept = _sightings(connection)
        return Holdings(
            cameras=_count(connection, cameras.c.id),
            cameras_unplaced=_count(connection, cameras.c.id, cameras.c.position.is_(None)),
            boxes=_count(connection, boxes.c.box),
            boxes_online=_count(connection, boxes.c.box, boxes.c.status == "online"),
            quarantined=_count(connection, quarantine.c.id),
            sightings=kept,
            sightings_estimated=estimated,
            indexed_lag=indexed_lag(connection, index_id),
            newest_sighting=connection.execute(
                select(sightings.c.first_seen)
                .order_by(sightings.c.day.desc(), sightings.c.id.desc())
                .limit(1)
            ).scalar(),
        )


def indexed_lag(connection: Connection, index_id: UUID) -> int:
    """Committed sightings that the index has not read yet, counted up to `MAX_LAG`."""
    reached = read_index_cursor(connection, index_id)
    values = {**reached._asdict(), "limit": MAX_LAG}
    waiting: int = connection.execute(_WAITING, values).scalar_one()
    return waiting


def _sightings(connection: Connection) -> tuple[bool, int]:
    some = select(literal(1)).select_from(sightings).limit(MAX_EXACT + 1).subquery()
    counted = connection.execute(select(func.count()).select_from(some)).scalar_one()
    if counted <= MAX_EXACT:
        return False, counted
    return True, max(counted, connection.execute(_ESTIMATE).scalar_one())


def _count(connection: Connection, column: ColumnElement[Any], *where: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count(column)).where(*where)).scalar_one()


def _number(cursor: str) -> int:
    key = read_cursor(cursor, 1)[0]
    if not (key.isascii() and key.isdigit() and int(key) <= _MAX_ID):
        raise bad_cursor()
    return int(key)
