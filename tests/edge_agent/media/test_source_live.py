from pathlib import Path
from threading import Event

import pytest

from edge_agent.source import SourceError
from edge_agent.source.video import VideoInput, VideoSource
from edge_agent.source.wall import LiveTime
from shared.clock import ManualClock
from shared.geometry import Rect
from tests.edge_agent.media.clips import STARTS_AT_MS, Actor, encode_scene, options

RED = Actor((20, 20, 230), Rect(100, 40, 160, 200))


def count(source: VideoSource, clock: ManualClock, seconds_each: float) -> int:
    """Read `source` to its end at that pace."""
    taken = 0
    with pytest.raises(SourceError, match="ended"):  # noqa: PT012 - the frames come before the end
        for _ in source.frames(Event()):
            taken += 1
            clock.advance(seconds_each)
    return taken


def test_a_stream_that_ends_is_an_error_so_that_it_is_opened_again(tmp_path: Path) -> None:
    clip = encode_scene(tmp_path / "a.mp4", [RED], seconds=1)
    clock = ManualClock(STARTS_AT_MS)
    source = VideoSource(VideoInput(str(clip), live=True), options(fps=5, clock=clock))
    assert count(source, clock, 0.2) == 5
    assert not source.finite
    assert source.stats.total is None


def test_a_channel_that_falls_behind_leaves_frames_out_and_counts_them(tmp_path: Path) -> None:
    clip = encode_scene(tmp_path / "a.mp4", [RED], seconds=4)
    clock = ManualClock(STARTS_AT_MS)
    source = VideoSource(VideoInput(str(clip), live=True), options(clock=clock))
    taken = count(source, clock, 0.5)
    assert taken < 15
    assert source.stats.late == 100 - taken


def test_a_late_frame_keeps_the_time_it_was_taken() -> None:
    clock = ManualClock(STARTS_AT_MS)
    time = LiveTime(clock)
    assert time.captured_ms(time.lag_s(0.0)) == STARTS_AT_MS
    clock.advance(0.7)
    lag_s = time.lag_s(0.2)
    assert lag_s == pytest.approx(0.5, abs=0.001)
    assert time.captured_ms(lag_s) == pytest.approx(STARTS_AT_MS + 200, abs=1)


def test_a_camera_whose_clock_drifts_is_not_taken_for_a_backlog() -> None:
    clock = ManualClock(STARTS_AT_MS)
    time = LiveTime(clock)
    lags = []
    for minute in range(4 * 24 * 60):
        lags.append(time.lag_s(minute * 60 * (1 - 50e-6)))
        clock.advance(60.0)
    assert not time.behind(max(lags))
