"""An agent whose inference hangs ends itself, and is at work again within a minute."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from edge_agent.heart import EXIT_HUNG, ProcessHeart
from edge_agent.outbox import Outbox
from shared.clock import SystemClock
from tests.faults.figures import FaultFigures
from tests.ports import free_port
from tests.saying import Said
from tests.waiting import LONG_S

ROOT = Path(__file__).parents[2]
RESTART_S = 5
"""What systemd waits before it starts the agent again: RestartSec of the unit. Added, not slept."""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    folder = tmp_path / "clip"
    folder.mkdir()
    noise = np.random.default_rng(1)
    for n in range(40):
        picture = np.zeros((240, 480, 3), dtype=np.uint8)
        left = 20 + 8 * n
        picture[40:220, left : left + 80] = noise.integers(130, 255, (180, 80, 3))
        Image.fromarray(picture).save(folder / f"{n:03}.png")
    return folder


class Hung(NamedTuple):
    """A box that hung: when (monotonic, seconds), how it ended, and what its log says."""

    at_s: float
    code: int
    log: str


@contextmanager
def box(tmp_path: Path, clip: Path, how: str) -> Iterator[tuple["subprocess.Popen[str]", Said]]:
    """A box that hangs as `how` says, and when it looked at each frame."""
    arguments = [str(tmp_path / "data"), str(free_port()), str(clip), how]
    with (tmp_path / f"{how}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.edge_agent.hanging_box", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield process, Said(process.stdout)
    finally:
        process.kill()
        process.wait(LONG_S)


def hang(tmp_path: Path, clip: Path, how: str) -> Hung:
    """Run a box until it has hung and ended."""
    with box(tmp_path, clip, how) as (process, frames):
        at_s = [float(frames.line()) for _ in range(10)][-1]
        code = process.wait(4 * LONG_S)
    return Hung(at_s, code, (tmp_path / f"{how}.log").read_text())


HANGS = pytest.mark.parametrize(("how", "code"), [("free", EXIT_HUNG), ("locked", 1)])


@pytest.mark.slow
@HANGS
def test_a_box_whose_network_hangs_ends_tells_where_and_keeps_what_it_saw(
    tmp_path: Path, clip: Path, how: str, code: int
) -> None:
    hung = hang(tmp_path, clip, how)
    assert hung.code == code
    assert "hanging_box.py" in hung.log, "the log shows where it hung"
    if how == "free":
        critical = [json.loads(line) for line in hung.log.splitlines() if '"critical"' in line]
        assert [(line["worker"], line["exit_code"]) for line in critical] == [("inference-0", code)]
    with Outbox(tmp_path / "data", 1 << 20, SystemClock()) as outbox:
        assert outbox.count().rows >= 1, "what was seen before is still there"


@pytest.mark.faults
@HANGS
def test_a_box_whose_network_hangs_is_at_work_again_within_a_minute(
    tmp_path: Path, clip: Path, how: str, code: int, fault_figures: FaultFigures
) -> None:
    hung = hang(tmp_path, clip, how)
    ended_s = time.monotonic()
    assert hung.code == code
    with box(tmp_path, clip, "never") as (_, frames):
        back_s = float(frames.line())
    recovery_s = back_s - hung.at_s + RESTART_S
    fault_figures.note(
        **{
            f"hung_{how}_ended_s": round(ended_s - hung.at_s, 1),
            f"hung_{how}_recovery_s": round(recovery_s, 1),
        }
    )
    assert recovery_s <= 60


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_what_sd_notify_would(tmp_path: Path, *, abstract: bool) -> None:
    name = f"@dongseon-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(name.replace("@", "\0", 1))
        heart = ProcessHeart({"NOTIFY_SOCKET": name})
        heart.ready()
        heart.beat()
        heart.stopping()
        said = [systemd.recv(64) for _ in range(3)]
    assert said == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_without_systemd_nobody_is_told_and_a_socket_that_is_gone_harms_nothing(
    tmp_path: Path,
) -> None:
    ProcessHeart({}).ready()
    ProcessHeart({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready()
