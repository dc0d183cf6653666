"""Who was where in each frame, known once the clip has ended: joins and doubts come late."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from edge_agent.source.frame import Frame
from edge_agent.tracker import TrackerStep
from edge_agent.tracker.smoothing import Measured, smoothed
from edge_agent.tracklet import Tracklet, TrackletKeeper
from shared.geometry import Rect

BRIDGE_S = 2.0
"""The longest time without a detection that is filled in: as long as the tracker would wait."""

Path = dict[int, Measured]
"""What was measured of one object, by the clip's frame (from 0)."""


class Observation(NamedTuple):
    """A detection of a track in a frame of the clip (from 0), source pixels."""

    frame: int
    tracklet: Tracklet
    measured: Measured


class Placed(NamedTuple):
    """An object in one frame (from 0), `number` from 1, source pixels; `seen` or filled in."""

    frame: int
    number: int
    rect: Rect
    confidence: float
    seen: bool


class Trace:
    """Collects what a keeper follows; the objects' places once all is known.

    Args:
        keeper: it must have taken in a frame before that is noted.
        bridge_s: longest time without a detection that is filled in.
    """

    def __init__(self, keeper: TrackletKeeper, bridge_s: float = BRIDGE_S) -> None:
        self._keeper = keeper
        self._bridge_s = bridge_s
        self._times_s: list[float] = []
        self._seen: list[Observation] = []
        self._confirmed: set[int] = set()

    def passed(self, position_s: float) -> None:
        """A frame of the clip, looked at or not; seconds of the source."""
        self._times_s.append(position_s)

    def note(self, frame: Frame, step: TrackerStep) -> None:
        """What was seen in the frame that was `passed` last."""
        index = len(self._times_s) - 1
        for point in step.seen:
            tracklet = self._keeper.following(point.track)
            if tracklet is None:
                continue
            if point.confirmed:
                self._confirmed.add(id(tracklet))
            rect = point.detection.rect.shifted(frame.left, frame.top)
            measured = Measured(rect, point.detection.confidence)
            self._seen.append(Observation(index, tracklet, measured))

    def places(self) -> list[Placed]:
        """Where every object that was confirmed was, by frame, then by number."""
        placed: list[Placed] = []
        for number, path in enumerate(self._paths(), start=1):
            placed += fill(number, path, self._times_s, self._bridge_s)
        return sorted(placed, key=lambda place: place[:2])

    def _paths(self) -> list[Path]:
        """What was measured of each object, by frame: the surest where there are two."""
        paths: dict[int, Path] = defaultdict(dict)
        confirmed = set()
        for index, tracklet, measured in self._seen:
            key = id(tracklet.whole)
            if id(tracklet) in self._confirmed:
                confirmed.add(key)
            known = paths[key].get(index)
            if known is None or known.confidence < measured.confidence:
                paths[key][index] = measured
        return [path for key, path in paths.items() if key in confirmed]


def fill(
    number: int, path: Path, times_s: Sequence[float], bridge_s: float = BRIDGE_S
) -> Iterator[Placed]:
    """Places of an object in every frame from its first to its last, but for long gaps.

    `times_s` are those of all frames of the clip.
    """
    for part in _parts(path, times_s, bridge_s):
        indices = range(min(part), max(part) + 1)
        rects = smoothed([times_s[i] for i in indices], [part.get(i) for i in indices])
        last = part[indices[0]]
        for index, rect in zip(indices, rects, strict=True):
            last = part.get(index, last)
            yield Placed(index, number, rect, last.confidence, index in part)


def _parts(path: Path, times_s: Sequence[float], bridge_s: float) -> Iterator[Path]:
    """`path` in pieces, where it has gaps that are too long to fill in."""
    indices = sorted(path)
    part = {indices[0]: path[indices[0]]}
    for before, index in pairwise(indices):
        if times_s[index] - times_s[before] > bridge_s:
            yield part
            part = {}
        part[index] = path[index]
    yield part
