"""The tracklet policy: which track is kept, when a sighting of it is due, and with what.

Revision 0 goes out early, at the first good crop that meets the size rule; a later one when the
track has ended or has gone on for `renew_s`. A track that has ended is held for a moment, and a
new one that looks like it, in a place it could have reached, goes on under its id.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np

from edge_agent.quality import quality
from edge_agent.source.frame import Frame
from edge_agent.tracker import TrackerStep, TrackPoint
from edge_agent.tracklet.join import candidates
from edge_agent.tracklet.settings import TrackletPolicy
from edge_agent.tracklet.shots import BestShots, Shot, cut_out
from edge_agent.tracklet.tracklet import Seen, Tracklet
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.messages.sighting import EARLY_REVISION
from shared.pictures import Picture
from shared.vectors import Vector, mean_direction

Embed = Callable[[ObjectClass, Sequence[Picture]], Sequence[Vector]]
"""Unit vectors of crops of one class."""


class Revision(NamedTuple):
    """A sighting that is due: `shot` is its picture, `vector` the mean of `crops_used` crops.

    `first` tells the first one sent of its tracklet.
    """

    tracklet: Tracklet
    id: UUID
    number: int
    ended: bool
    first: bool
    shot: Shot
    vector: Vector
    crops_used: int


class KeeperStep(NamedTuple):
    """What one frame made due, and the tracks that go on as others (for the tracker)."""

    due: list[Revision]
    joined: list[int]


class TrackletKeeper:
    """The tracklets of one channel.

    Args:
        settings: the policy's knobs.
        classes: what `embed` can embed; others are not kept, but do cover.
        embed: embeds crops; called once for a batch.
        new_id: a UUIDv7 for an instant in UTC milliseconds.
    """

    def __init__(
        self,
        settings: TrackletPolicy,
        classes: frozenset[ObjectClass],
        embed: Embed,
        new_id: Callable[[int], UUID],
    ) -> None:
        self._settings = settings
        self._classes = classes
        self._embed = embed
        self._new_id = new_id
        self._live: dict[int, Tracklet] = {}
        self._held: list[Tracklet] = []

    def update(self, frame: Frame, step: TrackerStep) -> KeeperStep:
        """Take in what the tracker saw in `frame`."""
        kept = [p for p in step.seen if p.detection.object_class in self._classes]
        for point in kept:
            self._see(frame, point, step.seen)
        joined = [number for point in kept for number in self._identify(point.track, frame)]
        due = [revision for point in kept for revision in self._due(self._live[point.track])]
        self._end(step.ended)
        return KeeperStep(due + self._expired(frame.position_s), joined)

    def flush(self) -> list[Revision]:
        """End every track; what is still to be sent."""
        self._end(list(self._live))
        held, self._held = self._held, []
        return [self._revision(tracklet, ended=True) for tracklet in held]

    def _see(self, frame: Frame, point: TrackPoint, seen: Sequence[TrackPoint]) -> None:
        detection = point.detection
        rect = detection.rect.shifted(frame.left, frame.top)
        tracklet = self._live.get(point.track)
        if tracklet is None:
            start = Seen(rect, frame.captured_ms, frame.position_s)
            shots = BestShots(self._settings.crops, self._settings.spread_s)
            size = (frame.width, frame.height)
            tracklet = Tracklet(detection.object_class, size, start, start, shots)
            self._live[point.track] = tracklet
        sight = tracklet.see(rect, frame.captured_ms, frame.position_s)
        tracklet.confirmed = point.confirmed
        if rect.width < self._settings.min_width or rect.height < self._settings.min_height:
            return
        crop = cut_out(frame.picture, detection.rect)
        others = [other.detection.rect for other in seen if other is not point]
        bounds = Rect(0, 0, frame.picture.shape[1], frame.picture.shape[0])
        worth = quality(crop, detection.rect, bounds, others, detection.confidence)
        tracklet.shots.add(
            Shot(crop, rect, sight.at_ms, frame.position_s, detection.confidence, worth)
        )

    def _identify(self, number: int, frame: Frame) -> list[int]:
        """Give track `number` its id, its own or that of the track it goes on from.

        Returns the tracks it replaces.
        """
        tracklet = self._live[number]
        if tracklet.id is not None or not self._ready(tracklet, frame.position_s):
            return []
        before = self._continued(tracklet)
        if before is None:
            tracklet.id = self._new_id(tracklet.first.at_ms)
            return []
        before.absorb(tracklet)
        replaced = [n for n, live in self._live.items() if live is before]
        for old in replaced:
            del self._live[old]
        if before in self._held:
            self._held.remove(before)
        self._live[number] = before
        return replaced

    def _ready(self, tracklet: Tracklet, position_s: float) -> bool:
        if not tracklet.confirmed or not len(tracklet.shots):
            return False
        oldest_s = min(shot.position_s for shot in tracklet.shots)
        waited = position_s - oldest_s >= self._settings.patience_s
        return waited or tracklet.shots.best().quality >= self._settings.good

    def _continued(self, new: Tracklet) -> Tracklet | None:
        known = [t for t in (*self._live.values(), *self._held) if t.id is not None]
        possible = candidates(known, new, self._settings)
        if not possible:
            return None
        vector, _ = self._vector(new)
        alike = [float(np.dot(vector, self._vector(old)[0])) for old in possible]
        best = int(np.argmax(alike))
        return possible[best] if alike[best] >= self._settings.join_cosine else None

    def _due(self, tracklet: Tracklet) -> list[Revision]:
        """A first or renewed revision of a live tracklet, if it is time."""
        if tracklet.id is None:
            return []
        if tracklet.sent_s is None:
            if self._settings.early:
                return [self._revision(tracklet, ended=False)]
            tracklet.revision = EARLY_REVISION + 1
            tracklet.sent_s = tracklet.first.position_s
        if tracklet.last.position_s - tracklet.sent_s >= self._settings.renew_s:
            return [self._revision(tracklet, ended=False)]
        return []

    def _end(self, numbers: Sequence[int]) -> None:
        """Hold the tracks that are over and worth a sighting; drop the others."""
        for number in numbers:
            tracklet = self._live.pop(number, None)
            if tracklet is None or not tracklet.confirmed or not len(tracklet.shots):
                continue
            if tracklet.id is None:
                tracklet.id = self._new_id(tracklet.first.at_ms)
            self._held.append(tracklet)

    def _expired(self, position_s: float) -> list[Revision]:
        over = [t for t in self._held if position_s - t.last.position_s > self._settings.join_s]
        self._held = [tracklet for tracklet in self._held if tracklet not in over]
        return [self._revision(tracklet, ended=True) for tracklet in over]

    def _revision(self, tracklet: Tracklet, *, ended: bool) -> Revision:
        assert tracklet.id is not None
        vector, used = self._vector(tracklet)
        number, first = tracklet.revision, not tracklet.sent
        if ended:
            number = max(number, EARLY_REVISION + 1)
        tracklet.revision, tracklet.sent = number + 1, True
        tracklet.sent_s = tracklet.last.position_s
        shot = tracklet.shots.best()
        return Revision(tracklet, tracklet.id, number, ended, first, shot, vector, used)

    def _vector(self, tracklet: Tracklet) -> tuple[Vector, int]:
        """The mean embedding of the good crops, embedding those that were not yet, in one batch."""
        shots = tracklet.shots.good(self._settings.good)
        fresh = [shot for shot in shots if shot.vector is None]
        if fresh:
            crops = [shot.picture for shot in fresh]
            for shot, vector in zip(fresh, self._embed(tracklet.object_class, crops), strict=True):
                shot.vector = vector
        return mean_direction([s.vector for s in shots if s.vector is not None]), len(shots)
