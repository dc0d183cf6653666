"""Several ingest workers share the load; one that dies costs nothing."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from prometheus_client import CollectorRegistry, generate_latest

from central.compose import Intake, broker_address
from central.ingest import subscription
from central.ingest.consumer import Consumer
from central.ingest.metrics import IngestMetrics
from central.settings import CentralSettings, load_settings
from central.supervisor import Supervised
from central.workers import ingest_parts
from deploy.local.stack import LocalStack
from shared.topics import Lane
from tests.central.box import TestBox
from tests.central.fleet import running_fleet
from tests.central.ingest.test_pressure import assert_everything_is_kept_once
from tests.central.ingest.test_service import make_state
from tests.central.keeping import Keeping
from tests.factories import make_sighting
from tests.waiting import wait_until


@pytest.fixture
def workplace(
    system_keeping: Keeping,
    stack: LocalStack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> CentralSettings:
    """Settings in the environment, where worker processes find them."""
    name = uuid4().hex[:8]
    values = {
        "DATABASE_URL": system_keeping.engine.url.render_as_string(hide_password=False),
        "DATA_DIR": str(tmp_path),
        "BROKER_HOST": stack.broker.host,
        "BROKER_PORT": str(stack.broker.port),
        "INGEST_CLIENT_ID": f"test-{name}",
        "INGEST_GROUP": f"group-{name}",
        "INGEST_WORKERS": "2",
    }
    for key, value in values.items():
        monkeypatch.setenv(f"DONGSEON_CENTRAL_{key}", value)
    return load_settings()


@contextmanager
def running_parts(
    settings: CentralSettings, keeping: Keeping, registry: CollectorRegistry
) -> Iterator[list[Supervised]]:
    """As `serve` runs them, all ready."""
    intake = Intake(settings, keeping.writer, IngestMetrics(registry), keeping.clock)
    parts, stop = ingest_parts(intake, registry), threading.Event()
    with ExitStack() as running:
        for part in parts:
            part.start(stop)
            running.callback(part.join)
        running.callback(stop.set)
        wait_until(lambda: all(part.health().ready for part in parts))
        yield parts


def children() -> list[int]:
    """The processes that this one has started and that run."""
    found: list[str] = []
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        found += told(task / "children").split()
    return [int(pid) for pid in found if "--piped" in told(Path(f"/proc/{pid}/cmdline"))]


def told(of: Path) -> str:
    """What the system tells of a thread or process; nothing of one that is gone by now."""
    try:
        return of.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def committed(registry: CollectorRegistry) -> dict[str, float]:
    """Sightings by worker, as /metrics shows them."""
    lines = generate_latest(registry).decode().splitlines()
    wanted = 'dongseon_ingest_worker_committed_total{lane="sighting",worker="'
    found = [line.removeprefix(wanted) for line in lines if line.startswith(wanted)]
    return {line.split('"')[0]: float(line.split()[-1]) for line in found}


def test_workers_share_the_load_and_one_that_is_killed_is_started_again(
    workplace: CentralSettings, system_keeping: Keeping, stack: LocalStack
) -> None:
    registry = CollectorRegistry()
    with (
        running_parts(workplace, system_keeping, registry) as parts,
        running_fleet(
            stack.broker,
            boxes=40,
            cameras=80,
            rate=200,
            seconds=8,
            start_within_s=0.5,
            silence_s=10,
        ) as fleet,
    ):
        wait_until(lambda: len(committed(registry)) == 2)
        first, second = children()
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: len(set(children()) - {first, second}) == 1)
        wait_until(lambda: all(part.health().ready for part in parts))
    assert_everything_is_kept_once(system_keeping, fleet)
    wait_until(lambda: not children())


def test_births_that_the_broker_keeps_are_known_beside_workers(
    workplace: CentralSettings, system_keeping: Keeping, stack: LocalStack
) -> None:
    rng = np.random.default_rng(2)
    with TestBox(stack.broker, "box-9") as box:
        box.send(make_state(), lane=Lane.STATE, retain=True).wait_for_publish(20)
        with running_parts(workplace, system_keeping, CollectorRegistry()):
            wait_until(lambda: system_keeping.count("boxes") == 1)
            box.send(make_sighting(rng), 1)
            assert box.wait_for([1])
        box.send(b"", lane=Lane.STATE, retain=True)
    assert system_keeping.count("sightings") == 1


def test_what_was_dealt_to_a_worker_that_never_comes_back_is_sent_again(
    workplace: CentralSettings, system_keeping: Keeping, stack: LocalStack
) -> None:
    intake = Intake(
        workplace, system_keeping.writer, IngestMetrics(CollectorRegistry()), system_keeping.clock
    )
    wanted = subscription.shared(workplace.ingest_group)
    address = broker_address(workplace, f"lost-{uuid4().hex}")
    lost = Consumer(address, system_keeping.clock, 1000, replace(wanted, session_s=2))
    stays = Supervised("stays", lambda: intake.make(f"stays-{uuid4().hex}", wanted))
    stop = threading.Event()
    stays.start(stop)
    lost.start()
    try:
        wait_until(lambda: stays.health().ready and lost.connected)
        with running_fleet(
            stack.broker, boxes=20, cameras=20, rate=100, seconds=4, start_within_s=0.5, silence_s=2
        ) as fleet:
            # It takes, never acknowledges, and goes while messages are still dealt to it.
            wait_until(lambda: fleet.last.acked > 0 and lost.waiting > 0)
            lost.close()
    finally:
        stop.set()
        stays.join()
    assert fleet.number("resent") > 0
    assert_everything_is_kept_once(system_keeping, fleet)
