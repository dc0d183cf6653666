import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from edge_agent.collecting import KeepsHard, close_collector, open_collector
from edge_agent.config import ChannelSettings, EdgeSettings, TrackletSettings
from edge_agent.loading import BoxModels
from edge_agent.pipeline import ChannelParts
from models.detection import Detection
from models.site.collector import Collector
from models.site.layout import read_records
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.geometry import Rect
from shared.pictures import Picture
from shared.topics import Lane
from tests.edge_agent.media.clips import Actor, ColourDetector, ColourEmbedder, encode_scene
from tests.edge_agent.media.running import run_channel

RED = (20, 20, 230)
WALKER = Actor(RED, Rect(40, 60, 80, 180), speed=(40, 0))


@dataclass
class Wavering:
    """Finds whoever is there, and is not sure of it."""

    inner: ColourDetector = field(default_factory=lambda: ColourDetector([RED]))

    def detect(self, picture: Picture) -> list[Detection]:
        return [one._replace(confidence=0.46) for one in self.inner.detect(picture)]

    def describe(self) -> str:
        return self.inner.describe()


MODELS = BoxModels(Wavering(), {ObjectClass.PERSON: ColourEmbedder()})


def settings_of(tmp_path: Path, **collect: object) -> EdgeSettings:
    written = {"out": tmp_path / "album", "min_free_mib": 0, **collect}
    return EdgeSettings.model_validate(
        {
            "box": {"name": "box-1", "data_dir": tmp_path},
            "uplink": {"host": "localhost"},
            "models": {"store": tmp_path / "no-weights", "score": 0.45},
            "collect": written,
            "channels": [{"name": "door", "camera": "cam-1", "source": "x"}],
        }
    )


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    made = open_collector(settings_of(tmp_path), MODELS, SystemClock(), random.Random(1))  # noqa: S311
    assert made is not None
    yield made
    close_collector(made)


def run(clip: Path, frames: KeepsHard) -> int:
    """How many messages a channel of `clip` sends."""
    sent: list[tuple[Lane, bytes]] = []
    parts = ChannelParts(
        settings=ChannelSettings(name="door", camera="cam-1", source=str(clip), fps=5),
        tracklet=TrackletSettings(min_width=20, min_height=60),
        detector=Wavering(),
        embedders={ObjectClass.PERSON: ColourEmbedder()},
        emit=lambda lane, payload: sent.append((lane, payload)),
        clock=SystemClock(),
        frames=frames,
    )
    run_channel(parts)
    return len(sent)


def test_a_box_keeps_hard_frames_of_its_channels(tmp_path: Path, collector: Collector) -> None:
    clip = encode_scene(tmp_path / "a.mp4", [WALKER], seconds=6)
    run(clip, KeepsHard(collector, "door", SystemClock()))
    records = [record for _, record in read_records(tmp_path / "album")]
    assert records
    assert {record.channel for record in records} == {"door"}
    assert all("threshold" in record.reasons for record in records)
    assert all(record.masked for record in records)


def test_an_album_that_cannot_be_written_costs_no_sighting(
    tmp_path: Path, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = encode_scene(tmp_path / "a.mp4", [WALKER], seconds=6)
    monkeypatch.setattr(Path, "replace", _full)
    assert run(clip, KeepsHard(collector, "door", SystemClock())) > 0
    assert not list((tmp_path / "album/frames").glob("*.jpg"))


def _full(_self: Path, _target: Path) -> Path:
    raise OSError(28, "No space left on device")


def test_nothing_is_collected_unless_it_is_asked_for(tmp_path: Path) -> None:
    settings = settings_of(tmp_path).model_copy(update={"collect": None})
    assert open_collector(settings, MODELS, SystemClock(), random.Random(1)) is None  # noqa: S311
    close_collector(None)
    assert not (tmp_path / "album").exists()


def test_a_box_runs_without_an_album_it_cannot_open(tmp_path: Path) -> None:
    (tmp_path / "album").write_text("in the way")
    found = open_collector(settings_of(tmp_path), MODELS, SystemClock(), random.Random(1))  # noqa: S311
    assert found is None
