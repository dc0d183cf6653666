"""An agent whose inference hangs ends itself, and is at work again within a minute."""

import json
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deploy.local.ports import free_ports
from edge_agent.heart import EXIT_HUNG, ProcessHeart
from edge_agent.outbox import Outbox
from shared.clock import SystemClock

ROOT = Path(__file__).parents[2]
RESTART_S = 5
"""What systemd waits before it starts the agent again: RestartSec of the unit."""


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


def start(tmp_path: Path, clip: Path, how: str) -> subprocess.Popen[str]:
    port = next(free_ports(random.Random(os.getpid())))  # noqa: S311 - no secret
    arguments = [str(tmp_path / "data"), str(port), str(clip), how]
    with (tmp_path / f"{how}.log").open("w") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.edge_agent.hanging_box", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


def frames_of(process: subprocess.Popen[str], count: int) -> list[float]:
    assert process.stdout is not None
    return [float(process.stdout.readline()) for _ in range(count)]


@pytest.mark.slow
@pytest.mark.parametrize(("how", "code"), [("free", EXIT_HUNG), ("locked", 1)])
def test_a_box_whose_network_hangs_is_at_work_again_within_a_minute(
    tmp_path: Path, clip: Path, how: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with start(tmp_path, clip, how) as hanging:
        hung_s = frames_of(hanging, 10)[-1]
        assert hanging.wait(60) == code
    ended_s = time.monotonic()
    said = (tmp_path / f"{how}.log").read_text()
    # As systemd would, with the same wait.
    time.sleep(RESTART_S)
    with start(tmp_path, clip, "never") as again:
        back_s = frames_of(again, 1)[0]
        again.kill()
    with capsys.disabled():
        sys.stdout.write(
            f"\nhung ({how}): ended after {ended_s - hung_s:.1f} s, "
            f"at work again after {back_s - hung_s:.1f} s\n"
        )
    assert back_s - hung_s <= 60
    assert "hanging_box.py" in said, "the log shows where it hung"
    if how == "free":
        critical = [json.loads(line) for line in said.splitlines() if '"critical"' in line]
        assert [(line["worker"], line["exit_code"]) for line in critical] == [("inference-0", code)]
    with Outbox(tmp_path / "data", 1 << 20, SystemClock()) as outbox:
        assert outbox.count().rows >= 1, "what was seen before is still there"


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
