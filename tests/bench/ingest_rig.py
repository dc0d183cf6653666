"""The processes of the ingest benchmark: servers, workers, a fleet; and their CPU."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from sqlalchemy import text

from central.db.engine import make_engine
from central.db.migrate import migrate
from deploy.local.ports import free_ports
from deploy.local.stack import LocalStack
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
_TICKS = os.sysconf("SC_CLK_TCK")
_START_S = 60.0
_CAUGHT_UP_S = 300.0
# Fields of /proc/PID/stat after the program's name, proc(5): user and system, own and of children.
_OWN, _WITH_CHILDREN = slice(11, 13), slice(11, 15)


@dataclass(frozen=True)
class Home:
    """A database and a data directory that nothing has been ingested into."""

    url: str
    data: Path

    def ask(self, query: str) -> int:
        """The one number that `query` finds."""
        engine = make_engine(self.url)
        try:
            with engine.connect() as connection:
                return int(connection.execute(text(query)).scalar_one())
        finally:
            engine.dispose()


Consumers = Mapping[str, Sequence[int]]
"""Who takes what the fleet sends: process ids by the name that their CPU is told under."""


class Rig:
    """The servers, and homes on them."""

    def __init__(self, stack: LocalStack, root: Path, source: random.Random) -> None:
        self._stack = stack
        self._root = root
        self._ports = free_ports(source)
        migrate(stack.database.create("template_of_all"))

    def home(self) -> Home:
        """A new one."""
        name = f"bench_{uuid4().hex}"
        data = self._root / name
        data.mkdir()
        return Home(self._stack.database.create(name, template="template_of_all"), data)

    @contextmanager
    def workers(self, home: Home, count: int) -> Iterator[list["Worker"]]:
        """So many `dongseon central ingest`, connected."""
        started = [
            Worker(home, str(number), next(self._ports), self._broker) for number in range(count)
        ]
        try:
            for worker in started:
                wait_until(worker.ready, _START_S)
            yield started
        finally:
            for worker in started:
                worker.process.terminate()
            for worker in started:
                worker.process.wait(_START_S)

    @contextmanager
    def centre(self, home: Home, workers: int) -> Iterator["Centre"]:
        """`dongseon central serve` with so many ingest workers, all its parts ready."""
        started = Centre(home, workers, next(self._ports), self._broker)
        try:
            wait_until(started.ready, _START_S)
            yield started
        finally:
            started.process.terminate()
            started.process.wait(_START_S)

    @contextmanager
    def program(self, module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A consumer of another kind; it is told the broker's host and port last."""
        command = [sys.executable, "-m", module, *arguments, *self._broker]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None
                process.stdout.readline()
                yield process
            finally:
                process.kill()

    def fleet(
        self,
        consumers: "Consumers",
        options: Mapping[str, object],
        then: Callable[[], None] = lambda: None,
    ) -> "Run":
        """Let a fleet with `options` send, do `then`, and say what both cost whom."""
        host, port = self._broker
        command = [sys.executable, "-m", "deploy", "sim", "fleet", "--broker", f"{host}:{port}"]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        before = self._cpu(consumers)
        children = _children_s()
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
        then()
        cpu = {name: s - before[name] for name, s in self._cpu(consumers).items()}
        cpu["fleet"] = _children_s() - children
        return Run(json.loads(done.stdout), cpu)

    @property
    def _broker(self) -> tuple[str, str]:
        return self._stack.broker.host, str(self._stack.broker.port)

    def _cpu(self, consumers: "Consumers") -> dict[str, float]:
        database, broker = self._stack.database.process, self._stack.broker.process
        assert database is not None
        assert broker is not None
        return {
            "broker": _cpu_s(broker.pid),
            "database": _cpu_s(database.pid, _WITH_CHILDREN)
            + sum(map(_cpu_s, _children_of(database.pid))),
            **{name: sum(map(_cpu_s, numbers)) for name, numbers in consumers.items()},
        }


@dataclass(frozen=True)
class Run:
    """What a fleet said in the end, and CPU seconds by process."""

    said: dict[str, object]
    cpu: Mapping[str, float]

    def number(self, name: str) -> float:
        """One of the fleet's figures; with a dot, one within another: `sent_to_ack_ms.p99`."""
        found: object = self.said
        for part in name.split("."):
            assert isinstance(found, dict)
            found = found.get(part, float("nan"))
        return float(str(found))

    def cpu_per_1000(self) -> dict[str, float]:
        """CPU seconds a 1,000 sightings."""
        return {name: round(1000 * s / self.number("acked"), 3) for name, s in self.cpu.items()}


class Worker:
    """One `dongseon central ingest`."""

    def __init__(self, home: Home, name: str, port: int, broker: tuple[str, str]) -> None:
        command = [sys.executable, "-m", "deploy", "central", "ingest", "--level", "warning"]
        self._page = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [*command, "--name", name, "--port", str(port)],
            cwd=ROOT,
            env=_environment(home, broker),
        )

    def ready(self) -> bool:
        """Whether messages flow."""
        return _is_ready(self._page)

    def commits(self) -> dict[float, float]:
        """Batches by upper bound of seconds from decoded to committed, cumulative."""
        return _by_bound(self._page, "dongseon_ingest_batch_seconds_bucket")


class Centre:
    """One `dongseon central serve` whose workers are processes of their own."""

    def __init__(self, home: Home, workers: int, port: int, broker: tuple[str, str]) -> None:
        environment = _environment(home, broker, INGEST_WORKERS=str(workers), HTTP_PORT=str(port))
        command = [sys.executable, "-m", "deploy", "central", "serve", "--level", "warning"]
        self._page = f"http://127.0.0.1:{port}"
        self._home = home
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment)

    @property
    def consumers(self) -> Consumers:
        """The centre itself (index, means, watch list, API), and its workers."""
        return {"serve": [self.process.pid], "ingest": _children_of(self.process.pid)}

    def ready(self) -> bool:
        """Whether all its parts work."""
        assert self.process.poll() is None, "the centre has ended"
        return _is_ready(self._page)

    def lag(self) -> int:
        """Sightings that the index has not read yet, as the centre says."""
        status = httpx.get(f"{self._page}/api/v1/status", timeout=_START_S)
        return int(status.raise_for_status().json()["indexed_lag"])

    def catch_up(self) -> None:
        """Wait until the index has all that was committed, and the workers' counters tell of it."""
        wait_until(lambda: not self.lag(), _CAUGHT_UP_S)
        kept = self._home.ask("SELECT count(*) FROM sightings")
        wait_until(lambda: self._committed() >= kept, _START_S)

    def indexed_ms(self) -> int:
        """When the index had last read something, UTC milliseconds of the database's clock."""
        moment = "1000 * extract(epoch FROM max(updated_at))"
        return self._home.ask(f"SELECT {moment} FROM index_cursor")  # noqa: S608 - a constant

    def commits(self) -> dict[float, float]:
        """As a worker's, of all its workers."""
        return _by_bound(self._page, "dongseon_ingest_worker_batch_seconds_bucket")

    def _committed(self) -> float:
        name = "dongseon_ingest_worker_committed_total"
        found = _samples(self._page, name)
        return sum(each.value for each in found if each.labels["lane"] == "sighting")


class Commits(Protocol):
    """Whoever counts its batches by how long they took."""

    def commits(self) -> dict[float, float]:
        """Batches by upper bound of seconds from decoded to committed, cumulative."""


def percentile_ms(workers: Iterable[Commits], share: float) -> float:
    """The commit time that `share` of all batches kept to, between the bounds of the histogram."""
    totals: dict[float, float] = {}
    for worker in workers:
        for bound, count in worker.commits().items():
            totals[bound] = totals.get(bound, 0.0) + count
    wanted = share * max(totals.values())
    low, below = 0.0, 0.0
    for bound, count in sorted(totals.items()):
        if count >= wanted:
            inside = (wanted - below) / (count - below) if count > below else 1.0
            return round(1000 * (low + inside * (bound - low)), 1)
        low, below = bound, count
    return float("inf")


def _environment(home: Home, broker: tuple[str, str], **more: str) -> dict[str, str]:
    settings = {
        "DATABASE_URL": home.url,
        "DATA_DIR": str(home.data),
        "BROKER_HOST": broker[0],
        "BROKER_PORT": broker[1],
        # The broker keeps the sessions of an earlier run.
        "INGEST_CLIENT_ID": f"bench-{home.data.name[-8:]}",
        "INGEST_GROUP": home.data.name,
        **more,
    }
    return os.environ | {f"DONGSEON_CENTRAL_{key}": value for key, value in settings.items()}


def _is_ready(page: str) -> bool:
    try:
        return httpx.get(f"{page}/health/ready").is_success
    except httpx.HTTPError:
        return False


def _samples(page: str, name: str) -> list[Sample]:
    families = text_string_to_metric_families(httpx.get(f"{page}/metrics").text)
    return [each for family in families for each in family.samples if each.name == name]


def _by_bound(page: str, name: str) -> dict[float, float]:
    totals: dict[float, float] = {}
    for sample in _samples(page, name):
        bound = float(sample.labels["le"])
        totals[bound] = totals.get(bound, 0.0) + sample.value
    return totals


def _cpu_s(pid: int, fields: slice = _OWN) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, stat.rpartition(")")[2].split()[fields])) / _TICKS


def _children_of(pid: int) -> list[int]:
    # Each thread has its own.
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(number) for found in lists for number in found.read_text(encoding="ascii").split()]


def _children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system
