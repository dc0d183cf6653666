import threading
from collections.abc import Sequence
from contextlib import ExitStack
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
import structlog

from edge_agent.engine import Engine, EngineParts, EngineSettings, Errand, Pace
from edge_agent.engine.overload import Overload
from edge_agent.source import Frame
from models.errors import ModelError
from models.preparation import Shown, Size
from models.roles import Detection, Detector
from shared.clock import ManualClock, SystemClock
from shared.pictures import Picture
from tests.edge_agent.engine.frames import (
    PERSON,
    WAIT_S,
    CountingEmbedder,
    Crop,
    GatedDetector,
    Watcher,
    frame,
)
from tests.edge_agent.media.clips import ColourDetector
from tests.waiting import wait_until

CAMERA = Pace(5.0, every=False)
CLIP = Pace(5.0, every=True)


def engine_of(
    detector: Detector,
    *,
    workers: int = 1,
    batch: int = 1,
    embedder: CountingEmbedder | None = None,
) -> Engine:
    settings = EngineSettings.model_validate({"batch": batch})
    embedders = {PERSON: embedder or CountingEmbedder()}
    return Engine(EngineParts(detector, embedders, SystemClock(), workers, settings))


def nothing() -> Sequence[Errand]:
    return ()


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    detector, watcher = GatedDetector(opened=False), Watcher()
    with engine_of(detector) as engine, engine.line(watcher, CAMERA) as line:
        line.put(frame(0))
        assert detector.entered.wait(WAIT_S)
        for number in range(1, 6):
            line.put(frame(number))
        detector.gate.set()
        line.finish(nothing)
        assert watcher.numbers == [0, 5]
        assert line.replaced == 4
        assert (engine.status().frames, engine.status().replaced) == (2, 4)


def test_a_frame_in_which_nothing_moved_costs_no_inference() -> None:
    detector, watcher = GatedDetector(), Watcher()
    with engine_of(detector) as engine, engine.line(watcher, CLIP) as line:
        for number in range(6):
            line.put(frame(number), look=number % 3 == 0)
        line.finish(nothing)
        assert engine.status().frames == 2
    assert (watcher.numbers, watcher.stills) == ([0, 3], [1, 2, 4, 5])


def test_a_clip_that_goes_as_fast_as_it_can_loses_no_frame() -> None:
    watchers = [Watcher() for _ in range(4)]

    def play(engine: Engine, watcher: Watcher) -> None:
        with engine.line(watcher, CLIP) as line:
            for number in range(200):
                line.put(frame(number))
            line.finish(nothing)

    with engine_of(GatedDetector(), workers=3, batch=4) as engine:
        threads = [Thread(target=play, args=(engine, watcher)) for watcher in watchers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WAIT_S)
    assert [watcher.numbers for watcher in watchers] == [list(range(200))] * 4


def test_channels_that_wait_together_share_a_call_if_their_frames_fit() -> None:
    detector = GatedDetector(opened=False)
    with engine_of(detector, batch=4) as engine, ExitStack() as stack:
        lines = [stack.enter_context(engine.line(Watcher(), CAMERA)) for _ in range(5)]
        lines[0].put(frame(0))
        assert detector.entered.wait(WAIT_S)
        for line in lines[1:4]:
            line.put(frame(0))
        lines[4].put(frame(0, size=Size(64, 16)))
        detector.gate.set()
        for line in lines:
            line.finish(nothing)
    assert detector.calls == [1, 3, 1]


def test_no_channel_starves_and_all_are_slowed_evenly() -> None:
    detector = GatedDetector()
    watchers = [Watcher(enough=30) for _ in range(6)]
    stop = Event()

    def play(engine: Engine, watcher: Watcher) -> None:
        with engine.line(watcher, CAMERA) as line:
            number = 0
            # Faster than the engine by far, and not the only one with a core.
            while not stop.wait(0.001):
                line.put(frame(number))
                number += 1
            line.finish(nothing)

    with engine_of(detector, workers=1) as engine:
        threads = [Thread(target=play, args=(engine, watcher)) for watcher in watchers]
        for thread in threads:
            thread.start()
        assert all(watcher.done.wait(WAIT_S) for watcher in watchers)
        stop.set()
        for thread in threads:
            thread.join(WAIT_S)
    assert all(watcher.numbers == sorted(watcher.numbers) for watcher in watchers)


class Failing(GatedDetector):
    """Fails at pictures of one size."""

    def detect_all(self, pictures: Sequence[Shown]) -> list[list[Detection]]:
        for picture in pictures:
            if picture.scaled(picture.size)[0, 0, 0] == 13:
                raise ModelError("13 is too much")
        return super().detect_all(pictures)


def test_a_frame_that_fails_is_its_own_channels_trouble_alone() -> None:
    detector, good, bad = Failing(opened=False), Watcher(), Watcher()
    with (
        engine_of(detector, batch=4) as engine,
        engine.line(good, CAMERA) as first,
        engine.line(bad, CAMERA) as second,
    ):
        first.put(frame(0))
        assert detector.entered.wait(WAIT_S)
        first.put(frame(1))
        second.put(frame(0, value=13))
        detector.gate.set()
        first.finish(nothing)
        with pytest.raises(ModelError, match="too much"):
            second.finish(nothing)
        second.put(frame(1))
        second.finish(nothing)
    assert (good.numbers, bad.numbers) == ([0, 1], [1])


def test_what_a_channels_stages_raise_is_raised_in_its_own_thread() -> None:
    def breaks(_: Frame) -> Sequence[Errand]:
        raise ZeroDivisionError("unthought of")

    with engine_of(GatedDetector()) as engine, engine.line(Watcher(breaks), CLIP) as line:
        line.put(frame(0))
        with pytest.raises(ZeroDivisionError, match="unthought of"):
            line.finish(nothing)


def test_crops_are_embedded_once_together_and_what_follows_keeps_its_order() -> None:
    embedder, told = CountingEmbedder(), list[str]()
    shared = Crop()

    def errand(name: str, due_s: float) -> Errand:
        return Errand(due_s, PERSON, [shared, Crop()], lambda: told.append(name))

    def makes(_: Frame) -> Sequence[Errand]:
        return [errand("later", 2e9), errand("soon", 1e9)]

    with (
        engine_of(GatedDetector(), embedder=embedder) as engine,
        engine.line(Watcher(makes), CLIP) as line,
    ):
        line.put(frame(0))
        line.finish(lambda: [errand("last", 3e9)])
        assert engine.status().embedded == sum(embedder.calls)
    assert told == ["soon", "later", "last"]
    assert embedder.calls == [3, 1]


def test_a_detector_that_knows_pictures_only_is_given_whole_ones() -> None:
    watcher = Watcher()
    detector = ColourDetector([(13, 13, 13)])
    with engine_of(detector) as engine, engine.line(watcher, CLIP) as line:
        line.put(frame(0, value=13))
        line.finish(nothing)
        assert watcher.numbers == [0]
        line.put(frame(1, value=200))
        with pytest.raises(AssertionError):
            line.finish(nothing)


def test_a_worker_that_hangs_is_named_with_what_it_does() -> None:
    detector, watcher = GatedDetector(), Watcher()
    with engine_of(detector) as engine, engine.line(watcher, CAMERA) as line:
        line.put(frame(0))
        wait_until(lambda: watcher.numbers == [0])
        detector.close()
        line.put(frame(1))
        assert detector.entered.wait(WAIT_S)
        wait_until(lambda: engine.hang(0.05) is not None)
        hang = engine.hang(0.05)
        assert hang is not None
        assert (hang.worker, hang.doing) == ("inference-0", "detection")
        assert engine.hang(60) is None
        detector.gate.set()
        line.finish(nothing)
        assert engine.hang(0.0) is None


def workers_alive() -> list[str]:
    names = [thread.name for thread in threading.enumerate()]
    return [name for name in names if name.startswith("inference-")]


def test_workers_end_with_the_engine() -> None:
    with engine_of(GatedDetector(), workers=4):
        assert len(workers_alive()) == 4
    assert workers_alive() == []


def test_a_slow_engine_says_once_that_it_is_and_once_that_it_is_no_longer() -> None:
    clock, counts = ManualClock(), [0, 0]
    overload = Overload(clock, lambda: (counts[0], counts[1]))

    def slowed_after(worked: int, replaced: int) -> bool:
        counts[0] += worked
        counts[1] += replaced
        clock.advance(10.0)
        overload.check()
        return overload.slowed

    windows = [(100, 2), (60, 40), (70, 30), (100, 2), (100, 0)]
    with structlog.testing.capture_logs() as logs:
        said = [slowed_after(*window) for window in windows]
    assert said == [False, True, True, True, False]
    assert [entry["share_of_frames"] for entry in logs if "share_of_frames" in entry] == [0.6]
    assert [entry["event"] for entry in logs] == [
        "inference does not keep up: every channel is looked at less often",
        "inference keeps up again",
    ]


@pytest.mark.parametrize(
    ("channels", "cores", "threads", "given", "workers"),
    [
        (1, 4, 1, None, 1),
        (16, 4, 1, None, 4),
        (16, 4, 2, None, 2),
        (2, 1, 4, None, 1),
        (1, 4, 1, 3, 3),
    ],
)
def test_workers_are_as_many_as_the_box_gives(
    channels: int, cores: int, threads: int, given: int | None, workers: int
) -> None:
    assert EngineSettings(workers=given).workers_for(channels, cores, threads) == workers


class PickyEmbedder(CountingEmbedder):
    """Takes no crop that is white."""

    def embed(self, crops: Sequence[Picture]) -> np.ndarray[Any, np.dtype[np.float32]]:
        if any(crop.max() == 255 for crop in crops):
            raise ModelError("no such crop")
        return super().embed(crops)


def test_a_crop_that_no_network_takes_costs_one_sighting_and_no_other_channels() -> None:
    sent = list[str]()

    def errand(name: str, value: int) -> Errand:
        crop = Crop(np.full((4, 4, 3), value, dtype=np.uint8))
        return Errand(1e12, PERSON, [crop], lambda: sent.append(name))

    good = Watcher(makes=lambda _: [errand("good", 0)])
    bad = Watcher(makes=lambda _: [errand("bad", 255), errand("not so bad", 0)])
    detector = GatedDetector(opened=False)
    with engine_of(detector, embedder=PickyEmbedder()) as engine, ExitStack() as stack:
        lines = [stack.enter_context(engine.line(watcher, CAMERA)) for watcher in (good, bad)]
        for line in lines:
            line.put(frame(0))
        detector.gate.set()
        lines[0].finish(nothing)
        with pytest.raises(ModelError, match="no such crop"):
            lines[1].finish(nothing)
        assert engine.status().failed == 1
    assert sorted(sent) == ["good", "not so bad"]


def test_a_networks_first_call_may_take_longer_before_it_counts_as_hanging() -> None:
    detector = GatedDetector(opened=False)
    with engine_of(detector) as engine, engine.line(Watcher(), CLIP) as line:
        line.put(frame(0))
        assert detector.entered.wait(WAIT_S)
        wait_until(lambda: engine.status().busy_s > 0.01)
        assert engine.hang(0.01) is None
        detector.gate.set()
        line.finish(nothing)
