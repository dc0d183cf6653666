"""Ingest as it runs: take, read, commit, answer, settle."""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from central.ingest.consumer import Consumer
from central.ingest.metrics import IngestMetrics, kind_of
from central.ingest.reading import Dimensions, Reading, Refused, SightingRead, read
from central.ingest.received import Received
from central.ingest.strangers import Strangers
from central.ingest.suspects import REASON, Suspects
from central.ingest.writer import BatchWriter, Verdict
from central.services import PartHealth
from shared.clock import Clock
from shared.errors import StorageError
from shared.messages import Ack, ClockEcho, Refusal, encode
from shared.topics import Lane, Topic

LINGER_S = 0.02
_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 10.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class IngestParts:
    """What ingest works with. `dimensions`: see `central.ingest.reading`.

    `suspects` outlives an ingest that died, so that the next one knows what it had in hand.
    """

    consumer: Consumer
    writer: BatchWriter
    dimensions: Dimensions
    metrics: IngestMetrics
    clock: Clock
    suspects: Suspects
    batch: int = 256


class Ingest:
    """The loop. A database or disk that is away stops the acknowledgements, not the process."""

    def __init__(self, parts: IngestParts) -> None:
        self._parts = parts
        self._trouble: str | None = None
        self._strangers = Strangers(parts.metrics.unknown_attributes)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; a batch that is begun is ended first."""
        consumer = self._parts.consumer
        suspects = self._parts.suspects
        suspects.begin_life()
        consumer.start()
        try:
            while not stop.is_set():
                messages = consumer.take(self._parts.batch, LINGER_S)
                for portion in suspects.portions(messages) if messages else ():
                    suspects.take(portion)
                    self._step(portion, stop)
                    suspects.let_go()
        finally:
            consumer.close()

    def health(self) -> PartHealth:
        """Whether messages flow."""
        connected = self._parts.consumer.connected
        detail = self._trouble or ("messages flow" if connected else "the broker is away")
        waiting = {"waiting": float(self._parts.consumer.waiting)}
        return PartHealth(connected and self._trouble is None, detail, waiting)

    def _step(self, messages: Sequence[Received], stop: threading.Event) -> None:
        metrics = self._parts.metrics
        for lane, count in Counter(message.lane for message in messages).items():
            metrics.received.labels(lane.value).inc(count)
        readings = [self._read(message) for message in messages]
        verdicts = self._commit(readings, stop)
        if verdicts is None:
            return
        self._answer(verdicts)
        self._parts.consumer.settle(messages)
        self._count(verdicts)

    def _read(self, message: Received) -> Reading:
        if self._parts.suspects.is_guilty(message):
            return Refused(message, REASON)
        reading = read(message, self._parts.dimensions)
        if isinstance(reading, SightingRead):
            self._strangers.note(message.box, reading.sighting)
        return reading

    def _commit(self, readings: Sequence[Reading], stop: threading.Event) -> list[Verdict] | None:
        """Write until it is committed; None when told to stop first."""
        delay = _FIRST_DELAY_S
        while not stop.is_set():
            try:
                with self._parts.metrics.batch_s.time():
                    verdicts = self._parts.writer.write(readings)
            except StorageError as error:
                self._trouble = str(error)
                self._parts.metrics.retries.inc()
                _log.warning("nothing is acknowledged until this works", error=str(error))
                stop.wait(delay * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, no secret
                delay = min(delay * 2, _LONGEST_DELAY_S)
            else:
                self._trouble = None
                return verdicts
        return None

    def _answer(self, verdicts: Sequence[Verdict]) -> None:
        """One message to each outbox: what is committed may be deleted there."""
        by_outbox: dict[tuple[str, UUID], list[Verdict]] = defaultdict(list)
        for verdict in verdicts:
            received = verdict.received
            if received.outbox is not None and received.box:
                by_outbox[received.box, received.outbox.epoch].append(verdict)
        now_ms = self._parts.clock.now_ms()
        self._parts.consumer.publish(
            (Topic(box, Lane.ACK), encode(make_ack(same, now_ms)))
            for (box, _), same in by_outbox.items()
        )

    def _count(self, verdicts: Sequence[Verdict]) -> None:
        metrics, now = self._parts.metrics, self._parts.clock.now_ms()
        oldest = min(verdict.received.received_ms for verdict in verdicts)
        metrics.lag_s.set((now - oldest) / 1000)
        committed: Counter[Lane] = Counter()
        for received, refusal, duplicate in verdicts:
            if refusal is not None:
                metrics.refused.labels(kind_of(refusal)).inc()
                _log.warning(
                    "refused", box=received.box, outbox=str(received.outbox), reason=refusal
                )
            elif duplicate:
                metrics.duplicates.inc()
            else:
                committed[received.lane] += 1
        for lane, count in committed.items():
            metrics.committed.labels(lane.value).inc(count)


def make_ack(verdicts: Sequence[Verdict], now_ms: int) -> Ack:
    """The answer to one outbox, with the times of its latest message for the box's clock."""
    # Reversed: a row that came twice in one batch is told by its first verdict.
    rows = {v.received.outbox: v for v in reversed(verdicts) if v.received.outbox is not None}
    latest, verdict = max(rows.items(), key=lambda row: (row[1].received.received_ms, row[0]))
    echo = ClockEcho(seq=latest.seq, received_ms=verdict.received.received_ms, sent_ms=now_ms)
    return Ack(
        epoch=latest.epoch,
        accepted=sorted(row.seq for row, v in rows.items() if v.refusal is None),
        refused=[
            Refusal(seq=row.seq, reason=v.refusal)
            for row, v in rows.items()
            if v.refusal is not None
        ],
        echo=echo,
    )
