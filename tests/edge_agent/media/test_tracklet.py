from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from edge_agent.source import Frame, FrameImage
from edge_agent.tracker import TrackerStep, TrackPoint
from edge_agent.tracklet import Revision, Tools, TrackletKeeper, TrackletPolicy
from edge_agent.tracklet.likeness import Likeness
from edge_agent.tracklet.shots import BestShots, Shot
from edge_agent.tracklet.tracklet import Seen, Tracklet
from models.detection import Detection
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.ids import uuid7, uuid7_ms
from tests.edge_agent.media.clips import STARTS_AT_MS, ColourEmbedder

RED, BLUE = (20, 20, 230), (230, 20, 20)
FPS = 5.0
POLICY = TrackletPolicy(min_width=20, min_height=40, hold_s=2.0, join_s=6.0)


@dataclass
class Channel:
    """A keeper with its frames: tells it where tracks are, collects what is due."""

    policy: TrackletPolicy = POLICY
    frame: int = 0
    due: list[Revision] = field(default_factory=list)
    joined: list[int] = field(default_factory=list)
    embedder: ColourEmbedder = field(default_factory=ColourEmbedder)

    def __post_init__(self) -> None:
        classes = {ObjectClass.PERSON: self.embedder.bounds}
        tools = Tools(classes, lambda _, crops: list(self.embedder.embed(crops)), uuid7)
        self.keeper = TrackletKeeper(self.policy, tools)

    def show(
        self,
        tracks: dict[int, tuple[float, tuple[int, int, int]]],
        ended: Sequence[int] = (),
        size: tuple[float, float] = (30, 80),
        weak: Sequence[int] = (),
    ) -> None:
        """One frame: track number -> (left edge, colour); `weak` ones are hardly detected."""
        picture = np.full((240, 640, 3), 90, dtype=np.uint8)
        points = []
        for number, (left, colour) in tracks.items():
            rect = Rect(left, 100, left + size[0], 100 + size[1])
            picture[100 : int(rect.bottom), int(left) : int(rect.right)] = colour
            sure = number not in weak
            found = Detection(rect, ObjectClass.PERSON, 0.9 if sure else 0.3)
            points.append(TrackPoint(number, found, self.frame > 1, sure))
        at_ms = STARTS_AT_MS + round(self.frame / FPS * 1000)
        shown = Frame(FrameImage.of(picture), at_ms, self.frame / FPS, 1280, 480, left=300, top=50)
        step = self.keeper.update(shown, TrackerStep(points, list(ended), []))
        self.due += step.due
        self.joined += step.joined
        self.frame += 1

    def walk(
        self, number: int, frames: int, start: float = 100, colour: tuple[int, int, int] = RED
    ) -> None:
        for index in range(frames):
            self.show({number: (start + 4 * index, colour)})

    def idle(self, seconds: float, ended: Sequence[int] = ()) -> None:
        self.show({}, ended)
        for _ in range(round(seconds * FPS)):
            self.show({})


def test_a_track_gives_an_early_revision_and_a_final_one_with_the_same_id() -> None:
    channel = Channel()
    channel.walk(1, 20)
    assert [(r.number, r.ended) for r in channel.due] == [(0, False)]
    channel.idle(3, ended=[1])
    assert [(r.number, r.ended) for r in channel.due] == [(0, False), (1, True)]
    first, last = channel.due
    assert first.tracklet.identity == last.tracklet.identity
    assert uuid7_ms(last.tracklet.identity) == STARTS_AT_MS
    assert last.crops_used > first.crops_used


def test_the_thrifty_policy_sends_once_at_the_end() -> None:
    channel = Channel(replace(POLICY, early=False))
    channel.walk(1, 20)
    channel.idle(3, ended=[1])
    assert [(r.number, r.ended, r.first) for r in channel.due] == [(1, True, True)]


def test_a_track_that_goes_on_is_sent_anew() -> None:
    channel = Channel(replace(POLICY, renew_s=4.0))
    channel.walk(1, 60)
    channel.due += channel.keeper.flush()
    assert [r.number for r in channel.due] == [0, 1, 2, 3]
    assert [r.ended for r in channel.due] == [False, False, False, True]


def test_what_never_meets_the_size_rule_is_not_sent() -> None:
    channel = Channel()
    for index in range(20):
        channel.show({1: (100 + 4 * index, RED)}, size=(18, 39))
    channel.idle(3, ended=[1])
    assert channel.due == []


def test_what_the_tracker_never_confirmed_is_not_sent() -> None:
    channel = Channel()
    channel.walk(1, 2)
    channel.due += channel.keeper.flush()
    assert channel.due == []


def test_a_doubtful_thing_that_never_moves_is_not_sent() -> None:
    channel = Channel(replace(POLICY, certain=0.95))
    for _ in range(30):
        channel.show({1: (100, RED)})
    channel.due += channel.keeper.flush()
    assert channel.due == []


def test_a_track_that_breaks_and_starts_again_is_one_sighting() -> None:
    channel = Channel()
    channel.walk(1, 15)
    channel.idle(1, ended=[1])
    channel.walk(2, 15, start=190)
    channel.due += channel.keeper.flush()
    assert len({r.tracklet.identity for r in channel.due}) == 1
    last = channel.due[-1].tracklet
    assert (last.first.position_s, last.last.position_s) == (0.0, 35 / FPS)
    assert last.detections == 30


def test_a_track_that_breaks_while_the_old_one_is_still_looked_for_replaces_it() -> None:
    channel = Channel()
    channel.walk(1, 15)
    channel.show({})
    channel.walk(2, 5, start=165)
    assert channel.joined == [1]


def test_somebody_else_at_the_same_place_is_another_sighting() -> None:
    channel = Channel()
    channel.walk(1, 15)
    channel.idle(1, ended=[1])
    channel.walk(2, 15, start=190, colour=BLUE)
    channel.due += channel.keeper.flush()
    assert len({r.tracklet.identity for r in channel.due}) == 2


def test_nobody_is_joined_across_a_distance_they_cannot_have_gone() -> None:
    channel = Channel()
    channel.walk(1, 15, start=40)
    channel.show({}, ended=[1])
    channel.walk(2, 15, start=540)
    channel.due += channel.keeper.flush()
    assert len({r.tracklet.identity for r in channel.due}) == 2


def test_who_left_by_the_edge_and_comes_back_later_is_seen_twice() -> None:
    channel = Channel()
    channel.walk(1, 15, start=554)
    channel.idle(4, ended=[1])
    channel.walk(2, 15, start=554)
    channel.due += channel.keeper.flush()
    assert len({r.tracklet.identity for r in channel.due}) == 2


def test_who_was_hidden_inside_the_picture_goes_on_even_after_the_final_revision() -> None:
    channel = Channel()
    channel.walk(1, 15)
    channel.idle(4, ended=[1])
    channel.walk(2, 15, start=180)
    channel.due += channel.keeper.flush()
    assert [(r.number, r.ended) for r in channel.due] == [(0, False), (1, True), (2, True)]
    assert len({r.tracklet.identity for r in channel.due}) == 1


def test_a_track_that_slips_to_somebody_else_is_parted_there() -> None:
    channel = Channel()
    channel.walk(1, 20)
    channel.walk(1, 20, start=180, colour=BLUE)
    channel.due += channel.keeper.flush()
    finals = [r.tracklet for r in channel.due if r.ended]
    assert len(finals) == 2
    spans = sorted((t.first.position_s, t.last.position_s) for t in finals)
    assert abs(spans[0][1] - 4.0) <= 1.2
    assert abs(spans[1][0] - 4.0) <= 1.2


def test_a_moment_of_looking_different_parts_nothing() -> None:
    channel = Channel()
    channel.walk(1, 15)
    channel.walk(1, 5, start=160, colour=BLUE)
    channel.walk(1, 20, start=180)
    channel.due += channel.keeper.flush()
    assert len({r.tracklet.identity for r in channel.due}) == 1
    assert channel.due[-1].tracklet.last.position_s == 39 / FPS


def test_who_is_seen_weakly_by_one_track_and_well_by_a_new_one_goes_on_as_that() -> None:
    channel = Channel()
    channel.walk(1, 10)
    for index in range(10):
        channel.show({1: (160, RED), 2: (140 + 4 * index, RED)}, weak=[1])
    assert channel.joined == [1]
    channel.idle(3, ended=[2])
    assert len({revision.tracklet.identity for revision in channel.due}) == 1


def test_rectangles_are_those_of_the_source_picture() -> None:
    channel = Channel()
    channel.walk(1, 10)
    tracklet = channel.keeper.flush()[0].tracklet
    assert tracklet.first.rect == Rect(400, 150, 430, 230)
    assert tracklet.frame_size == (1280, 480)


def test_a_better_crop_counts_for_more_in_the_mean() -> None:
    vectors = {200: np.array([1, 0], np.float32), 100: np.array([0, 1], np.float32)}
    likeness = Likeness(POLICY, lambda _, crops: [vectors[int(crop[0, 0, 0])] for crop in crops])
    seen = Seen(Rect(0, 0, 30, 80), STARTS_AT_MS, 0.0, cut=False)
    tracklet = Tracklet(ObjectClass.PERSON, (640, 240), seen, seen, BestShots(5, 0.5))
    for at_s, (shade, quality) in enumerate(((200, 0.9), (100, 0.3))):
        picture = np.full((80, 30, 3), shade, dtype=np.uint8)
        tracklet.shots.add(Shot(picture, seen.rect, seen.at_ms, float(at_s), 0.9, quality))
    vector = likeness.vector(tracklet)
    assert vector[0] == pytest.approx(3 * vector[1])


def test_only_crops_that_are_kept_are_cut_out() -> None:
    shots = BestShots(2, 0.5)
    picture = np.zeros((80, 30, 3), dtype=np.uint8)
    for at_s, quality in ((0.0, 0.5), (1.0, 0.6)):
        assert shots.wants(quality, at_s)
        shots.add(Shot(picture, Rect(0, 0, 30, 80), 0, at_s, 0.9, quality))
    assert not shots.wants(0.4, 2.0)
    assert not shots.wants(0.59, 1.2)
    assert shots.wants(0.55, 2.0)
    assert shots.wants(0.55, 0.2)


def test_a_flush_ends_everything_once() -> None:
    channel = Channel()
    for index in range(10):
        channel.show({1: (100 + 4 * index, RED), 2: (400 - 4 * index, BLUE)})
    assert [r.ended for r in channel.keeper.flush()] == [True, True]
    assert channel.keeper.flush() == []


def test_each_crop_is_embedded_once() -> None:
    channel = Channel()
    channel.walk(1, 40)
    channel.due += channel.keeper.flush()
    crops = channel.embedder.crops
    assert len({id(crop) for crop in crops}) == len(crops)
    # One a second to see that it is still the same, and those of the mean.
    assert len(crops) <= 20
