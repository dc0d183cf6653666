"""The table of keys and what was answered to them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from central.db.tables import idempotency_keys
from central.errors import ConflictError, InputError
from shared.clock import to_datetime

KEPT = timedelta(days=1)
_BROKEN_OFF = timedelta(minutes=5)


class OtherBody(InputError):  # noqa: N818 - reads as the statement it is
    """A key was used for another request before."""


class InProgress(ConflictError):  # noqa: N818
    """The first request with a key is still at work."""


class KeyName(NamedTuple):
    """Keys of one caller and path are told apart, others need not know of each other."""

    caller: str
    path: str
    key: str


class Answer(NamedTuple):
    """What was answered."""

    status: int
    media_type: str | None
    headers: Mapping[str, str]
    body: bytes


def begin(engine: Engine, name: KeyName, fingerprint: bytes, now_ms: int) -> Answer | None:
    """What was answered before; None: this is the first, and its answer is owed to `end`.

    Of two that begin with one key only one is told None, so `now_ms` tells runs apart.

    Raises:
        OtherBody: the key belongs to a request with another fingerprint.
        InProgress: the first is still at work.
    """
    now = to_datetime(now_ms)
    with engine.begin() as connection:
        connection.execute(delete(idempotency_keys).where(_of(name), _is_over(now)))
        first = insert(idempotency_keys).values(
            **name._asdict(), fingerprint=fingerprint, created_at=now
        )
        # Whoever comes at the same moment waits here, and then finds the row.
        kept = connection.execute(
            first.on_conflict_do_nothing().returning(idempotency_keys.c.key)
        ).first()
        return None if kept is not None else _before(connection, name, fingerprint)


def end(engine: Engine, name: KeyName, began_ms: int, answer: Answer | None) -> None:
    """Keep what the request that began at `began_ms` was answered.

    None: nothing worth it, so it may come again. One that took so long that it counted as broken
    off keeps nothing: the row is of whoever began since.
    """
    mine = and_(_of(name), idempotency_keys.c.created_at == to_datetime(began_ms))
    with engine.begin() as connection:
        if answer is None:
            connection.execute(delete(idempotency_keys).where(mine))
        else:
            connection.execute(update(idempotency_keys).where(mine).values(**answer._asdict()))


def expire(engine: Engine, now: datetime) -> int:
    """Forget keys that were kept for long enough; gives how many."""
    gone = delete(idempotency_keys).where(idempotency_keys.c.created_at <= now - KEPT)
    with engine.begin() as connection:
        return len(connection.execute(gone.returning(idempotency_keys.c.key)).all())


def _before(connection: Connection, name: KeyName, fingerprint: bytes) -> Answer | None:
    row = connection.execute(select(idempotency_keys).where(_of(name))).first()
    if row is None:
        # The first failed between our two looks: it may be tried again.
        raise InProgress("a request with this Idempotency-Key has just failed; send it again")
    if bytes(row.fingerprint) != fingerprint:
        raise OtherBody(
            "this Idempotency-Key was used for another request; take a new key for each request"
        )
    if row.status is None:
        raise InProgress("a request with this Idempotency-Key is at work; ask again in a moment")
    return Answer(row.status, row.media_type, row.headers, bytes(row.body))


def _of(name: KeyName) -> ColumnElement[bool]:
    columns = idempotency_keys.c
    return and_(columns.caller == name.caller, columns.path == name.path, columns.key == name.key)


def _is_over(now: datetime) -> ColumnElement[bool]:
    """Old, or of a process that died before it answered."""
    columns = idempotency_keys.c
    broken = and_(columns.status.is_(None), columns.created_at <= now - _BROKEN_OFF)
    return (columns.created_at <= now - KEPT) | broken
