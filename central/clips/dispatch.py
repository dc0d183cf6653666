"""Asks boxes for what is wanted of them until they say something, and hears what they say."""

import threading
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Engine, RowMapping, and_, func, or_, select
from sqlalchemy.exc import DBAPIError

from central.clips.model import State
from central.clips.orders import make_order
from central.clips.store import ClipStore, Place
from central.db.tables import boxes, clips
from central.ingest.consumer import Consumer
from central.ingest.received import Received
from central.services import PartHealth
from shared.clock import Clock, to_datetime
from shared.errors import WireError
from shared.messages import Reply, decode, encode
from shared.topics import command

_AT_ONCE = 64
_LINGER_S = 0.0
# A command may be lost with its connection, an upload with the agent that makes it.
_ASK_AGAIN = timedelta(seconds=30)
_STALLED = timedelta(minutes=10)
_OPEN = (State.ASKED.value, State.UPLOADING.value)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class DispatchParts:
    """What it works with.

    `upload_url` is where boxes reach this centre, without a slash at the end; `patience` how long
    a box may say nothing before its clip is given up.
    """

    engine: Engine
    store: ClipStore
    consumer: Consumer
    clock: Clock
    upload_url: str
    max_bytes: int
    patience: timedelta


class Dispatch:
    """The loop. Commands go to boxes that are online; the others are asked when they are back."""

    def __init__(self, parts: DispatchParts) -> None:
        self._parts = parts
        self._trouble: str | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        consumer = self._parts.consumer
        consumer.start()
        try:
            while not stop.is_set():
                replies = consumer.take(_AT_ONCE, _LINGER_S)
                self._step(replies)
        finally:
            consumer.close()

    def health(self) -> PartHealth:
        """Whether commands go out."""
        connected = self._parts.consumer.connected
        detail = self._trouble or ("boxes can be asked" if connected else "the broker is away")
        return PartHealth(connected and self._trouble is None, detail)

    def _step(self, replies: list[Received]) -> None:
        try:
            for received in replies:
                self._hear(received)
            self._give_up()
            if self._parts.consumer.connected:
                self._ask()
        except DBAPIError as error:
            # Not settled: the broker hands the replies out again on the next connection, and a
            # box that is asked again replies again.
            self._trouble = f"the database refuses: {error.orig}"
            _log.warning("clips wait for the database", error=str(error.orig))
        else:
            self._trouble = None
            self._parts.consumer.settle(replies)

    def _ask(self) -> None:
        now = to_datetime(self._parts.clock.now_ms())
        silent = or_(clips.c.sent_at.is_(None), clips.c.sent_at < now - _ASK_AGAIN)
        stalled = and_(clips.c.heard_at < now - _STALLED, clips.c.sent_at < now - _STALLED)
        due = or_(
            and_(clips.c.state == State.ASKED.value, silent),
            and_(clips.c.state == State.UPLOADING.value, stalled),
        )
        query = (
            select(clips)
            .join(boxes, boxes.c.box == clips.c.box)
            .where(boxes.c.status == "online", due)
            .order_by(clips.c.asked_at)
            .limit(_AT_ONCE)
            .with_for_update(of=clips, skip_locked=True)
        )
        with self._parts.engine.begin() as connection:
            rows = connection.execute(query).mappings().all()
            refused = {row["id"]: reason for row in rows if (reason := self._send(row))}
            for identifier, reason in refused.items():
                failed = {"state": State.FAILED.value, "reason": reason}
                connection.execute(clips.update().where(clips.c.id == identifier).values(failed))
            ids = [row["id"] for row in rows]
            if ids:
                connection.execute(clips.update().where(clips.c.id.in_(ids)).values(sent_at=now))

    def _send(self, row: RowMapping) -> str | None:
        """Ask for one clip, or say why nobody can be asked for it."""
        upload = {
            "url": f"{self._parts.upload_url}/api/v1/uploads/{row['id']}",
            "token": row["token"],
            "max_bytes": self._parts.max_bytes,
        }
        try:
            name, told = make_order(row, upload)
        except WireError as error:
            _log.warning("a clip cannot be asked for", clip=str(row["id"]), error=str(error))
            return f"no box can be asked for this: {error}"
        self._parts.consumer.publish(command(row["box"], name), encode(told))
        return None

    def _hear(self, received: Received) -> None:
        """Write what a box says of its own clip; what it says of others' changes nothing."""
        try:
            reply = decode(Reply, received.payload)
        except WireError as error:
            _log.warning("a reply that is none is ignored", box=received.box, error=str(error))
            return
        values: dict[str, object] = {"heard_at": to_datetime(received.received_ms)}
        if reply.status == "failed":
            values |= {"state": State.FAILED.value, "reason": _printable(reply.reason)}
        else:
            values |= {
                "state": State.UPLOADING.value,
                "size": func.coalesce(clips.c.size, reply.size),
            }
        self._set(received.box, reply, values, _OPEN)
        if reply.start_ms is not None and reply.end_ms is not None:
            span: dict[str, object] = {
                "starts_at": to_datetime(reply.start_ms),
                "ends_at": to_datetime(reply.end_ms),
            }
            self._set(received.box, reply, span, (*_OPEN, State.READY.value))

    def _set(
        self, box: str, reply: Reply, values: dict[str, object], states: tuple[str, ...]
    ) -> None:
        mine = and_(clips.c.id == reply.id, clips.c.box == box, clips.c.state.in_(states))
        with self._parts.engine.begin() as connection:
            connection.execute(clips.update().where(mine).values(values))

    def _give_up(self) -> None:
        """What nothing was heard of for too long has failed."""
        now = to_datetime(self._parts.clock.now_ms())
        last = func.coalesce(clips.c.heard_at, clips.c.asked_at)
        given_up = (
            clips.update()
            .where(clips.c.state.in_(_OPEN), last < now - self._parts.patience)
            .values(state=State.FAILED.value, reason=f"nothing came for {self._parts.patience}")
            .returning(clips.c.day, clips.c.id)
        )
        with self._parts.engine.begin() as connection:
            gone = [Place(*row) for row in connection.execute(given_up)]
        for place in gone:
            self._parts.store.forget(place)


def _printable(reason: str | None) -> str:
    text = reason or "the box does not say why"
    return "".join(char if char.isprintable() else "?" for char in text)
