"""`dongseon edge` as a person types it."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from edge_agent.counters import ChannelCounters
from edge_agent.engine import EngineStatus
from edge_agent.live import draw
from edge_agent.outbox import Outbox
from edge_agent.recording import RecordingStatus
from edge_agent.status import (
    AgentStatus,
    ChannelStatus,
    OutboxStatus,
    read_status,
    stage_seconds,
    write_status,
)
from edge_agent.uplink import UplinkStatus
from shared.clock import SystemClock
from shared.errors import ConfigError
from tests.ports import free_port

ROOT = Path(__file__).parents[3]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "box.toml"
    path.write_text(
        f"""
[box]
name = "box-1"
data_dir = "{tmp_path / "data"}"
[uplink]
host = "127.0.0.1"
port = {free_port()}
[models]
detector = "person-vehicle-bike-detection-2004"
person_embedder = "osnet-x0-25"
vehicle_embedder = "none"
store = "{tmp_path / "no-models"}"
[[channels]]
name = "gate"
camera = "gate"
source = "{tmp_path / "nowhere.mp4"}"
"""
    )
    return path


def edge(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "deploy", "edge", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "COLUMNS": "200", "HOME": "/nonexistent"},
    )


def status_of(channels: list[ChannelCounters]) -> AgentStatus:
    now = SystemClock().now_ms()
    return AgentStatus(
        box="box-1",
        pid=1,
        written_ms=now,
        started_ms=now,
        channels=tuple(ChannelStatus.of(counters) for counters in channels),
        outbox=OutboxStatus(rows=7, bytes=4096, evicted=2, failed=0, crops=3, crops_evicted=0),
        uplink=UplinkStatus(
            connected=False,
            published=3,
            repeated=0,
            acked=1,
            refused=0,
            bad_acks=0,
            bytes_published=9,
            in_flight=2,
            connections=1,
        ),
        engine=EngineStatus(workers=2),
        recording=RecordingStatus(
            segments=3,
            bytes=2_500_000_000,
            oldest_ms=1_784_505_600_000,
            evicted=0,
            lost=4,
            failed=1,
        ),
        cpu_s=1.0,
        stage_s=stage_seconds(channels, {"detect": 1.0}),
    )


def test_check_names_each_thing_that_is_missing_and_the_mend(config: Path) -> None:
    said = edge("check", "--config", str(config))
    assert said.returncode == 1
    assert "dongseon models pull person-vehicle-bike-detection-2004" in said.stdout
    assert "dongseon models pull osnet-x0-25" in said.stdout
    assert "ok  model clothing-colours: needs no weights" in said.stdout
    assert "Connection refused" in said.stdout
    assert "is neither a file nor a folder" in said.stdout
    assert sum(line.startswith("ok ") for line in said.stdout.splitlines()) == 3, said.stdout


def test_check_says_when_an_agent_has_the_folder(config: Path, tmp_path: Path) -> None:
    with Outbox(tmp_path / "data", 2**20, SystemClock()):
        assert "another agent runs on this" in edge("check", "--config", str(config)).stdout


def test_check_looks_at_the_folder_of_frames_to_learn_from(config: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with config.open("a") as file:
        file.write(f'[collect]\nout = "{tmp_path / "taken"}"\n')
    assert f"[collect] out: {tmp_path / 'taken'}" in edge("check", "--config", str(config)).stdout


def test_run_without_weights_is_one_line_with_the_mend(config: Path) -> None:
    said = edge("run", "--config", str(config))
    assert said.returncode == 1
    assert "dongseon models pull" in said.stderr
    assert "Traceback" not in said.stderr


def test_status_shows_what_the_agent_wrote(config: Path, tmp_path: Path) -> None:
    assert "no agent has run here yet" in edge("status", "--config", str(config)).stderr
    (tmp_path / "data").mkdir()
    status = status_of([ChannelCounters("gate", sightings=5)])
    # A busy machine may need more than the five seconds to start the command.
    just_now = status.model_copy(update={"written_ms": status.written_ms + 60_000})
    write_status(tmp_path / "data", just_now)
    said = edge("status", "--config", str(config))
    assert said.returncode == 0
    assert "gate" in said.stdout
    assert "7 rows" in said.stdout
    assert "agent    running" in said.stdout


def test_the_live_view_says_what_is_lost_and_that_the_line_is_down() -> None:
    console = Console(width=120)
    with console.capture() as captured:
        console.print(draw(status_of([ChannelCounters("gate"), ChannelCounters("hall")])))
    text = " ".join(captured.get().split())
    assert "2 evicted" in text
    assert "3 segments, 2.5 GB, since 2026-07-20 00:00 UTC" in text
    assert "4 packets lost" in text
    assert "1 times refused by the disk" in text
    assert "down" in text


def test_the_live_view_says_nothing_of_a_recording_that_is_none() -> None:
    console = Console(width=120)
    status = status_of([ChannelCounters("gate")]).model_copy(update={"recording": None})
    with console.capture() as captured:
        console.print(draw(status))
    assert "recorded" not in captured.get()


@pytest.mark.parametrize("content", ["", "[]", '{"box": 1}', "\xff"])
def test_a_status_file_that_is_none_is_said_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "status.json").write_text(content, encoding="latin-1")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_status(tmp_path)


def test_a_reader_never_sees_half_a_status_file(tmp_path: Path) -> None:
    source = random.Random(3)  # noqa: S311
    for _ in range(50):
        names = [f"channel-{n}" for n in range(source.randint(1, 40))]
        status = status_of([ChannelCounters(name) for name in names])
        write_status(tmp_path, status)
        assert read_status(tmp_path) == status
