"""What takes the fleet's sightings in the ingest benchmark: workers, or a whole centre."""

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample
from sqlalchemy import text

from central.db.engine import make_engine
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
START_S = 60.0
_CAUGHT_UP_S = 300.0


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
        return {"serve": [self.process.pid], "ingest": children_of(self.process.pid)}

    def ready(self) -> bool:
        """Whether all its parts work."""
        assert self.process.poll() is None, "the centre has ended"
        return _is_ready(self._page)

    def lag(self) -> int:
        """Sightings that the index has not read yet, as the centre says."""
        status = httpx.get(f"{self._page}/api/v1/status", timeout=START_S)
        return int(status.raise_for_status().json()["indexed_lag"])

    def catch_up(self) -> None:
        """Wait until the index has all that was committed, and the workers' counters tell of it."""
        wait_until(lambda: not self.lag(), _CAUGHT_UP_S)
        kept = self._home.ask("SELECT count(*) FROM sightings")
        wait_until(lambda: self._committed() >= kept, START_S)

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


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        # Each thread has its own; it may have ended meanwhile.
        with suppress(FileNotFoundError, ProcessLookupError):
            found += map(int, children.read_text(encoding="ascii").split())
    return found
