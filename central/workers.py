"""Ingest within `serve`: alone in a thread of it, or as processes that share the load."""

import json
import os
import selectors
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import IO

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from central.compose import Intake
from central.ingest import subscription
from central.services import PartHealth
from central.supervisor import Supervised
from shared.errors import StorageError

_LOOK_EVERY_S = 1.0
_SILENCE_S = 60.0
_LEAVE_S = 15.0
_READ_BYTES = 1 << 20


def ingest_parts(
    intake: Intake, registry: CollectorRegistry, log_arguments: Sequence[str] = ()
) -> list[Supervised]:
    """Whatever ingests in or below this process, not started; `registry` will count for it.

    Args:
        intake: what ingest works with; where there are workers, they make their own.
        registry: what /metrics shows.
        log_arguments: options of `dongseon central ingest` for the log of a worker.
    """
    settings = intake.settings
    alone = settings.ingest_workers == 1
    wanted = subscription.EVERYTHING if alone else subscription.BIRTHS
    ingest = Supervised("ingest", lambda: intake.make(settings.ingest_client_id, wanted))
    if alone:
        return [ingest]
    metrics = WorkerMetrics()
    registry.register(metrics)
    numbers = range(1, settings.ingest_workers + 1)
    return [ingest, *(_supervised_worker(str(n), metrics, log_arguments) for n in numbers)]


def _supervised_worker(
    name: str, metrics: "WorkerMetrics", log_arguments: Sequence[str]
) -> Supervised:
    return Supervised(f"ingest-{name}", lambda: WorkerProcess(name, metrics, log_arguments))


class WorkerMetrics(Collector):
    """The counters of every worker, told apart by a label."""

    def __init__(self) -> None:
        self._told: dict[str, str] = {}

    def note(self, worker: str, exposition: str) -> None:
        """What `worker` counts, in Prometheus's text format."""
        self._told[worker] = exposition

    def collect(self) -> Iterator[Metric]:
        """All of them, a family each kind."""
        families: dict[str, Metric] = {}
        for worker, exposition in self._told.copy().items():
            for found in text_string_to_metric_families(exposition):
                # Beside the counters of this process, which have the names alone.
                name = found.name.replace("dongseon_ingest_", "dongseon_ingest_worker_")
                family = families.setdefault(name, Metric(name, found.documentation, found.type))
                family.samples += [
                    sample._replace(
                        name=sample.name.replace(found.name, name),
                        labels={**sample.labels, "worker": worker},
                    )
                    for sample in found.samples
                ]
        return iter(families.values())


class WorkerProcess:
    """One worker as a part of `serve`: a supervisor makes it anew when it has died."""

    def __init__(
        self, name: str, metrics: WorkerMetrics, log_arguments: Sequence[str] = ()
    ) -> None:
        self._name = name
        self._metrics = metrics
        self._log_arguments = log_arguments
        self._health = PartHealth(False, "starting")

    def run(self, stop: threading.Event) -> None:
        """Keep the process until `stop` is set.

        Raises:
            StorageError: it has ended, or said nothing for a minute and was ended.
        """
        command = [sys.executable, "-m", "central", "ingest", "--name", self._name, "--piped"]
        with subprocess.Popen(
            [*command, *self._log_arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            try:
                self._listen(process, stop)
            finally:
                _end(process)
        if not stop.is_set():
            raise StorageError(f"ingest worker {self._name} ended ({process.returncode})")

    def health(self) -> PartHealth:
        """What the worker said last."""
        return self._health

    def _listen(self, process: subprocess.Popen[bytes], stop: threading.Event) -> None:
        """Take what it tells until it ends, falls silent, or is to stop."""
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        silent_s, left = 0.0, b""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not stop.is_set() and silent_s < _SILENCE_S:
                if not selector.select(_LOOK_EVERY_S):
                    silent_s += _LOOK_EVERY_S
                    continue
                silent_s = 0.0
                data = os.read(process.stdout.fileno(), _READ_BYTES)
                if not data:
                    return
                *lines, left = (left + data).split(b"\n")
                for line in lines[-1:]:
                    self._note(line)

    def _note(self, line: bytes) -> None:
        told = json.loads(line)
        self._health = PartHealth(told["ready"], told["detail"])
        self._metrics.note(self._name, told["metrics"])


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask it to leave by closing what it reads from; kill it when it does not."""
    pipe: IO[bytes] | None = process.stdin
    if pipe is not None:
        pipe.close()
        process.stdin = None
    try:
        process.communicate(timeout=_LEAVE_S)
    except subprocess.TimeoutExpired:
        process.kill()
