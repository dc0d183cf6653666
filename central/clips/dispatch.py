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
from central.ingest.reading import printable
from central.ingest.received import Received
from central.services import PartHealth
from shared.clock import Clock, to_datetime
from shared.errors import StorageError, WireError
from shared.messages import Reply, decode, encode
from shared.topics import command

_AT_ONCE = 64
_LINGER_S = 0.0
_PAUSE_S = 1.0
# A command may be lost with its connection, an upload with the agent that makes it.
_ASK_AGAIN = timedelta(seconds=30)
_STALLED = timedelta(minutes=10)
_NO_REASON = "the box does not say why"
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
        # Taken and not written yet: the broker hands them out again on its next connection only.
        self._kept: list[Received] = []

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        consumer = self._parts.consumer
        consumer.start()
        try:
            while not stop.is_set():
                if not self._kept:
                    self._kept = consumer.take(_AT_ONCE, _LINGER_S)
                self._step()
                if self._trouble:
                    stop.wait(_PAUSE_S)
        finally:
            consumer.close()

    def health(self) -> PartHealth:
        """Whether commands go out."""
        connected = self._parts.consumer.connected
        detail = self._trouble or ("boxes can be asked" if connected else "the broker is away")
        return PartHealth(connected and self._trouble is None, detail)

    def _step(self) -> None:
        consumer = self._parts.consumer
        try:
            while self._kept:
                self._hear(self._kept[0])
                consumer.settle([self._kept.pop(0)])
            self._give_up()
            if consumer.connected:
                self._ask()
        except DBAPIError as error:
            self._trouble = f"the database refuses: {error.orig}"
            _log.warning("clips wait for the database", error=str(error.orig))
        else:
            self._trouble = None

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
        self._parts.consumer.publish([(command(row["box"], name), encode(told))])
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
            values |= {"state": State.FAILED.value, "reason": printable(reply.reason or _NO_REASON)}
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
        change = clips.update().where(mine).values(values).returning(clips.c.day, clips.c.id)
        with self._parts.engine.begin() as connection:
            changed = [Place(*row) for row in connection.execute(change)]
        if values.get("state") == State.FAILED.value:
            self._forget(changed)

    def _forget(self, places: list[Place]) -> None:
        """Delete what came of them; what the disk refuses goes when its day does."""
        for place in places:
            try:
                self._parts.store.forget(place)
            except StorageError as error:
                _log.warning("what came of a clip stays on disk", error=str(error))

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
        self._forget(gone)
