import os
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from edge_agent.source import CropRect, Frame, SourceError, open_source
from shared.clock import ManualClock
from shared.errors import ConfigError
from shared.geometry import Rect
from tests.edge_agent.media.clips import (
    STARTS_AT_MS,
    Actor,
    encode_clip,
    encode_scene,
    options,
    scene,
)

RED = Actor((20, 20, 230), Rect(100, 40, 160, 200))


def noise_clip(path: Path) -> Path:
    """Fifty frames that do not compress."""
    noise = np.random.default_rng(7)
    pictures = [noise.integers(0, 255, (240, 320, 3), dtype=np.uint8) for _ in range(50)]
    return encode_clip(path, pictures, [index / 25 for index in range(50)])


def read(path: Path, fps: float | None = None, crop: CropRect | None = None) -> list[Frame]:
    return list(open_source(str(path), options(fps, crop)).frames(Event()))


def test_a_clip_ends_and_its_seconds_can_be_told_from_wall_time(tmp_path: Path) -> None:
    frames = read(encode_scene(tmp_path / "a.mp4", [RED], seconds=2), fps=5)
    assert [frame.captured_ms - STARTS_AT_MS for frame in frames] == list(range(0, 2000, 200))
    assert {(frame.width, frame.height, frame.cut) for frame in frames} == {(320, 240, False)}


def test_only_the_crop_rectangle_is_handed_on(tmp_path: Path) -> None:
    clip = encode_scene(tmp_path / "a.mp4", [RED], seconds=0.2)
    frame = read(clip, crop=CropRect(100, 40, 160, 200))[0]
    assert frame.picture.shape == (160, 60, 3)
    assert (frame.left, frame.top, frame.width, frame.height) == (100, 40, 320, 240)
    assert np.median(frame.picture[4::8, :, 2]) > 200


def test_a_crop_outside_the_picture_is_refused_with_both_sizes(tmp_path: Path) -> None:
    clip = encode_scene(tmp_path / "a.mp4", [RED], seconds=0.2)
    with pytest.raises(ConfigError, match=r"\(400, 240\).*320 x 240"):
        read(clip, crop=CropRect(200, 0, 400, 240))


def test_a_file_cut_short_gives_the_frames_before_the_cut(tmp_path: Path) -> None:
    clip = noise_clip(tmp_path / "a.avi")
    os.truncate(clip, clip.stat().st_size // 2)
    frames = read(clip)
    assert 10 < len(frames) < 40


def test_packets_that_do_not_decode_are_counted_and_left_out(tmp_path: Path) -> None:
    clip = noise_clip(tmp_path / "a.avi")
    damaged = bytearray(clip.read_bytes())
    for at in range(len(damaged) // 4, len(damaged) // 2, 2_000):
        damaged[at : at + 200] = bytes(200)
    clip.write_bytes(damaged)
    source = open_source(str(clip), options())
    frames = list(source.frames(Event()))
    assert 0 < len(frames) < 50
    assert source.stats.damaged > 0
    positions = [frame.position_s for frame in frames]
    assert positions == sorted(set(positions))


@pytest.mark.parametrize(
    "content", [b"", b"not a video at all", np.random.default_rng(3).bytes(100_000)]
)
def test_a_file_that_is_no_video_is_a_source_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"door: .*a\.mp4"):
        read(path)


def test_a_clip_cut_inside_its_first_frame_is_a_source_error(tmp_path: Path) -> None:
    clip = encode_scene(tmp_path / "a.mp4", [RED], seconds=1)
    content = clip.read_bytes()
    head = content.index(b"mdat") + 6
    clip.write_bytes(content[:head])
    with pytest.raises(SourceError):
        read(clip)


def test_a_path_that_is_not_there_is_a_source_error() -> None:
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        open_source("/no/such/clip.mp4", options())


def test_a_camera_that_does_not_answer_is_a_source_error_without_its_password() -> None:
    source = open_source("rtsp://admin:hunter2@127.0.0.1:9/stream", options())
    with pytest.raises(SourceError) as caught:
        list(source.frames(Event()))
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_usb_camera_that_is_not_there_is_a_source_error() -> None:
    with pytest.raises(SourceError, match="/dev/video99"):
        list(open_source("usb:99", options()).frames(Event()))


def test_a_clip_that_changes_size_goes_on_and_says_so(tmp_path: Path) -> None:
    # Two transport streams end to end are one stream whose size changes.
    pictures = [scene([RED], 0.0)] * 10
    small = encode_clip(tmp_path / "a.ts", pictures, [i / 25 for i in range(10)], "mpeg2video")
    pictures = [scene([RED], 0.0, (400, 304))] * 10
    large = encode_clip(tmp_path / "b.ts", pictures, [i / 25 for i in range(10)], "mpeg2video")
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    frames = read(both)
    sizes = [(frame.width, frame.height) for frame in frames]
    assert set(sizes) == {(320, 240), (400, 304)}
    assert [frame.cut for frame in frames].count(True) == 1
    assert frames[sizes.index((400, 304))].cut
    positions = [frame.position_s for frame in frames]
    assert positions == sorted(set(positions))


def test_a_crop_that_no_longer_fits_after_a_change_of_size_is_refused(tmp_path: Path) -> None:
    times = [i / 25 for i in range(10)]
    large = encode_clip(
        tmp_path / "b.ts", [scene([RED], 0.0, (400, 304))] * 10, times, "mpeg2video"
    )
    small = encode_clip(tmp_path / "a.ts", [scene([RED], 0.0)] * 10, times, "mpeg2video")
    both = tmp_path / "both.ts"
    both.write_bytes(large.read_bytes() + small.read_bytes())
    with pytest.raises(ConfigError, match="320 x 240"):
        read(both, crop=CropRect(0, 0, 400, 304))


def test_a_loop_begins_anew_with_rising_time_until_it_is_stopped(tmp_path: Path) -> None:
    clip = encode_scene(tmp_path / "a.mp4", [RED], seconds=0.4)
    looped = options()
    source = open_source(str(clip), replace(looped, loop=True))
    stop, frames = Event(), []
    for frame in source.frames(stop):
        frames.append(frame)
        if len(frames) == 25:
            stop.set()
    assert not source.finite
    assert [index for index, frame in enumerate(frames) if frame.cut] == [10, 20]
    gaps = np.diff([frame.position_s for frame in frames])
    assert gaps == pytest.approx(np.full(24, 0.04), abs=1e-6)


def test_a_paced_clip_waits_for_its_time_and_stops_at_once(tmp_path: Path) -> None:
    class Stop(Event):
        waited: list[float]

        def wait(self, timeout: float | None = None) -> bool:
            self.waited.append(timeout or 0.0)
            return self.is_set()

    clip = encode_scene(tmp_path / "a.mp4", [RED], seconds=1)
    paced = options(clock=ManualClock(STARTS_AT_MS))
    source = open_source(str(clip), replace(paced, realtime=True))
    stop = Stop()
    stop.waited = []
    frames = 0
    for _ in source.frames(stop):
        frames += 1
        if frames == 10:
            stop.set()
    assert frames == 10
    assert stop.waited == pytest.approx([index / 25 for index in range(11)])
