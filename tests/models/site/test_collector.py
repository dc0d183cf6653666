from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.detection import Detection
from models.site.collector import ChannelCollector, Collector
from models.site.folder import AlbumFolder
from models.site.layout import read_records
from models.site.masking import Masker, head_of
from models.site.record import FrameRecord
from models.site.settings import CollectSettings
from shared.classes import ObjectClass
from shared.clock import ManualClock
from shared.pictures import Picture
from tests.models.site.makers import (
    NOON_MS,
    decoded,
    person,
    roughness,
    scene,
    textured,
)

DECISION = 0.4
ROOM = textured()


def collector_in(root: Path, clock: ManualClock | None = None, **chosen: object) -> Collector:
    values = {"quota_mib": 4, "random": 0.0, "every_s": 2.0, "min_free_mib": 0, **chosen}
    return Collector(
        CollectSettings.model_validate({"out": root, **values}),
        "tiny@1 onnxruntime/CPU/f32",
        DECISION,
        Masker("faces"),
        clock or ManualClock(NOON_MS),
        np.random.default_rng(0),
    )


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    made = collector_in(tmp_path)
    yield made
    made.close()


def watch(
    channel: ChannelCollector,
    frames: list[list[Detection]],
    picture: Picture = ROOM,
    start_s: float = 0.0,
) -> None:
    """Offer a frame for each list of detections, five a second."""
    for number, detections in enumerate(frames):
        channel.offer(picture, detections, NOON_MS + round(1000 * (start_s + number / 5)))
    channel.flush()


def kept(root: Path) -> list[FrameRecord]:
    return [record for _, record in read_records(root)]


def hard(left: float = 100.0) -> list[Detection]:
    """One who is nearly not seen, one who is, partly behind."""
    return [person(left, 50, confidence=0.41), person(left + 10, 55)]


def test_easy_frames_are_not_kept(collector: Collector, tmp_path: Path) -> None:
    watch(collector.channel("hall"), [[person(100, 50)]] * 50)
    assert not list(tmp_path.glob("frames/*"))


def test_a_hard_frame_is_kept_with_its_boxes_and_its_reasons(
    collector: Collector, tmp_path: Path
) -> None:
    watch(collector.channel("hall"), [[person(100, 50)], hard(), [person(100, 50)]])
    (record,) = kept(tmp_path)
    assert record.captured_ms == NOON_MS + 200
    assert {"threshold", "overlap"} <= record.reasons.keys()
    assert [box.detection() for box in record.detections] == [
        one._replace(confidence=round(one.confidence, 4)) for one in hard()
    ]
    assert record.detector == "tiny@1 onnxruntime/CPU/f32"


def test_the_frame_in_which_somebody_was_lost_is_kept_not_the_next(
    collector: Collector, tmp_path: Path
) -> None:
    there = [person(100, 50)]
    watch(collector.channel("hall"), [there, there, [], there, there])
    (record,) = kept(tmp_path)
    assert record.captured_ms == NOON_MS + 400
    assert "flicker" in record.reasons


def test_heads_are_masked_in_the_kept_picture_and_in_the_crops(
    collector: Collector, tmp_path: Path
) -> None:
    watch(collector.channel("hall"), [hard()])
    (path, record), *_ = read_records(tmp_path)
    picture = decoded(path.read_bytes())
    for one in hard():
        head = head_of(one.rect)
        assert roughness(picture, head) < 0.4 * roughness(ROOM, head)
    legs = hard()[1].rect._replace(top=105)
    assert roughness(picture, legs) > 0.5 * roughness(ROOM, legs)
    assert record.crops
    crop = decoded((tmp_path / record.crops[0]).read_bytes())
    top = crop[: crop.shape[0] // 5].astype(np.int16)
    bottom = crop[-crop.shape[0] // 5 :].astype(np.int16)
    assert np.abs(np.diff(top, axis=1)).mean() < 0.4 * np.abs(np.diff(bottom, axis=1)).mean()


def test_no_picture_is_given_to_the_disk_before_it_is_masked(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, bytes] = {}
    real = AlbumFolder.write

    def write(self: AlbumFolder, name: str, data: bytes) -> None:
        given[name] = data
        real(self, name, data)

    monkeypatch.setattr(AlbumFolder, "write", write)
    watch(collector.channel("hall"), [hard()])
    pictures = [
        decoded(data)
        for name, data in given.items()
        if name.startswith("frames/") and name.endswith(".jpg")
    ]
    assert len(pictures) == 1
    head = head_of(hard()[0].rect)
    assert roughness(pictures[0], head) < 0.4 * roughness(ROOM, head)


def test_the_same_scene_is_kept_once(collector: Collector, tmp_path: Path) -> None:
    watch(collector.channel("hall"), [hard()] * 300)
    assert len(kept(tmp_path)) == 1


def test_people_in_other_places_are_something_new(collector: Collector, tmp_path: Path) -> None:
    channel = collector.channel("hall")
    for number, left in enumerate((10, 100, 200)):
        watch(channel, [hard(left)] * 5, start_s=10.0 * number)
    assert len(kept(tmp_path)) == 3


def test_a_harder_copy_takes_the_place_of_an_easier_one(
    collector: Collector, tmp_path: Path
) -> None:
    channel = collector.channel("hall")
    watch(channel, [[person(100, 50, confidence=0.4)]])
    (before,) = kept(tmp_path)
    harder = [person(100, 50, confidence=0.4), person(101, 50, confidence=0.4)]
    watch(channel, [harder], start_s=60)
    (after,) = kept(tmp_path)
    assert after.name != before.name
    assert after.score > before.score


def test_one_channel_is_no_copy_of_another(collector: Collector, tmp_path: Path) -> None:
    for name in ("hall", "door"):
        watch(collector.channel(name), [hard()])
    assert {record.channel for record in kept(tmp_path)} == {"hall", "door"}


def test_an_unusual_light_is_a_reason(collector: Collector, tmp_path: Path) -> None:
    channel = collector.channel("hall")
    watch(channel, [hard()])
    watch(channel, [hard()], picture=(ROOM * 0.2).astype(np.uint8), start_s=60)
    assert [("light" in record.reasons) for record in kept(tmp_path)] == [False, True]


def test_there_is_a_pause_after_a_kept_frame(collector: Collector, tmp_path: Path) -> None:
    places = [[person(left, 50, confidence=0.4)] for left in range(0, 280, 7)]
    watch(collector.channel("hall"), places)
    moments = [record.captured_ms for record in kept(tmp_path)]
    assert len(moments) > 1
    assert min(np.diff(moments)) >= 2000


def test_chance_keeps_easy_frames_too_about_as_many_as_asked_for(tmp_path: Path) -> None:
    collector = collector_in(tmp_path, random=0.5, quota_mib=32)
    frames = [[person(20 + number % 200, 50)] for number in range(3000)]
    watch(collector.channel("hall"), frames, picture=np.full((64, 96, 3), 90, np.uint8))
    collector.close()
    chance = [record.random for record in kept(tmp_path)]
    # 600 s, one frame in 2 s at most, half of them by chance.
    assert 110 <= sum(chance) <= 190


def test_a_cut_ends_what_was_compared(collector: Collector, tmp_path: Path) -> None:
    channel = collector.channel("hall")
    there = [person(100, 50)]
    channel.offer(ROOM, there, NOON_MS)
    channel.offer(ROOM, [], NOON_MS + 200, cut=True)
    channel.offer(ROOM, there, NOON_MS + 400, cut=True)
    channel.flush()
    assert not list(tmp_path.glob("frames/*"))


def test_collecting_goes_on_where_it_was_after_a_restart(tmp_path: Path) -> None:
    first = collector_in(tmp_path)
    watch(first.channel("hall"), [hard()])
    first.close()
    second = collector_in(tmp_path, ManualClock(NOON_MS + 60_000))
    watch(second.channel("hall"), [hard()], start_s=60)
    watch(second.channel("hall"), [hard(200)], start_s=70)
    second.close()
    assert len(kept(tmp_path)) == 2


def test_old_frames_go_while_collecting_runs_on(tmp_path: Path) -> None:
    clock = ManualClock(NOON_MS)
    collector = collector_in(tmp_path, clock)
    channel = collector.channel("hall")
    watch(channel, [hard()])
    clock.advance(31 * 86_400)
    watch(channel, [[person(100, 50)]] * 3, start_s=31 * 86_400)
    collector.close()
    assert kept(tmp_path) == []


def test_crops_are_of_sure_whole_objects_by_their_class(
    collector: Collector, tmp_path: Path
) -> None:
    bike = person(200, 60)._replace(object_class=ObjectClass.TWO_WHEELER)
    cut = person(0, 60)
    watch(collector.channel("hall"), [[*hard(), bike, cut]])
    (record,) = kept(tmp_path)
    assert sorted(name.split("/")[1] for name in record.crops) == ["person", "two_wheeler"]
    assert all((tmp_path / name).is_file() for name in record.crops)


def test_many_frames_of_a_busy_channel_stay_below_the_quota(tmp_path: Path) -> None:
    collector = collector_in(tmp_path, quota_mib=1, random=0.2)
    rng = np.random.default_rng(1)
    channel = collector.channel("hall")
    for number in range(200):
        places = [(float(x), float(y)) for x, y in rng.uniform((0, 0), (280, 110), (6, 2))]
        watch(channel, [scene(places, confidence=0.4)], start_s=number * 10)
    collector.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 1024 * 1024
    assert len(kept(tmp_path)) > 5
