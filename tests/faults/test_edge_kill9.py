"""A box killed anywhere loses nothing that was committed, and nothing arrives as two things."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest

from deploy.local.stack import LocalStack
from shared.outbox_id import OutboxId
from tests.edge_agent.link.centre import TinyCentre
from tests.faults.edge_box import NOTES

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("DONGSEON_KILL_ROUNDS", "20"))


@pytest.fixture
def centre(stack: LocalStack) -> Iterator[TinyCentre]:
    with TinyCentre(stack.broker.host, stack.broker.port) as running:
        yield running


class Box:
    """The box of `edge_box.py`, which can be killed and started again."""

    def __init__(self, stack: LocalStack, home: Path) -> None:
        where = [str(home), stack.broker.host, str(stack.broker.port), f"box-{uuid4().hex[:12]}"]
        self._home = home
        self._lives = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.edge_box", *where],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def start(self, last: int) -> int:
        """Begin a life and give its process id."""
        assert self._lives.stdin is not None
        self._lives.stdin.write(f"{last}\n")
        self._lives.stdin.flush()
        return self._said()

    def end(self) -> int:
        """Wait for the life's end and give its exit code, or minus the signal that ended it."""
        return self._said()

    def close(self) -> None:
        self._lives.kill()
        self._lives.communicate()

    def _said(self) -> int:
        assert self._lives.stdout is not None
        return int(self._lives.stdout.readline())

    def committed(self) -> dict[OutboxId, bytes]:
        """Rows whose `append` returned, with their content; no row may be noted twice."""
        lines = [line.split() for line in (self._home / NOTES).read_text().splitlines()]
        noted = {OutboxId.parse(row): content.encode() for row, content in lines}
        assert len(noted) == len(lines), "a row's name was used twice"
        return noted


@pytest.fixture
def box(stack: LocalStack, tmp_path: Path) -> Iterator[Box]:
    made = Box(stack, tmp_path)
    yield made
    made.close()


def test_every_committed_row_arrives_and_names_one_thing(centre: TinyCentre, box: Box) -> None:
    fate = random.Random(7)  # noqa: S311 - the same kills each time
    for _ in range(ROUNDS):
        life = box.start(last=10**9)
        # From its first instant, in which the outbox is opened, to well into delivery.
        Event().wait(fate.uniform(0.0, 0.3))
        os.kill(life, signal.SIGKILL)
        assert box.end() == -signal.SIGKILL
    box.start(last=1)
    assert box.end() == 0, "the last life ends when all is acknowledged"
    committed = box.committed()
    assert len(committed) > ROUNDS
    centre.wait(lambda c: set(committed) <= set(c.rows))
    contents = {(row, payload.rstrip()) for row, _, payload in centre.received}
    assert len(contents) == len(centre.rows), "one row arrived with two contents"
    assert set(committed.items()) <= contents
    assert len({row.epoch for row in centre.rows}) == 1
