"""One ingest worker as a process: `dongseon central ingest`."""

import gc
import json
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, generate_latest

from central.compose import Intake
from central.crops.store import CropStore
from central.db.engine import make_engine
from central.db.migrate import check_migrated
from central.ingest import subscription
from central.ingest.metrics import IngestMetrics
from central.ingest.page import StatusPage
from central.ingest.writer import BatchWriter
from central.settings import CentralSettings
from central.supervisor import Supervised
from shared.clock import SystemClock

_TELL_EVERY_S = 1.0
# A batch waits for a disk at most this long between two statements.
_IDLE_S = 60
_LONGEST_NAME = 40


def run_worker(
    settings: CentralSettings, name: str, port: int | None = None, *, piped: bool = False
) -> None:
    """Ingest as worker `name` until SIGINT or SIGTERM; what is begun is committed.

    Args:
        settings: whose `ingest_group` it belongs to.
        name: no two workers of a group may have one name: the broker keeps sessions by it.
        port: where /metrics and /health/live and /health/ready are served; None: nowhere.
        piped: tell on standard output how it goes, a JSON object a line, and end with standard
            input, so that no worker outlives the process that started it.

    Raises:
        StorageError: the database is not there or not migrated.
        ConfigError: the port is taken.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    registry = CollectorRegistry()
    with _open_ingest(settings, name, registry) as ingest:
        # What is loaded by now stays; the collector need not look at it again and again.
        gc.freeze()
        ingest.start(stop)
        try:
            with StatusPage(port, registry, ingest.health):
                if piped:
                    threading.Thread(target=_end_with_input, args=(stop,), daemon=True).start()
                    _tell(stop, registry, ingest)
                else:
                    stop.wait()
        finally:
            stop.set()
            ingest.join()


def worker_name(text: str) -> str:
    """`text`, such as a machine's name, as a worker may be called."""
    return re.sub(r"[^A-Za-z0-9-]", "-", text)[:_LONGEST_NAME] or "worker"


@contextmanager
def _open_ingest(
    settings: CentralSettings, name: str, registry: CollectorRegistry
) -> Iterator[Supervised]:
    clock = SystemClock()
    engine = make_engine(settings.database_url, idle_s=_IDLE_S)
    crops = CropStore(settings.crops_dir, clock)
    try:
        check_migrated(engine)
        writer = BatchWriter(engine, crops, clock)
        intake = Intake(settings, writer, IngestMetrics(registry), clock)
        client_id = f"{settings.ingest_client_id}-worker-{name}"
        wanted = subscription.shared(settings.ingest_group)
        yield Supervised(f"ingest {name}", lambda: intake.make(client_id, wanted))
    finally:
        crops.close()
        engine.dispose()


def _end_with_input(stop: threading.Event) -> None:
    sys.stdin.buffer.read()
    stop.set()


def _tell(stop: threading.Event, registry: CollectorRegistry, ingest: Supervised) -> None:
    while not stop.wait(_TELL_EVERY_S):
        ready, detail, _ = ingest.health()
        told = {"ready": ready, "detail": detail, "metrics": generate_latest(registry).decode()}
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()
