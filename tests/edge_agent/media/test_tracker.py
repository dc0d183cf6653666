from collections.abc import Callable, Sequence

import numpy as np
import pytest

from edge_agent.tracker import Tracker, TrackerSettings
from edge_agent.tracker.association import same_way
from models.detection import Detection
from shared.classes import ObjectClass
from shared.geometry import Rect

PICTURE = Rect(0, 0, 640, 360)
FPS = 5.0

Where = Callable[[float], tuple[float, float] | None]
"""Centre at a time, or None when not detected."""


def person(x: float, y: float, confidence: float = 0.8, height: float = 80) -> Detection:
    rect = Rect(x - height / 5, y - height / 2, x + height / 5, y + height / 2)
    return Detection(rect, ObjectClass.PERSON, confidence)


def follow(
    frames: Sequence[Sequence[Detection]], fps: float = FPS, settings: TrackerSettings | None = None
) -> list[dict[int, Detection]]:
    """Confirmed tracks in each frame, by number."""
    tracker = Tracker(settings)
    return [
        {
            point.track: point.detection
            for point in tracker.update(found, index / fps, PICTURE).seen
            if point.confirmed
        }
        for index, found in enumerate(frames)
    ]


def numbers(tracked: Sequence[dict[int, Detection]]) -> set[int]:
    return {number for frame in tracked for number in frame}


@pytest.mark.parametrize("fps", [3.0, 5.0, 10.0, 25.0])
def test_a_walker_is_one_track_at_any_frame_rate(fps: float) -> None:
    walk = [[person(20 + 64 * index / fps, 180)] for index in range(round(8 * fps))]
    assert len(numbers(follow(walk, fps))) == 1


def test_two_who_cross_keep_their_numbers() -> None:
    frames = [[person(40 + 12 * i, 180), person(600 - 12 * i, 205)] for i in range(46)]
    tracked = follow(frames)
    assert len(numbers(tracked)) == 2
    right = [number for number, d in tracked[5].items() if d.rect.left < 320]
    end = [number for number, d in tracked[-1].items() if d.rect.left > 320]
    assert right == end


def test_who_is_hidden_for_a_moment_goes_on_as_the_same() -> None:
    frames = [[person(40 + 12 * i, 180)] if not 15 <= i < 22 else [] for i in range(40)]
    assert len(numbers(follow(frames))) == 1


def test_who_stays_away_longer_than_the_patience_is_new() -> None:
    frames = [[person(300, 180)] if not 10 <= i < 30 else [] for i in range(40)]
    assert len(numbers(follow(frames))) == 2


def test_weak_detections_continue_a_track_but_start_none() -> None:
    weak = [[person(40 + 10 * i, 180, 0.25 if 8 <= i < 14 else 0.8)] for i in range(24)]
    tracked = follow(weak)
    assert len(numbers(tracked)) == 1
    assert all(tracked[8:])
    assert not numbers(follow([[person(40 + 10 * i, 180, 0.35)] for i in range(24)]))


def test_two_who_walk_side_by_side_are_never_one() -> None:
    frames = [[person(40 + 10 * i, 180), person(66 + 10 * i, 184)] for i in range(40)]
    tracked = follow(frames)
    assert len(numbers(tracked)) == 2
    assert all(len(frame) == 2 for frame in tracked[3:])


def test_a_second_box_on_the_same_person_is_no_second_track() -> None:
    frames = []
    for i in range(20):
        whole = person(40 + 10 * i, 180)
        half = Detection(whole.rect._replace(bottom=whole.rect.top + 45), ObjectClass.PERSON, 0.6)
        frames.append([whole, half] if i >= 5 else [whole])
    assert len(numbers(follow(frames))) == 1


def test_a_flicker_is_no_track() -> None:
    frames = [[person(300, 180)] if i in {3, 4, 11, 18} else [] for i in range(25)]
    assert not numbers(follow(frames))


def test_a_flicker_of_many_frames_in_a_moment_is_no_track_either() -> None:
    frames = [[person(300, 180)] if 10 <= i < 16 else [] for i in range(60)]
    assert not numbers(follow(frames, fps=25.0))


def test_walking_on_is_worth_more_than_turning_back_and_standing_is_neither() -> None:
    speed, height = np.array([[40.0, 0.0], [0.0, 0.0]]), np.array([80.0, 80.0])
    steps = np.array([[[20.0, 0.0], [-20.0, 0.0], [0.0, 20.0]]] * 2)
    assert same_way(speed, steps, height) == pytest.approx(np.array([[1, -1, 0], [0, 0, 0]]))


def test_what_is_mostly_doubtful_is_no_track() -> None:
    frames = [[person(300, 180, 0.5 if i % 6 == 0 else 0.25)] for i in range(60)]
    assert not numbers(follow(frames))


def test_a_person_never_goes_on_as_a_vehicle() -> None:
    walk: list[list[Detection]] = [[person(100 + 5 * i, 180)] for i in range(10)]
    drive = [
        [person(100 + 5 * i, 180)._replace(object_class=ObjectClass.VEHICLE)] for i in range(10, 20)
    ]
    assert len(numbers(follow(walk + drive))) == 2


def test_who_walked_out_is_not_taken_for_who_comes_in_at_the_same_place() -> None:
    out = [[person(560 + 16 * i, 180)] for i in range(6)]
    into = [[person(632 - 16 * i, 180)] for i in range(8)]
    assert len(numbers(follow([*out, [], [], *into]))) == 2


def test_ended_tracks_are_told_once_and_a_reset_ends_the_rest() -> None:
    tracker = Tracker()
    for index in range(5):
        tracker.update([person(300, 180)], index / FPS, PICTURE)
    ended = [n for i in range(5, 30) for n in tracker.update([], i / FPS, PICTURE).ended]
    assert ended == [1]
    tracker.update([person(300, 180)], 31 / FPS, PICTURE)
    assert tracker.reset() == [2]
    assert tracker.reset() == []
