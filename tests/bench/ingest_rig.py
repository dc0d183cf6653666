"""The processes of the ingest benchmark: servers, workers, a fleet; and their CPU."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from central.db.migrate import migrate
from deploy.local.ports import free_ports
from deploy.local.stack import LocalStack
from tests.bench.ingest_consumers import ROOT, START_S, Centre, Consumers, Home, Worker, children_of
from tests.waiting import wait_until

_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the program's name, proc(5): user and system, own and of children.
_OWN, _WITH_CHILDREN = slice(11, 13), slice(11, 15)


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
    def workers(self, home: Home, count: int) -> Iterator[list[Worker]]:
        """So many `dongseon central ingest`, connected."""
        started = [
            Worker(home, str(number), next(self._ports), self._broker) for number in range(count)
        ]
        try:
            for worker in started:
                wait_until(worker.ready, START_S)
            yield started
        finally:
            for worker in started:
                worker.process.terminate()
            for worker in started:
                worker.process.wait(START_S)

    @contextmanager
    def centre(self, home: Home, workers: int) -> Iterator[Centre]:
        """`dongseon central serve` with so many ingest workers, all its parts ready."""
        started = Centre(home, workers, next(self._ports), self._broker)
        try:
            wait_until(started.ready, START_S)
            yield started
        finally:
            started.process.terminate()
            started.process.wait(START_S)

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
        consumers: Consumers,
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

    def _cpu(self, consumers: Consumers) -> dict[str, float]:
        database, broker = self._stack.database.process, self._stack.broker.process
        assert database is not None
        assert broker is not None
        return {
            "broker": _cpu_s(broker.pid),
            "database": _cpu_s(database.pid, _WITH_CHILDREN)
            + sum(map(_cpu_s, children_of(database.pid))),
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


def _cpu_s(pid: int, fields: slice = _OWN) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, stat.rpartition(")")[2].split()[fields])) / _TICKS


def _children_s() -> float:
    times = os.times()
    return times.children_user + times.children_system
