"""Ingest that ends as `kill -9` ends it, at a chosen point. Run as a program by the tests.

Arguments: database URL, broker host and port, data directory, client id, and the point:
`crop` (crops are written, the row is not committed) or `ack` (committed, nothing answered).
"""

import os
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry

from central.crops.store import CropStore, StoredCrop
from central.db.engine import make_engine
from central.ingest.broker import BrokerAddress
from central.ingest.consumer import Consumer
from central.ingest.metrics import IngestMetrics
from central.ingest.service import Ingest, IngestParts
from central.ingest.suspects import Suspects
from central.ingest.writer import BatchWriter
from shared.clock import ManualClock, SystemClock
from shared.topics import Topic
from tests.central.keeping import NOON_MS
from tests.factories import dimensions


class DyingCrops(CropStore):
    """Dies when the crops are safe."""

    def put_many(self, crops: Sequence[StoredCrop]) -> None:
        super().put_many(crops)
        os.kill(os.getpid(), signal.SIGKILL)


class DyingConsumer(Consumer):
    """Dies when the first answer is due."""

    def publish(self, answers: Iterable[tuple[Topic | str, bytes]]) -> None:
        del answers
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Ingest until the chosen point."""
    url, host, port, data, client_id, point = sys.argv[1:]
    clock = ManualClock(NOON_MS)
    crops = (DyingCrops if point == "crop" else CropStore)(Path(data) / "crops", clock)
    connect = DyingConsumer if point == "ack" else Consumer
    parts = IngestParts(
        suspects=Suspects(),
        consumer=connect(BrokerAddress(host, int(port), client_id), SystemClock(), 1000),
        writer=BatchWriter(make_engine(url), crops, clock),
        dimensions=dimensions,
        metrics=IngestMetrics(CollectorRegistry()),
        clock=SystemClock(),
    )
    Ingest(parts).run(threading.Event())


if __name__ == "__main__":
    main()
