"""Ingest in a thread of the test, over a real broker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from prometheus_client import CollectorRegistry

from central.ingest.broker import BrokerAddress
from central.ingest.consumer import Consumer
from central.ingest.metrics import IngestMetrics
from central.ingest.service import Ingest, IngestParts
from central.ingest.suspects import Suspects
from deploy.local.broker import Broker
from shared.clock import SystemClock
from tests.central.keeping import Keeping
from tests.factories import dimensions
from tests.waiting import wait_until


@contextmanager
def running_ingest(
    keeping: Keeping, broker: Broker, *, window: int = 1000, client_id: str | None = None
) -> Iterator[Ingest]:
    """Ingest into `keeping`, with a session of its own unless `client_id` names one."""
    address = BrokerAddress(broker.host, broker.port, client_id or f"ingest-{uuid4().hex}")
    ingest = Ingest(
        IngestParts(
            consumer=Consumer(address, SystemClock(), window),
            writer=keeping.writer,
            dimensions=dimensions,
            metrics=IngestMetrics(CollectorRegistry()),
            clock=SystemClock(),
            suspects=Suspects(),
        )
    )
    stop = threading.Event()
    thread = threading.Thread(target=ingest.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: ingest.health().ready)
        yield ingest
    finally:
        stop.set()
        thread.join()
