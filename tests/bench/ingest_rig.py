"""The processes of the ingest benchmark: servers, workers, a fleet; and their CPU."""

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from central.db.engine import make_engine
from central.db.migrate import migrate
from deploy.local.ports import free_ports
from deploy.local.stack import LocalStack
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
_TICKS = os.sysconf("SC_CLK_TCK")
_START_S = 60.0
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

    def fleet(self, consumers: Sequence[subprocess.Popen[bytes]], **options: object) -> "Run":
        """Let a fleet send, and say what it cost whom."""
        host, port = self._broker
        command = [sys.executable, "-m", "deploy", "sim", "fleet", "--broker", f"{host}:{port}"]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        before = self._cpu(consumers)
        children = _children_s()
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
        cpu = {name: s - before[name] for name, s in self._cpu(consumers).items()}
        cpu["fleet"] = _children_s() - children
        return Run(json.loads(done.stdout), cpu)

    @property
    def _broker(self) -> tuple[str, str]:
        return self._stack.broker.host, str(self._stack.broker.port)

    def _cpu(self, consumers: Sequence[subprocess.Popen[bytes]]) -> dict[str, float]:
        database, broker = self._stack.database.process, self._stack.broker.process
        assert database is not None
        assert broker is not None
        return {
            "broker": _cpu_s(broker.pid),
            "database": _cpu_s(database.pid, _WITH_CHILDREN)
            + sum(map(_cpu_s, _children_of(database.pid))),
            "ingest": sum(_cpu_s(consumer.pid) for consumer in consumers),
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
        settings = {
            "DATABASE_URL": home.url,
            "DATA_DIR": str(home.data),
            "BROKER_HOST": broker[0],
            "BROKER_PORT": broker[1],
            # The broker keeps the sessions of an earlier run.
            "INGEST_CLIENT_ID": f"bench-{home.data.name[-8:]}",
            "INGEST_GROUP": home.data.name,
        }
        environment = os.environ | {f"DONGSEON_CENTRAL_{key}": v for key, v in settings.items()}
        command = [sys.executable, "-m", "deploy", "central", "ingest", "--level", "warning"]
        self._page = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [*command, "--name", name, "--port", str(port)], cwd=ROOT, env=environment
        )

    def ready(self) -> bool:
        """Whether messages flow."""
        try:
            return httpx.get(f"{self._page}/health/ready").is_success
        except httpx.HTTPError:
            return False

    def commits(self) -> dict[float, float]:
        """Batches by upper bound of seconds from decoded to committed, cumulative."""
        families = text_string_to_metric_families(httpx.get(f"{self._page}/metrics").text)
        return {
            float(sample.labels["le"]): sample.value
            for family in families
            for sample in family.samples
            if sample.name == "dongseon_ingest_batch_seconds_bucket"
        }


def percentile_ms(workers: Sequence[Worker], share: float) -> float:
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


def _cpu_s(pid: int, fields: slice = _OWN) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, stat.rpartition(")")[2].split()[fields])) / _TICKS


def _children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(number) for number in re.findall(r"\d+", found)]


def _children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system
