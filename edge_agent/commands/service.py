"""Commands done one after the other, and what they made uploaded when the line has time for it."""

from collections import deque
from dataclasses import dataclass
from threading import Condition, Event
from typing import Protocol
from uuid import UUID

import structlog

from edge_agent.commands.maker import REFUSALS, Maker
from edge_agent.commands.spool import Job, Spool
from edge_agent.commands.upload import Uploader, UploadInterrupted, UploadRefused
from edge_agent.uplink.pace import BackOff
from shared.clock import Clock
from shared.errors import PictureError, StorageError, WireError
from shared.messages import ClipCommand, Reply, SnapshotCommand, decode, encode
from shared.messages.command import MAX_REASON

# More are passed over: the centre asks again.
MAX_ORDERS = 64
# How long a clip waits for its last segment: cameras may have long groups of pictures.
_PATIENCE_S = 60.0
_IDLE_S = 60.0
# A piece is what the line carries in two seconds, so that nothing else waits longer for it.
_PIECE_S = 2.0
_MIN_PIECE = 4 * 1024
_MAX_PIECE = 256 * 1024
_BYTES_PER_KBIT = 1000 / 8
# Headers of a request and its answer, as httpx and uvicorn write them, with TCP's own.
_HEADERS = 1024

log: structlog.stdlib.BoundLogger = structlog.get_logger()

Order = ClipCommand | SnapshotCommand


class Line(Protocol):
    """What the uplink lends: see `edge_agent.uplink.Uplink`."""

    def reply(self, payload: bytes) -> None:
        """Publish `payload` in the lane `reply`."""

    def spare(self, size: int) -> float:
        """0.0 when `size` bytes may go now, and count; otherwise seconds to wait."""


@dataclass(frozen=True, slots=True)
class CommandParts:
    """What commands are done with. `kbit_per_s` is the line's cap, None without one."""

    maker: Maker
    spool: Spool
    uploader: Uploader
    line: Line
    clock: Clock
    back_off: BackOff
    kbit_per_s: float | None


class Commands:
    """Does what it is told; `run` in a thread of its own."""

    def __init__(self, parts: CommandParts) -> None:
        self._parts = parts
        self._changed = Condition()
        self._woken = False
        self._orders: deque[tuple[Order, float]] = deque()
        self._offsets: dict[UUID, int] = {}
        self._resume_s = parts.clock.monotonic()
        rate = (parts.kbit_per_s or 0) * _BYTES_PER_KBIT * _PIECE_S
        self._piece = round(max(_MIN_PIECE, min(_MAX_PIECE, rate or _MAX_PIECE)))

    def clip(self, payload: bytes) -> None:
        """Take a `ClipCommand`, from any thread."""
        self._take(ClipCommand, payload)

    def snapshot(self, payload: bytes) -> None:
        """Take a `SnapshotCommand`, from any thread."""
        self._take(SnapshotCommand, payload)

    def wake(self) -> None:
        """Look again: something was recorded, ordered, or it is to stop."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def run(self, stop: Event) -> None:
        """Work until `stop` is set and it is woken; what is not uploaded stays on disk."""
        while not stop.is_set():
            wait_s = self._turn()
            with self._changed:
                self._changed.wait_for(lambda: self._woken, wait_s)
                self._woken = False

    def _take(self, kind: type[ClipCommand] | type[SnapshotCommand], payload: bytes) -> None:
        try:
            command = decode(kind, payload)
        except WireError as error:
            log.warning("a command that is none is ignored", error=str(error))
            return
        waiting = list(self._orders)
        if len(waiting) >= MAX_ORDERS or command.id in {order.id for order, _ in waiting}:
            # Nothing is said: a word would be final, and the centre asks until there is one.
            log.info("a command is not taken now", command=str(command.id), waiting=len(waiting))
            return
        self._orders.append((command, self._parts.clock.monotonic() + _PATIENCE_S))
        self.wake()

    def _turn(self) -> float:
        """Do one thing; give the seconds until there may be another."""
        if order := self._next_order():
            self._obey(order)
            return 0.0
        now = self._parts.clock.monotonic()
        waits = [max(0.0, deadline - now) for _, deadline in list(self._orders)]
        if job := self._next_job():
            pause = self._resume_s - now
            waits.append(pause if pause > 0 else self._advance(job))
        return min(waits, default=_IDLE_S)

    def _next_order(self) -> Order | None:
        """The first that can be done: a clip whose end is still being written waits for it."""
        now = self._parts.clock.monotonic()
        for waiting in list(self._orders):
            command, deadline = waiting
            if now < deadline and self._is_early(command):
                continue
            self._orders.remove(waiting)
            return command
        return None

    def _is_early(self, command: Order) -> bool:
        return isinstance(command, ClipCommand) and self._parts.maker.is_coming(command)

    def _obey(self, command: Order) -> None:
        parts, known = self._parts, self._parts.spool.jobs.get(command.id)
        try:
            parts.uploader.check(command.upload)
            if known is not None:  # asked again: the word may have been lost, not the work
                job = known.model_copy(update={"upload": command.upload})
            elif isinstance(command, ClipCommand):
                job = parts.maker.clip(command)
            else:
                job = parts.maker.snapshot(command)
            parts.spool.add(job)
        except (*REFUSALS, PictureError, StorageError, UploadRefused) as error:
            self._fail(command.id, str(error))
            return
        log.info("to be uploaded", command=str(job.id), bytes=job.size)
        taken = Reply(
            id=job.id, status="taken", size=job.size, start_ms=job.start_ms, end_ms=job.end_ms
        )
        parts.line.reply(encode(taken))

    def _fail(self, identifier: UUID, reason: str) -> None:
        log.warning("a command cannot be done", command=str(identifier), reason=reason)
        self._parts.spool.remove(identifier)
        self._offsets.pop(identifier, None)
        failed = Reply(id=identifier, status="failed", reason=reason[:MAX_REASON])
        self._parts.line.reply(encode(failed))

    def _next_job(self) -> Job | None:
        """The one with the least to go: a snapshot does not wait behind a clip."""
        jobs = self._parts.spool.jobs.values()
        return min(jobs, key=lambda job: job.size - self._offsets.get(job.id, 0), default=None)

    def _advance(self, job: Job) -> float:
        """Upload the next piece of `job`; give the seconds until another may go."""
        try:
            if wait_s := self._send(job):
                return wait_s
            self._parts.back_off.reset()
        except UploadRefused as error:
            self._fail(job.id, str(error))
        except (UploadInterrupted, StorageError, OSError) as error:
            self._offsets.pop(job.id, None)
            wait_s = self._parts.back_off.next_s()
            self._resume_s = self._parts.clock.monotonic() + wait_s
            log.warning("an upload is interrupted", error=str(error), wait_s=round(wait_s, 1))
        return 0.0

    def _send(self, job: Job) -> float:
        """One request, or the seconds until the line has time for it."""
        parts, offset = self._parts, self._offsets.get(job.id)
        left = 0 if offset is None else min(self._piece, job.size - offset)
        if wait_s := parts.line.spare(left + _HEADERS):
            return wait_s
        if offset is None:
            offset = parts.uploader.offset(job)
        else:
            with parts.spool.file(job.id).open("rb") as file:
                file.seek(offset)
                offset = parts.uploader.send(job, offset, file.read(left))
        self._offsets[job.id] = offset
        if offset == job.size:
            log.info("uploaded", command=str(job.id), bytes=job.size)
            parts.spool.remove(job.id)
            del self._offsets[job.id]
        return 0.0
