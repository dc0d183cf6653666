"""Recording and commands as the agent keeps them going."""

import random
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import cast

import pytest

from edge_agent.agent import Agent
from edge_agent.commands import Footage
from edge_agent.config import EdgeSettings
from edge_agent.recording import Recorder
from edge_agent.uplink import Uplink
from shared.clock import SystemClock
from tests.edge_agent.link.test_agent import MODELS
from tests.edge_agent.recording.streams import encode_numbered, play
from tests.waiting import LONG_S


class NoUplink:
    """An uplink that brings nothing."""

    def on_command(self, name: str, obey: Callable[[bytes], None]) -> None:
        pass


def settings_of(tmp_path: Path, **more: object) -> EdgeSettings:
    fields: dict[str, object] = {
        "box": {"name": "box-1", "data_dir": tmp_path / "data"},
        "uplink": {"host": "127.0.0.1", "port": 1},
        "channels": [{"name": "gate", "camera": "cam-1", "source": str(tmp_path / "none.mp4")}],
    }
    return EdgeSettings.model_validate(fields | more)


def dies(_: object, __: Event) -> None:
    raise SystemExit


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_recorder_whose_thread_died_gets_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recorder, "run", dies)
    settings = settings_of(tmp_path, recording={})
    footage = Footage(settings, cast("Uplink", NoUplink()), SystemClock(), random.Random(1))  # noqa: S311
    footage.start()
    footage._work._threads["recorder"].join(LONG_S)
    assert footage._work.join(0.0) == ["commands"]
    footage.revive()
    assert footage._work.join(0.0) == ["recorder", "commands"]
    footage.end(LONG_S)
    assert footage._work.join(0.0) == []


def test_the_agent_looks_after_recording_and_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, stop = list[Footage](), Event()
    monkeypatch.setattr(Footage, "revive", lambda footage: looked.append(footage))  # noqa: PLW0108 - a method
    agent = Agent(settings_of(tmp_path), MODELS, SystemClock(), random.Random(1))  # noqa: S311
    agent.run(stop, when_done=False, show=lambda _: stop.set())
    assert looked


def test_what_is_recorded_and_what_is_lost_is_in_the_status(tmp_path: Path) -> None:
    source = encode_numbered(tmp_path / "a.mp4", 4)
    settings = settings_of(tmp_path, recording={"segment_s": 2})
    footage = Footage(settings, cast("Uplink", NoUplink()), SystemClock(), random.Random(1))  # noqa: S311
    footage.start()
    play(footage.tap("gate"), source, SystemClock().now_ms())
    footage.tap("gate").lost = 7
    footage.end(LONG_S)
    status = footage.status()
    assert status is not None
    assert (status.segments, status.lost, status.failed) == (2, 7, 0)
    files = (tmp_path / "data/recording/gate").iterdir()
    assert status.bytes == sum(file.stat().st_size for file in files)
    assert status.oldest_ms is not None
    assert status.oldest_ms <= SystemClock().now_ms()


def test_without_recording_the_status_has_none(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    footage = Footage(settings, cast("Uplink", NoUplink()), SystemClock(), random.Random(1))  # noqa: S311
    assert footage.status() is None
    footage.start()
    footage.end(LONG_S)
