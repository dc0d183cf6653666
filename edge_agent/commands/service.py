"""Commands done one after the other, and what they made uploaded when the line has time for it."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from threading import Condition, Event
from typing import NamedTuple, Protocol
from uuid import UUID

import structlog

from edge_agent.commands.maker import REFUSALS, Maker
from edge_agent.commands.spool import Job, Spool
from edge_agent.commands.upload import Uploader, UploadInterrupted, UploadRefused
from edge_agent.uplink.pace import BYTES_PER_KBIT, BackOff
from shared.clock import MS_PER_DAY, Clock
from shared.errors import PictureError, StorageError, WireError
from shared.messages import ClipCommand, Reply, SnapshotCommand, decode, encode
from shared.messages.command import MAX_REASON

# More are left: the centre asks again for what it has no reply to.
MAX_ORDERS = 64
# How long a clip waits for its last segment: cameras may have long groups of pictures.
_PATIENCE_S = 60.0
_IDLE_S = 60.0
# An upload that still breaks off after this is given up: nobody waits for it any more.
_GIVEN_UP_MS = 7 * MS_PER_DAY
# A piece is what the line carries in two seconds, so that nothing else waits longer for it.
_PIECE_S = 2.0
_MIN_PIECE = 4 * 1024
_MAX_PIECE = 256 * 1024
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


class _Waiting(NamedTuple):
    """An order, and the reading of the stopwatch up to which a clip waits for its end."""

    order: Order
    until_s: float


@dataclass(frozen=True, slots=True)
class CommandParts:
    """What commands are done with; `kbit_per_s` is the line's cap, None without one.

    `back_off` makes the waits of one upload: what is wrong with it must not hold up another.
    """

    maker: Maker
    spool: Spool
    uploader: Uploader
    line: Line
    clock: Clock
    back_off: Callable[[], BackOff]
    kbit_per_s: float | None


@dataclass(slots=True)
class _Upload:
    """How one job goes: when it is tried next, and how much the centre has, None if unknown."""

    back_off: BackOff
    resume_s: float = -inf
    offset: int | None = None


class Commands:
    """Does what it is told; `run` in a thread of its own."""

    def __init__(self, parts: CommandParts) -> None:
        self._parts = parts
        self._changed = Condition()
        self._woken = False
        # Taken by the uplink's thread, done by that of `run`: touched under `_changed` alone.
        self._orders: dict[UUID, _Waiting] = {}
        self._uploads: dict[UUID, _Upload] = {}
        rate = (parts.kbit_per_s or 0) * BYTES_PER_KBIT * _PIECE_S
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
        if self._keep(command):
            self.wake()
        else:
            log.warning("too many commands wait; one is left", command=str(command.id))

    def _keep(self, command: Order) -> bool:
        """Have `command` done; asked again, in its old place. False when there is no room."""
        with self._changed:
            known = self._orders.get(command.id)
            if known is None and len(self._orders) >= MAX_ORDERS:
                return False
            until_s = self._parts.clock.monotonic() + _PATIENCE_S
            self._orders[command.id] = _Waiting(command, known.until_s if known else until_s)
        return True

    def _turn(self) -> float:
        """Do one thing; give the seconds until there may be another."""
        if order := self._next_order():
            self._obey(order)
            return 0.0
        now = self._parts.clock.monotonic()
        waits = [max(0.0, waiting.until_s - now) for waiting in self._waiting()]
        paused = [upload.resume_s - now for upload in self._uploads.values()]
        waits += [pause for pause in paused if pause > 0]
        if job := self._next_job(now):
            waits.append(self._advance(job))
        return min(waits, default=_IDLE_S)

    def _next_order(self) -> Order | None:
        """The first that can be done: a clip whose end is still being written waits for it."""
        now = self._parts.clock.monotonic()
        for order, until_s in self._waiting():
            if now >= until_s or not self._is_early(order):
                with self._changed:
                    return self._orders.pop(order.id).order
        return None

    def _waiting(self) -> list[_Waiting]:
        with self._changed:
            return list(self._orders.values())

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
        self._forget(identifier)
        failed = Reply(id=identifier, status="failed", reason=reason[:MAX_REASON])
        self._parts.line.reply(encode(failed))

    def _forget(self, identifier: UUID) -> None:
        self._parts.spool.remove(identifier)
        self._uploads.pop(identifier, None)

    def _upload(self, job: Job) -> _Upload:
        if job.id not in self._uploads:
            self._uploads[job.id] = _Upload(self._parts.back_off())
        return self._uploads[job.id]

    def _next_job(self, now: float) -> Job | None:
        """The one with the least to go: a snapshot does not wait behind a clip."""
        jobs = self._parts.spool.jobs.values()
        ready = [job for job in jobs if self._upload(job).resume_s <= now]
        return min(ready, key=lambda job: job.size - (self._upload(job).offset or 0), default=None)

    def _advance(self, job: Job) -> float:
        """Upload the next piece of `job`; give the seconds until another may go."""
        try:
            return self._send(job, self._upload(job))
        except UploadRefused as error:
            self._fail(job.id, str(error))
        except FileNotFoundError:
            self._fail(job.id, "its file is gone from the box")
        except (UploadInterrupted, OSError) as error:
            self._interrupted(job, error)
        return 0.0

    def _interrupted(self, job: Job, error: Exception) -> None:
        """Try `job` again later. Only what breaks off grows too old: a clock may jump."""
        clock, upload = self._parts.clock, self._upload(job)
        if clock.now_ms() - job.made_ms > _GIVEN_UP_MS:
            self._fail(job.id, f"it breaks off for {_GIVEN_UP_MS // MS_PER_DAY} days: {error}")
            return
        wait_s = upload.back_off.next_s()
        upload.offset, upload.resume_s = None, clock.monotonic() + wait_s
        log.warning(
            "an upload is interrupted",
            command=str(job.id),
            error=str(error),
            wait_s=round(wait_s, 1),
        )

    def _send(self, job: Job, upload: _Upload) -> float:
        """One request, or the seconds until the line has time for it."""
        parts, offset = self._parts, upload.offset
        left = 0 if offset is None else min(self._piece, job.size - offset)
        if wait_s := parts.line.spare(left + _HEADERS):
            return wait_s
        if offset is None:
            upload.offset = parts.uploader.offset(job)
        else:
            upload.offset = parts.uploader.send(job, offset, self._piece_of(job, offset, left))
            if upload.offset <= offset:
                raise UploadInterrupted(f"{job.upload.url} keeps nothing of what it is sent")
            upload.back_off.reset()
        if upload.offset == job.size:
            log.info("uploaded", command=str(job.id), bytes=job.size)
            self._forget(job.id)
        return 0.0

    def _piece_of(self, job: Job, offset: int, size: int) -> bytes:
        with self._parts.spool.file(job.id).open("rb") as file:
            file.seek(offset)
            piece = file.read(size)
        if len(piece) < size:
            raise UploadRefused("its file on the box was cut short")
        return piece
