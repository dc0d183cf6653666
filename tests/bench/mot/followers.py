"""What follows people through a sequence: a library's ByteTrack, our tracker, the whole box."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from edge_agent.source import FrameImage
from edge_agent.source.frame import Frame
from edge_agent.trace.trace import Trace, fill
from edge_agent.tracker import Tracker, TrackerStep
from edge_agent.tracker.smoothing import Measured
from edge_agent.tracklet import Revision, Tools, TrackletKeeper, TrackletPolicy
from edge_agent.tracklet.likeness import Embed
from models.detection import Detection
from models.roles import Bounds
from shared.classes import ObjectClass
from shared.errors import DependencyMissing
from shared.geometry import Rect
from shared.ids import uuid7
from tests.bench.mot.painted import BOUNDS, NEVER, blind, ideal, paint
from tests.bench.mot.sequences import Boxes, Sequence

Follow = Callable[[Sequence], list[Boxes]]
"""Tracks of a sequence, frame by frame."""

_SURE = 0.9
NOON_MS = 1_700_000_000_000


def library_bytetrack(sequence: Sequence) -> list[Boxes]:
    """ByteTrack of the PyPI package `trackers`, as it comes; two seconds of patience as ours.

    Raises:
        DependencyMissing: it is not installed.
    """
    try:
        import supervision  # noqa: PLC0415 - only this needs it
        import trackers  # noqa: PLC0415
    except ImportError as error:
        raise DependencyMissing(
            "ByteTrack is not installed: .venv/bin/python -m pip install --no-deps trackers "
            "supervision pydeprecate tqdm defusedxml matplotlib (and matplotlib's own)"
        ) from error
    # The package counts its patience in frames of 30 a second.
    tracker = trackers.ByteTrackTracker(frame_rate=sequence.fps, lost_track_buffer=60)
    tracks = []
    for frame in sequence.detections:
        found = supervision.Detections(
            xyxy=frame.corners.astype(np.float32),
            confidence=frame.values.astype(np.float32),
            class_id=np.zeros(len(frame.values), dtype=int),
        )
        seen = tracker.update(found)
        ids = np.asarray(seen.tracker_id if len(seen) else [], dtype=np.float64)
        tracks.append(Boxes(np.asarray(seen.xyxy, dtype=np.float64)[ids >= 0], ids[ids >= 0]))
    return tracks


def our_tracker(sequence: Sequence) -> list[Boxes]:
    """The tracker alone, each frame's detections with the numbers known by then."""
    tracker, bounds = Tracker(), Rect(0, 0, *sequence.size)
    return [
        _boxes(
            (point.detection.rect, point.track)
            for point in tracker.update(found, at_s, bounds).seen
            if point.confirmed
        )
        for at_s, found in _frames(sequence)
    ]


def filled_in(sequence: Sequence, fps: float, follow: Follow) -> list[Boxes]:
    """What `follow` makes of `fps` frames a second, and the rest as `edge track` fills it in."""
    every = max(1, round(sequence.fps / fps))
    paths: dict[float, dict[int, Measured]] = defaultdict(dict)
    for index, frame in enumerate(follow(sequence.at(fps))):
        for corners, number in zip(frame.corners, frame.values, strict=True):
            paths[number][index * every] = Measured(Rect(*map(float, corners)), _SURE)
    times = [index / sequence.fps for index in range(len(sequence.truth))]
    placed: list[list[tuple[Rect, int]]] = [[] for _ in times]
    for number, path in paths.items():
        for place in fill(int(number), path, times):
            placed[place.frame].append((place.rect, place.number))
    return [_boxes(places) for places in placed]


class Looks(NamedTuple):
    """How people are known again."""

    bounds: Bounds
    embed: Embed


IDEAL = Looks(BOUNDS, lambda _kind, crops: ideal(crops))
BLIND = Looks(NEVER, lambda _kind, crops: blind(crops))


class Watched(NamedTuple):
    """What the box made of a sequence: tracks in every frame, and what it would send."""

    tracks: list[Boxes]
    due: list[Revision]


def watch(sequence: Sequence, fps: float, looks: Looks) -> Watched:
    """The tracker and the tracklets on `fps` frames a second, filled in as `edge track` does."""
    every = max(1, round(sequence.fps / fps))
    tools = Tools({ObjectClass.PERSON: looks.bounds}, looks.embed, uuid7)
    keeper = TrackletKeeper(TrackletPolicy(), tools)
    tracker, trace = Tracker(), Trace(keeper)
    due: list[Revision] = []
    for index, (at_s, found) in enumerate(_frames(sequence)):
        trace.passed(at_s)
        if index % every:
            continue
        picture = paint(sequence.truth[index], sequence.size)
        frame = Frame(FrameImage.of(picture), NOON_MS + round(1000 * at_s), at_s, *sequence.size)
        step: TrackerStep = tracker.update(found, at_s, frame.area)
        kept = keeper.update(frame, step)
        for track in kept.joined:
            tracker.forget(track)
        trace.note(frame, step)
        due += kept.due
    places: list[list[tuple[Rect, int]]] = [[] for _ in sequence.truth]
    for place in trace.places():
        places[place.frame].append((place.rect, place.number))
    return Watched([_boxes(placed) for placed in places], due + keeper.flush())


def _frames(sequence: Sequence) -> Iterator[tuple[float, list[Detection]]]:
    for index, frame in enumerate(sequence.detections):
        yield (
            index / sequence.fps,
            [
                Detection(Rect(*map(float, corners)), ObjectClass.PERSON, float(confidence))
                for corners, confidence in zip(frame.corners, frame.values, strict=True)
            ],
        )


def _boxes(placed: Iterable[tuple[Rect, int]]) -> Boxes:
    pairs = list(placed)
    corners = np.array([rect for rect, _ in pairs], dtype=np.float64).reshape(-1, 4)
    return Boxes(corners, np.array([number for _, number in pairs], dtype=np.float64))
