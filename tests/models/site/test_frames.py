from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.site.frames import SiteFrame, read_frames, split
from shared.errors import ConfigError
from tests.models.site.makers import textured


def frames(count: int, channel: str = "hall", step_ms: int = 10_000) -> list[SiteFrame]:
    return [
        SiteFrame(Path(f"{channel}-{number}.jpg"), channel, number * step_ms, masked=False)
        for number in range(count)
    ]


def test_no_frame_is_both_trained_on_and_held_out() -> None:
    apart = split(frames(100), 0.25, np.random.default_rng(0))
    assert not set(apart.train) & set(apart.held_out)
    assert len(apart.held_out) == pytest.approx(25, abs=8)


def test_time_is_held_out_in_blocks_not_in_single_frames() -> None:
    apart = split(frames(100), 0.25, np.random.default_rng(0))
    moments = sorted(frame.captured_ms // 10_000 for frame in apart.held_out)
    edges = sum(b - a > 1 for a, b in pairwise(moments))
    assert edges <= len(moments) // 6


def test_neighbours_in_time_of_a_held_out_frame_are_not_trained_on() -> None:
    apart = split(frames(200, step_ms=200), 0.25, np.random.default_rng(0))
    gaps = [
        abs(one.captured_ms - other.captured_ms) for one in apart.train for other in apart.held_out
    ]
    assert min(gaps) >= 5_000


def test_every_channel_is_in_both_parts() -> None:
    apart = split(frames(40) + frames(40, "door"), 0.2, np.random.default_rng(1))
    for part in (apart.train, apart.held_out):
        assert {frame.channel for frame in part} == {"hall", "door"}


def test_too_few_frames_to_split_are_refused() -> None:
    with pytest.raises(ConfigError, match="too few to train on"):
        split(frames(1), 0.25, np.random.default_rng(0))


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no picture"):
        read_frames(tmp_path)


def test_any_folder_of_pictures_will_do(tmp_path: Path) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.jpg"), textured(number))
    found = read_frames(tmp_path)
    assert [frame.path.name for frame in found] == ["0.jpg", "1.jpg", "2.jpg"]
    assert not any(frame.masked for frame in found)
