"""Clips followed from end to end: `dongseon edge track`."""

from collections import defaultdict
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from edge_agent.cli import app
from edge_agent.source import SourceError
from edge_agent.trace.following import Follower
from edge_agent.trace.motchallenge import write_mot
from edge_agent.trace.overlay import write_overlay
from edge_agent.trace.trace import Placed
from edge_agent.tracklet import TrackletPolicy
from shared.classes import ObjectClass
from shared.clock import ManualClock
from shared.errors import ConfigError, StorageError
from shared.geometry import Rect
from shared.pictures import Picture
from tests.edge_agent.media.clips import (
    STARTS_AT_MS,
    Actor,
    ColourDetector,
    ColourEmbedder,
    encode_clip,
    encode_scene,
)

RED, BLUE, GREEN = (20, 20, 230), (230, 20, 20), (20, 200, 20)
SMALL = TrackletPolicy(min_width=10, min_height=20)
WALKER = Actor(RED, Rect(20, 100, 44, 170), speed=(40, 0))


def follow(clip: Path, fps: float = 5.0) -> dict[int, dict[int, Placed]]:
    """Places by number, then by frame from 0."""
    follower = Follower(
        ColourDetector([RED, BLUE]), {ObjectClass.PERSON: ColourEmbedder()}, fps, SMALL
    )
    told = []
    places = follower.follow(
        str(clip), ManualClock(STARTS_AT_MS), lambda done, total: told.append((done, total))
    )
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    found: dict[int, dict[int, Placed]] = defaultdict(dict)
    for place in places:
        found[place.number][place.frame] = place
    return found


def test_every_frame_of_the_clip_has_its_box_though_few_are_looked_at(tmp_path: Path) -> None:
    clip = encode_scene(tmp_path / "walk.mp4", [WALKER], 4)
    tracks = follow(clip)
    assert list(tracks) == [1]
    path = tracks[1]
    assert sorted(path) == list(range(96))
    assert [index for index, place in path.items() if place.seen] == list(range(0, 100, 5))
    for index, place in path.items():
        true = WALKER.rect(index / 25)
        assert true is not None
        assert place.rect.iou(true) > 0.6


def test_two_people_are_two_tracks(tmp_path: Path) -> None:
    other = Actor(BLUE, Rect(280, 60, 304, 130), speed=(-40, 0))
    tracks = follow(encode_scene(tmp_path / "two.mp4", [WALKER, other], 4))
    assert sorted(tracks) == [1, 2]


@pytest.mark.parametrize(("hidden_s", "filled"), [(1.4, True), (3.2, False)])
def test_who_is_hidden_keeps_the_number_and_is_filled_in_unless_too_long(
    tmp_path: Path, *, hidden_s: float, filled: bool
) -> None:
    slow = Actor(RED, Rect(60, 100, 84, 170), speed=(6, 0), to_s=3.0)
    start = slow.rect(3.0)
    assert start is not None
    again = Actor(RED, start.shifted(6 * hidden_s, 0), (6, 0), from_s=3.0 + hidden_s)
    tracks = follow(encode_scene(tmp_path / "hidden.mp4", [slow, again], 9))
    assert list(tracks) == [1]
    assert (round((3.0 + hidden_s / 2) * 25) in tracks[1]) is filled


def test_lines_are_those_of_the_challenge(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    write_mot(out, [Placed(0, 3, Rect(10, 20, 40, 100.5), 0.875, seen=True)])
    assert out.read_text() == "1,3,10.00,20.00,30.00,80.50,0.8750,-1,-1,-1\n"


def test_the_overlay_is_the_clip_with_boxes_in_it(tmp_path: Path) -> None:
    clip = encode_scene(tmp_path / "walk.mp4", [WALKER], 2)
    out = tmp_path / "overlay.mp4"
    place = Placed(3, 1, Rect(100, 60, 160, 200), 0.9, seen=True)
    write_overlay(str(clip), [place], out, ManualClock(STARTS_AT_MS), lambda *_: None)
    plain, drawn = pictures(clip), pictures(out)
    assert len(drawn) == len(plain) == 50
    changed = [float(np.abs(a - b).max()) for a, b in zip(plain, drawn, strict=True)]
    assert changed[3] > 100 > max(changed[:3] + changed[4:])


def pictures(clip: Path) -> list[Picture]:
    with av.open(str(clip)) as container:
        return [
            frame.to_ndarray(format="bgr24").astype(np.int16) for frame in container.decode(video=0)
        ]


def test_the_command_follows_people_in_a_real_clip_with_the_box_s_own_models(
    vtest_avi: Path, tmp_path: Path
) -> None:
    clip, out, overlay = tmp_path / "campus.mp4", tmp_path / "out.txt", tmp_path / "over.mp4"
    with av.open(str(vtest_avi)) as container:
        frames = [
            np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)
            for frame in islice(container.decode(video=0), 30)
        ]
    encode_clip(clip, frames, [index / 10 for index in range(30)])
    done = CliRunner().invoke(
        app, ["track", str(clip), "--mot", str(out), "--overlay", str(overlay)]
    )
    assert done.exit_code == 0, done.output
    rows = np.loadtxt(out, delimiter=",")
    assert rows.shape[1] == 10
    assert 3 <= len(set(rows[:, 1])) <= 8
    assert rows[0, 0] == 1
    assert set(rows[:, 0]) <= set(range(1, 31))
    assert (rows[:, 4:6] > 0).all()
    assert len(pictures(overlay)) == 30


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (["nowhere.mp4", "--mot", "{}/out.txt"], SourceError, "neither a file nor a folder"),
        (["nowhere.mp4", "--mot", "{}/no/out.txt"], StorageError, "no/out.txt"),
        (["nowhere.mp4", "--mot", "{}/o.txt", "--min-size", "big"], ConfigError, "20x48"),
        (["nowhere.mp4", "--mot", "{}/o.txt", "--embedder", "none"], ConfigError, "joins need"),
    ],
    ids=["no clip", "no folder", "no size", "no embedder"],
)
def test_what_is_wrong_is_said_at_once(
    tmp_path: Path, arguments: list[str], error: type[Exception], says: str
) -> None:
    words = ["track", *(word.format(tmp_path) for word in arguments)]
    done = CliRunner().invoke(app, words)
    assert isinstance(done.exception, error)
    assert says in str(done.exception)
