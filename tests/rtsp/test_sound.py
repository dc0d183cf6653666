from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest

from edge_agent.source import open_source
from edge_agent.source.image import FrameImage
from edge_agent.source.sound import Soundness, is_blank
from tests.rtsp.clips import encode_units, joined, street
from tests.rtsp.watching import QUICK


def filled(luma: int, blue: int, red: int, pixel_format: str = "yuv420p") -> FrameImage:
    frame = av.VideoFrame(320, 240, pixel_format)
    for plane, value in zip(frame.planes, (luma, blue, red), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return FrameImage(frame)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p"])
def test_a_decoders_own_grey_and_green_are_blank(pixel_format: str) -> None:
    assert is_blank(filled(128, 128, 128, pixel_format))
    assert is_blank(filled(0, 0, 0, pixel_format))


def test_a_street_and_an_even_wall_are_not_blank() -> None:
    assert not is_blank(FrameImage.of(street(0.1)[0]))
    assert not is_blank(FrameImage.of(np.full((240, 320, 3), 90, dtype=np.uint8)))
    # Fog over a dark road.
    fog = np.linspace(110, 150, 240, dtype=np.uint8)[:, None, None] * np.ones((1, 320, 3), np.uint8)
    assert not is_blank(FrameImage.of(fog))


def test_grey_frames_within_a_clip_are_left_out_and_counted(tmp_path: Path) -> None:
    # What BGR 128 is encoded as lies near what a decoder fills in, 126 for 128.
    grey = [np.full((240, 320, 3), 130, dtype=np.uint8)] * 10
    units = joined([encode_units(street(1)), encode_units(grey), encode_units(street(1))])
    clip = tmp_path / "clip.h264"
    clip.write_bytes(b"".join(unit.data for unit in units))
    source = open_source(str(clip), QUICK)
    assert len(list(source.frames(Event()))) == 20
    assert (source.stats.blank, source.stats.damaged) == (10, 0)


def frame(pts: int) -> av.VideoFrame:
    made = av.VideoFrame(64, 64, "yuv420p")
    made.pts = pts
    return made


def test_without_key_frames_trust_returns_when_the_picture_has_been_renewed() -> None:
    soundness = Soundness()
    admitted = [soundness.admits(frame(pts)) for pts in range(260)]
    assert admitted == [False] * 249 + [True] * 11
    soundness.damage(260)
    assert not soundness.admits(frame(261))
