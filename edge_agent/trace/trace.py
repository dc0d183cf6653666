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

_BRIDGE_S = 2.0


class Observation(NamedTuple):
    """A detection of a track in the clip's frame `index` (from 0), source pixels."""

    index: int
    tracklet: Tracklet
    measured: Measured


class Placed(NamedTuple):
    """An object in one frame (from 0), `number` from 1, source pixels; `seen` or filled in."""

    index: int
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

    def __init__(self, keeper: TrackletKeeper, bridge_s: float = _BRIDGE_S) -> None:
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
        placed = []
        for number, path in enumerate(self._paths(), start=1):
            for part in self._parts(path):
                placed += self._filled(number, part)
        return sorted(placed, key=lambda place: place[:2])

    def _paths(self) -> list[dict[int, Measured]]:
        """What was measured of each object, by frame: the surest where there are two."""
        paths: dict[int, dict[int, Measured]] = defaultdict(dict)
        confirmed = set()
        for index, tracklet, measured in self._seen:
            key = id(tracklet.whole)
            if id(tracklet) in self._confirmed:
                confirmed.add(key)
            known = paths[key].get(index)
            if known is None or known.confidence < measured.confidence:
                paths[key][index] = measured
        return [path for key, path in paths.items() if key in confirmed]

    def _parts(self, path: dict[int, Measured]) -> Iterator[dict[int, Measured]]:
        """`path` without the times that are too long to fill in."""
        part = dict(list(path.items())[:1])
        for before, index in pairwise(path):
            if self._times_s[index] - self._times_s[before] > self._bridge_s:
                yield part
                part = {}
            part[index] = path[index]
        yield part

    def _filled(self, number: int, part: dict[int, Measured]) -> Iterator[Placed]:
        indices = range(min(part), max(part) + 1)
        rects = smoothed([self._times_s[i] for i in indices], [part.get(i) for i in indices])
        sure = _between(indices, part)
        for index, rect, confidence in zip(indices, rects, sure, strict=True):
            yield Placed(index, number, rect, confidence, index in part)


def _between(indices: Sequence[int], part: dict[int, Measured]) -> Iterator[float]:
    """The confidence at each of `indices`: the last one measured."""
    confidence = 0.0
    for index in indices:
        if index in part:
            confidence = part[index].confidence
        yield confidence
