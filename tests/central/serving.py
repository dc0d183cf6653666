"""`dongseon central serve` as people run it: a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx

from deploy.local.broker import Broker
from tests.ports import free_port
from tests.waiting import LONG_S, wait_until

PROGRAM = ("-c", "from deploy.cli import main; main()", "central")


class Centre:
    """A running centre."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str) -> httpx.Response:
        """What it answers."""
        return httpx.get(self.url + path, timeout=LONG_S)

    def is_ready(self) -> bool:
        """Whether all its parts work."""
        try:
            return self.get("/health/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            assert self.process.poll() is None, "the centre has ended"
            return False

    def stop(self) -> int:
        """Ask it to end; gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LONG_S)


def environment(database_url: str, broker: Broker, data: Path, port: int = 0) -> dict[str, str]:
    """What the centre's processes are told.

    The session at the broker is their own: the broker keeps for an earlier centre of the same
    name what its boxes sent after it had ended.
    """
    settings = {
        "DATABASE_URL": database_url,
        "DATA_DIR": str(data),
        "BROKER_HOST": broker.host,
        "BROKER_PORT": str(broker.port),
        "INGEST_CLIENT_ID": f"centre-{uuid4().hex}",
        "HTTP_PORT": str(port or free_port()),
        # Tests' sightings are of days that are long over.
        "RETENTION_DAYS": "3650",
    }
    named = {f"DONGSEON_CENTRAL_{name}": value for name, value in settings.items()}
    return os.environ | named | {"OMP_NUM_THREADS": "1"}


@contextmanager
def running_centre(settings: dict[str, str]) -> Iterator[Centre]:
    """A centre that is ready; killed at the end if it still runs."""
    command = [sys.executable, *PROGRAM, "serve", "--json-logs"]
    with subprocess.Popen(command, env=settings) as process:
        centre = Centre(process, int(settings["DONGSEON_CENTRAL_HTTP_PORT"]))
        try:
            wait_until(centre.is_ready)
            yield centre
        finally:
            process.kill()


def run_central(settings: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    """`dongseon central WORDS…`, to its end."""
    command: Sequence[str] = [sys.executable, *PROGRAM, *words]
    return subprocess.run(
        command, env=settings, capture_output=True, text=True, timeout=3 * LONG_S, check=False
    )
