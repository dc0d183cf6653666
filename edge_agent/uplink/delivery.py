"""Delivery without the network: which row goes next, and what an answer means."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox, Row
from edge_agent.posting import read_wanted, tell_gone
from edge_agent.uplink.offset import ClockFilter
from edge_agent.uplink.pace import TokenBucket
from edge_agent.uplink.window import Window
from shared.clock import Clock
from shared.errors import StorageError, WireError
from shared.messages import Ack, ClockOffset, Gap, decode
from shared.outbox_id import OutboxId

# A disk that refuses is asked again after this long.
_DISK_S = 10.0
# Answered rows that the disk does not let go of; with more, nothing further is sent.
_MOST_UNDELETED = 4096
# Few pictures at a time on an idle line: whatever comes next waits behind these at most.
_CROPS_AT_ONCE = 2
# Topic, the outbox property and MQTT's own headers around a payload, measured on the wire.
OVERHEAD_BYTES = 100
_ASK_AGAIN_S = 0.5

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(slots=True)
class DeliveryCount:
    """Since the agent started. `published` counts sendings, repeated ones too; `acked` rows."""

    published: int = 0
    repeated: int = 0
    bytes_published: int = 0
    acked: int = 0
    refused: int = 0
    bad_acks: int = 0


class Delivery:
    """Takes rows from the outbox in order, within window and rate, until they are acknowledged.

    Not for use from several threads, but for `clock_offset`, `count` and `spare`.
    """

    def __init__(self, outbox: Outbox, settings: UplinkSettings, clock: Clock) -> None:
        self.count = DeliveryCount()
        self.bucket = TokenBucket(settings.kbit_per_s, clock)
        self._outbox = outbox
        self._window = Window(settings.window, settings.ack_silence_s, clock)
        self._filter = ClockFilter(clock)
        self._clock = clock
        self._undeleted: set[OutboxId] = set()
        self._ask_disk_at = 0.0

    @property
    def in_flight(self) -> int:
        """Rows sent and not answered."""
        return len(self._window.in_flight)

    def due(self, most: int) -> Iterator[Row]:
        """Rows to send now, `most` at most; each counts as sent.

        Raises:
            StorageError: the outbox cannot be read.
        """
        if again := self._window.overdue():
            self.count.repeated += len(again)
            log.warning("no answer from the centre: sending rows again", rows=len(again))
        if self._disk_may_write():
            self._forget()
        most = min(most, self._window.room, _MOST_UNDELETED - len(self._undeleted))
        if most <= 0 or self.bucket.wait_s() > 0:
            return
        self._let_go()
        for row in self._outbox.pending(most, self._undeleted.union(self._window.in_flight)):
            self._window.sent(row.id)
            self.count.published += 1
            self.spent(len(row.payload))
            yield row
            if self.bucket.wait_s() > 0:
                return

    def wanted(self, payload: bytes) -> None:
        """The centre asks for pictures: they go next. What is no such command is logged."""
        try:
            asked = read_wanted(payload)
        except WireError as error:
            log.warning("a command that is none is ignored", error=str(error))
            return
        with self._disk_asked():
            self._outbox.let_go(len(asked), tell_gone, asked)

    def tell_gaps(self, compose: Callable[[list[Gap]], bytes]) -> None:
        """Keep a row that reports what was evicted, when there is anything to report."""
        if self._disk_may_write():
            with self._disk_asked():
                self._outbox.append_report(compose)

    def spent(self, payload_bytes: int) -> None:
        """A payload was sent, a row's or another."""
        self.count.bytes_published += payload_bytes
        self.bucket.spend(payload_bytes + OVERHEAD_BYTES)

    def spare(self, size: int) -> float:
        """0.0 when `size` bytes of the lowest priority may go now, and count; else seconds to wait.

        Raises:
            StorageError: the outbox cannot be read.
        """
        if self._outbox.count().rows > self.in_flight or self._outbox.holds_crops:
            return _ASK_AGAIN_S
        if (wait_s := self.bucket.wait_s()) == 0:
            self.bucket.spend(size)
        return wait_s

    def answered(self, payloads: Iterable[bytes]) -> None:
        """Delete the rows that acks answer for. Malformed acks are counted, logged and ignored.

        Rows that the disk refuses to delete are not sent again by this process, and deleted later.
        """
        rows: list[OutboxId] = []
        for payload in payloads:
            try:
                ack = decode(Ack, payload)
            except WireError as error:
                self.count.bad_acks += 1
                log.warning("an ack that is none is ignored", error=str(error))
                continue
            rows += self._rows(ack)
        self._window.answered(rows)
        self._undeleted.update(rows)
        if self._disk_may_write():
            self._forget()

    def reconnect(self) -> None:
        """A new connection begins: whatever was in flight is sent again."""
        self.count.repeated += len(self._window.clear())

    def clock_offset(self) -> ClockOffset | None:
        """Centre's clock minus the box's, as best known."""
        return self._filter.best()

    def _let_go(self) -> None:
        """With nothing else to send and nothing on its way the line is idle: pictures may go."""
        idle = self._outbox.holds_crops and not self._window.in_flight
        if idle and self._disk_may_write() and not self._outbox.pending(1, self._undeleted):
            with self._disk_asked():
                self._outbox.let_go(_CROPS_AT_ONCE, tell_gone)

    def _forget(self) -> None:
        """Delete what is answered for."""
        if self._undeleted:
            with self._disk_asked():
                self.count.acked += self._outbox.delete(self._undeleted)
                self._undeleted.clear()

    def _disk_may_write(self) -> bool:
        return self._clock.monotonic() >= self._ask_disk_at

    @contextmanager
    def _disk_asked(self) -> Iterator[None]:
        """Go on if the disk refuses, and leave it alone for a while: the line is still of use."""
        try:
            yield
        except StorageError as error:
            self._ask_disk_at = self._clock.monotonic() + _DISK_S
            log.warning("the outbox cannot be written", error=str(error), rows=len(self._undeleted))

    def _rows(self, ack: Ack) -> list[OutboxId]:
        if ack.epoch != self._outbox.epoch:
            log.info("an ack of another outbox is ignored", epoch=str(ack.epoch))
            return []
        if ack.echo and (sent := self._window.sent_once(OutboxId(ack.epoch, ack.echo.seq))):
            self._filter.add(sent, ack.echo)
        for refusal in ack.refused:
            self.count.refused += 1
            log.error(
                "the centre refused a row; it is in quarantine there",
                seq=refusal.seq,
                reason=refusal.reason,
            )
        seqs = [*ack.accepted, *(refusal.seq for refusal in ack.refused)]
        return [OutboxId(ack.epoch, seq) for seq in seqs]
