"""Ingest for a test to kill: `python -m tests.faults.central_ingest URL HOST PORT DATA CLIENT_ID`.

See `lives.py`; a life lasts until it is killed.
"""

import sys
import threading
from pathlib import Path

from prometheus_client import CollectorRegistry

from central.crops.store import CropStore
from central.db.engine import make_engine
from central.ingest.broker import BrokerAddress
from central.ingest.consumer import Consumer
from central.ingest.metrics import IngestMetrics
from central.ingest.service import Ingest, IngestParts
from central.ingest.suspects import Suspects
from central.ingest.writer import BatchWriter
from shared.clock import SystemClock
from shared.logs import configure_logs
from tests.factories import SPACE, dimensions
from tests.faults.lives import serve


def live(url: str, address: BrokerAddress, data: Path) -> None:
    """One life of ingest."""
    clock = SystemClock()
    parts = IngestParts(
        suspects=Suspects(),
        consumer=Consumer(address, clock, 1000),
        writer=BatchWriter(make_engine(url), CropStore(data / "crops", clock), clock),
        dimensions=dimensions,
        metrics=IngestMetrics(CollectorRegistry()),
        clock=clock,
    )
    Ingest(parts).run(threading.Event())


def main() -> None:
    """Live as often as the test says."""
    url, host, port, data, client_id = sys.argv[1:]
    address = BrokerAddress(host, int(port), client_id)
    # Reads the catalogue once for all lives.
    dimensions(SPACE)
    serve(lambda _: live(url, address, Path(data)))


if __name__ == "__main__":
    configure_logs(json=True)
    main()
