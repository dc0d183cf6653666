"""What happened on the watch list, in an order that can be followed by number.

Whoever changes the list, its alerts or its events takes turns (`take_turn`). So numbers are given
out in the order of commits, and who has read number N has not missed a lower one. A number may be
skipped, by a transaction that failed.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine, Row, func, select, text
from sqlalchemy.exc import DBAPIError

from central.db import locks
from central.db.tables import watch_cursor, watch_events
from central.watch.model import Alert, CloudEvent, EventKind, cloud_event
from central.watch.wake import EVENTS, notify
from shared.errors import StorageError

KEPT = timedelta(days=7)
PAGE = 200

# Any constant that no other lock has. Taking it gives a transaction no number of its own, so it
# holds nothing back.
_LOCK = text(f"SELECT pg_advisory_xact_lock({locks.WATCH_LIST})")
_ADD = text(
    "INSERT INTO watch_events (at, kind, target, data) "
    "SELECT :at, r.kind, r.target, r.data::jsonb FROM unnest(CAST(:kinds AS text[]), "
    "CAST(:targets AS uuid[]), CAST(:data AS text[])) WITH ORDINALITY AS r(kind, target, data, n) "
    "ORDER BY r.n RETURNING id, kind"
)
_DELIVER = text(
    "INSERT INTO watch_deliveries (webhook, event, made_at, next_at) "
    "SELECT w.id, e.id, :at, :at FROM watch_webhooks w, "
    "unnest(CAST(:ids AS bigint[]), CAST(:kinds AS text[])) AS e(id, kind) "
    "WHERE w.disabled IS NULL AND e.kind = ANY(w.events)"
)


class News(NamedTuple):
    """Something that happened, not yet numbered."""

    kind: EventKind
    alert: Alert


class Event(NamedTuple):
    """Something that happened. `text` is the CloudEvent as JSON."""

    id: int
    kind: str
    target: UUID
    text: str


def take_turn(connection: Connection) -> None:
    """Wait until nobody else changes the watch list; until this transaction ends."""
    connection.execute(_LOCK)


def list_changed(connection: Connection) -> None:
    """Have the list loaded anew. The transaction must have taken its turn."""
    connection.execute(watch_cursor.update().values(version=watch_cursor.c.version + 1))


def add(connection: Connection, news: Sequence[News], at: datetime) -> None:
    """Keep `news`, and a delivery for each webhook that wants it.

    The transaction must have taken its turn.
    """
    if not news:
        return
    values = {
        "at": at,
        "kinds": [one.kind.value for one in news],
        "targets": [one.alert.target for one in news],
        "data": [one.alert.model_dump_json() for one in news],
    }
    made = connection.execute(_ADD, values).all()
    given = {"at": at, "ids": [row.id for row in made], "kinds": [row.kind for row in made]}
    connection.execute(_DELIVER, given)
    notify(connection, EVENTS)


def after(engine: Engine, number: int, limit: int = PAGE) -> list[Event]:
    """The next events after `number`, in order.

    Raises:
        StorageError: the database is away.
    """
    query = select(watch_events).where(watch_events.c.id > number)
    try:
        with engine.connect() as connection:
            rows = connection.execute(query.order_by(watch_events.c.id).limit(limit)).all()
    except DBAPIError as error:
        raise StorageError(f"the database is away: {error.orig}") from error
    return [_event(row) for row in rows]


def newest(engine: Engine) -> int:
    """The number of the last event, 0 for none.

    Raises:
        StorageError: the database is away.
    """
    try:
        with engine.connect() as connection:
            return connection.execute(select(func.max(watch_events.c.id))).scalar_one() or 0
    except DBAPIError as error:
        raise StorageError(f"the database is away: {error.orig}") from error


def oldest(engine: Engine) -> int | None:
    """The number of the oldest event that is kept.

    Raises:
        StorageError: the database is away.
    """
    try:
        with engine.connect() as connection:
            found = connection.execute(select(func.min(watch_events.c.id)))
            number: int | None = found.scalar_one()
    except DBAPIError as error:
        raise StorageError(f"the database is away: {error.orig}") from error
    return number


def forget_before(connection: Connection, moment: datetime) -> None:
    """Drop the events from before `moment`, and their deliveries."""
    connection.execute(watch_events.delete().where(watch_events.c.at < moment))


def written(rows: Iterable[Row[Any]]) -> list[CloudEvent]:
    """Rows of events as CloudEvents."""
    return [cloud_event(row.id, row.kind, row.at, Alert.model_validate(row.data)) for row in rows]


def _event(row: Row[Any]) -> Event:
    (event,) = written([row])
    return Event(row.id, row.kind, row.target, event.model_dump_json())
