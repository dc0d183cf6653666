from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from edge_agent.config import ChannelSettings, CropSettings, GateSettings, TrackletSettings
from edge_agent.counters import ChannelCounters
from edge_agent.engine import Engine, EngineParts
from edge_agent.pipeline import ChannelParts, ChannelPipeline
from edge_agent.reading import Readers
from edge_agent.sighting import _webp
from edge_agent.source import SourceError
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.errors import StorageError
from shared.geometry import Rect
from shared.messages import ClockOffset, Sighting, decode
from shared.pictures import encode_webp
from shared.topics import Lane
from tests.edge_agent.media.clips import (
    STARTS_AT_MS,
    Actor,
    ColourDetector,
    ColourEmbedder,
    encode_clip,
    encode_scene,
    scene,
)
from tests.edge_agent.media.readers import PLATE, Broken, Colours, Plates
from tests.edge_agent.media.running import run_channel
from tests.factories import crop_of

RED, BLUE = (20, 20, 230), (230, 20, 20)
WALKER = Actor(RED, Rect(40, 60, 80, 180), speed=(40, 0))
OTHER = Actor(BLUE, Rect(220, 80, 262, 200), speed=(-30, 0), from_s=1.0, to_s=5.0)


class Box:
    """A channel's parts with an outbox that is a list."""

    def __init__(self, source: Path, crop: CropSettings | None = None) -> None:
        self.payloads: list[bytes] = []
        self.counters = ChannelCounters("door")
        self.parts = ChannelParts(
            settings=ChannelSettings(
                name="door",
                camera="cam-1",
                source=str(source),
                crop=crop,
                fps=5,
                starts_at=datetime.fromtimestamp(STARTS_AT_MS / 1000, UTC),
            ),
            tracklet=TrackletSettings(min_width=20, min_height=60),
            detector=ColourDetector([RED, BLUE]),
            embedders={ObjectClass.PERSON: ColourEmbedder()},
            emit=self.emit,
            clock=SystemClock(),
            clock_offset=lambda: ClockOffset(offset_ms=12.5, round_trip_ms=3.0),
        )

    def replace(self, **parts: object) -> None:
        self.parts = replace(self.parts, **parts)  # type: ignore[arg-type]

    def emit(self, lane: Lane, payload: bytes) -> None:
        assert lane is Lane.SIGHTING
        self.payloads.append(payload)

    def run(self, stop: Event | None = None) -> list[Sighting]:
        run_channel(self.parts, self.counters, stop)
        return [decode(Sighting, payload) for payload in self.payloads]

    @property
    def final(self) -> list[Sighting]:
        latest = {s.id: s for s in (decode(Sighting, payload) for payload in self.payloads)}
        return sorted(latest.values(), key=lambda s: s.first_seen_ms)


def test_two_walkers_in_a_clip_are_two_sightings_with_honest_times(tmp_path: Path) -> None:
    box = Box(encode_scene(tmp_path / "a.mp4", [WALKER, OTHER], seconds=6))
    box.run()
    red, blue = box.final
    assert (red.first_seen_ms - STARTS_AT_MS, blue.first_seen_ms - STARTS_AT_MS) == (0, 1000)
    assert red.last_seen_ms - STARTS_AT_MS == 5800
    assert blue.last_seen_ms - STARTS_AT_MS == 5000
    assert red.ended
    assert blue.ended
    assert red.embedding.space == "mean-colour@1"
    assert red.models == {
        "detector": "colours@1 none/CPU/exact",
        "embedder": "mean-colour@1 none/CPU/exact",
    }
    assert red.clock == ClockOffset(offset_ms=12.5, round_trip_ms=3.0)
    assert (red.frame_width, red.frame_height) == (320, 240)


def test_what_stands_still_is_followed_without_being_looked_at(tmp_path: Path) -> None:
    waits = Actor(RED, Rect(100, 60, 140, 180))
    box = Box(encode_scene(tmp_path / "a.mp4", [waits], seconds=12))
    box.replace(gate=GateSettings(anyway_s=2.0))
    box.run()
    (sighting,) = box.final
    # In the end only key frames are decoded.
    assert 11_000 <= sighting.last_seen_ms - sighting.first_seen_ms <= 11_800
    assert box.counters.still > 0
    assert box.counters.frames < 40


def test_the_box_of_a_sighting_lies_on_the_object_at_the_time_of_the_shot(tmp_path: Path) -> None:
    box = Box(encode_scene(tmp_path / "a.mp4", [WALKER, OTHER], seconds=6))
    box.run()
    for sighting, actor in zip(box.final, (WALKER, OTHER), strict=True):
        truth = actor.rect((sighting.shot_ms - STARTS_AT_MS) / 1000)
        assert truth is not None
        assert sighting.box.iou(truth) > 0.8


def test_a_channel_with_a_crop_speaks_in_pixels_of_the_source(tmp_path: Path) -> None:
    clip = encode_scene(tmp_path / "a.mp4", [WALKER], seconds=6)
    box = Box(clip, CropSettings(left=120, top=20, right=320, bottom=220))
    box.run()
    (sighting,) = box.final
    truth = WALKER.rect((sighting.shot_ms - STARTS_AT_MS) / 1000)
    assert truth is not None
    assert sighting.box.iou(truth) > 0.8
    assert sighting.first_box.left >= 120


def test_revisions_of_one_object_share_an_id_and_rise(tmp_path: Path) -> None:
    box = Box(encode_scene(tmp_path / "a.mp4", [WALKER], seconds=6))
    assert [s.revision for s in box.run()] == [0, 1]
    assert box.counters.sightings == 1
    assert box.counters.messages == 2
    assert box.counters.frames == 30
    assert box.counters.decoded == 150
    assert box.counters.status == "ended"


def test_a_crop_full_of_detail_stays_within_the_budget_of_bytes() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (64, 32, 3), dtype=np.uint8)
    crop = np.asarray(cv2.resize(noise, (128, 256)), dtype=np.uint8)
    assert len(_webp(crop, 80)) < 0.7 * len(encode_webp(crop, 80))
    assert _webp(crop[:32, :16], 80) == encode_webp(crop[:32, :16], 80)


def test_a_stop_sends_what_was_being_followed(tmp_path: Path) -> None:
    box = Box(encode_scene(tmp_path / "a.mp4", [WALKER], seconds=6))
    stop = Event()
    emit = box.parts.emit

    def first_then_stop(lane: Lane, payload: bytes) -> None:
        emit(lane, payload)
        stop.set()

    object.__setattr__(box.parts, "emit", first_then_stop)
    sightings = box.run(stop)
    assert [(s.revision, s.ended) for s in sightings] == [(0, False), (1, True)]


def test_an_outbox_that_refuses_ends_the_channel_with_its_error(tmp_path: Path) -> None:
    box = Box(encode_scene(tmp_path / "a.mp4", [WALKER], seconds=6))

    def full(_lane: Lane, _payload: bytes) -> None:
        raise StorageError("the disk is full")

    object.__setattr__(box.parts, "emit", full)
    with pytest.raises(StorageError, match="disk is full"):
        box.run()


def test_a_change_of_size_ends_the_tracks_and_each_sighting_has_its_own_size(
    tmp_path: Path,
) -> None:
    times = [index / 25 for index in range(75)]
    still = Actor(RED, Rect(100, 60, 140, 180), speed=(15, 0))
    small = encode_clip(tmp_path / "a.ts", [scene([still], t) for t in times], times, "mpeg2video")
    large = encode_clip(
        tmp_path / "b.ts",
        [scene([still], t, (400, 304)) for t in times],
        times,
        "mpeg2video",
    )
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    box = Box(both)
    box.run()
    assert [(s.frame_width, s.frame_height) for s in box.final] == [(320, 240), (400, 304)]


def test_a_class_without_embedder_is_counted_and_not_sent(tmp_path: Path) -> None:
    box = Box(encode_scene(tmp_path / "a.mp4", [WALKER], seconds=3))
    object.__setattr__(box.parts, "embedders", {})
    assert box.run() == []
    assert box.counters.no_embedder == 1


def test_a_vehicle_is_sent_with_its_words_and_what_read_them(tmp_path: Path) -> None:
    car = Actor(RED, Rect(20, 80, 300, 220), speed=(4, 0))
    box = Box(encode_scene(tmp_path / "a.mp4", [car], seconds=4))
    vehicle = ObjectClass.VEHICLE
    plates = Plates(PLATE)
    box.replace(
        detector=ColourDetector([RED], shows=vehicle),
        embedders={vehicle: ColourEmbedder()},
        readers=Readers({vehicle: Colours()}, plates),
        tracklet=TrackletSettings(min_width=64, min_height=200),
    )
    early, final = box.run()
    assert early.plate == final.plate == PLATE.text
    assert set(final.attributes) == {"upper_colour"}
    assert final.models["attributes"] == "colours@1 none/CPU/exact"
    assert final.models["plate_reader"] == "plates@1 none/CPU/exact"
    # Wider than high, and read on more pixels than are sent.
    assert (crop_of(final).width, crop_of(final).height) < (208, 160)
    assert all(width > 280 for width in plates.widths)


def test_a_reader_that_fails_costs_the_words_and_never_the_sighting(tmp_path: Path) -> None:
    box = Box(encode_scene(tmp_path / "a.mp4", [WALKER], seconds=4))
    box.replace(readers=Readers({ObjectClass.PERSON: Broken()}))
    assert [(s.attributes, s.plate) for s in box.run()] == [({}, None)] * 2
    assert box.counters.unread == 2


def test_a_tall_crop_is_made_smaller_where_that_is_asked(tmp_path: Path) -> None:
    box = Box(encode_scene(tmp_path / "a.mp4", [WALKER], seconds=4))
    box.replace(tracklet=TrackletSettings(min_width=20, min_height=60, max_crop_height=64))
    assert {crop_of(s).height for s in box.run()} == {64}


def test_a_source_that_fails_may_be_run_again(tmp_path: Path) -> None:
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"")
    box = Box(clip)
    with Engine(EngineParts(box.parts.detector, box.parts.embedders, box.parts.clock)) as engine:
        pipeline = ChannelPipeline(box.parts, engine, box.counters)
        with pytest.raises(SourceError):
            pipeline.run(Event())
        encode_scene(clip, [WALKER], seconds=3)
        pipeline.run(Event())
    assert box.counters.sightings == 1
