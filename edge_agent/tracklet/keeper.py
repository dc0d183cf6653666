"""The tracklet policy: which track is kept, when a sighting of it is due, and with what.

Revision 0 goes out early, at the first good crop that meets the size rule; a later one when the
track has ended or has gone on for `renew_s`. A track that has ended is held for a moment, and a
new one that looks like it, in a place it could have reached, goes on under its id. A track that
stops looking like itself was taken over by somebody else, and is parted there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from edge_agent.source.frame import Frame
from edge_agent.tracker import TrackerStep
from edge_agent.tracklet.join import candidates
from edge_agent.tracklet.likeness import Embed, Likeness, mean_of
from edge_agent.tracklet.settings import TrackletPolicy
from edge_agent.tracklet.shots import BestShots, Shot
from edge_agent.tracklet.sight import Glimpse, Sight, glance, look
from edge_agent.tracklet.tracklet import Tracklet
from models.roles import Bounds
from shared.classes import ObjectClass
from shared.messages.sighting import EARLY_REVISION
from shared.vectors import Vector


class Revision(NamedTuple):
    """A sighting that is due of a tracklet with an id.

    `shot` is its picture, `crops` make its vector. `first` tells the first one sent of its
    tracklet.
    """

    tracklet: Tracklet
    number: int
    ended: bool
    first: bool
    shot: Shot
    crops: tuple[Shot, ...]

    @property
    def vector(self) -> Vector:
        """The mean embedding of `crops`, once each of them has one."""
        return mean_of(self.crops)

    @property
    def crops_used(self) -> int:
        """How many crops make the vector."""
        return len(self.crops)


class KeeperStep(NamedTuple):
    """What one frame made due, and the tracks that go on as others (for the tracker)."""

    due: list[Revision]
    joined: list[int]


class Tools(NamedTuple):
    """What a keeper works with.

    `embed` embeds crops of the `classes`; objects of others are not kept, but do cover. Whoever
    is less alike than a class's `unlike`, twice, has taken a track over; a track that goes on
    must be `alike` the one that broke off.
    `new_id` makes a UUIDv7 of an instant in UTC milliseconds.
    """

    classes: Mapping[ObjectClass, Bounds]
    embed: Embed
    new_id: Callable[[int], UUID]


class TrackletKeeper:
    """The tracklets of one channel."""

    def __init__(self, policy: TrackletPolicy, tools: Tools) -> None:
        self._policy = policy
        self._tools = tools
        self._likeness = Likeness(policy, tools.embed)
        self._live: dict[int, Tracklet] = {}
        self._held: list[Tracklet] = []

    def update(self, frame: Frame, step: TrackerStep, *, still: bool = False) -> KeeperStep:
        """Take in what the tracker saw in `frame`; a `still` one shows nothing new to cut out."""
        kept = [p for p in step.seen if p.detection.object_class in self._tools.classes]
        for point in kept:
            seen = glance(frame, point) if still else look(frame, point, step.seen, self._policy)
            self._see(seen)
        joined: list[int] = []
        for point in kept:
            # A track of this very frame may have been replaced: one seen weakly by one seen well.
            if point.track in self._live:
                joined += self._identify(point.track, frame)
        live = [self._live[point.track] for point in kept if point.track in self._live]
        due = [revision for tracklet in live for revision in self._due(tracklet)]
        self._end(step.ended)
        return KeeperStep(due + self._expired(frame.position_s), joined)

    def following(self, track: int) -> Tracklet | None:
        """What the last detection of a live `track` was counted for; its `whole` may change yet."""
        tracklet = self._live.get(track)
        return tracklet and (tracklet.rival or tracklet)

    def flush(self) -> list[Revision]:
        """End every track; what is still to be sent."""
        self._end(list(self._live))
        held, self._held = self._held, []
        return [self._revision(tracklet, ended=True) for tracklet in held if not tracklet.closed]

    def _see(self, sight: Sight) -> None:
        point = sight.point
        tracklet = self._live.get(point.track)
        if tracklet is None:
            tracklet = self._live[point.track] = self._begin(sight)
        elif sight.glimpse is not None and self._to_check(tracklet, sight.glimpse):
            self._check(tracklet, sight, sight.glimpse.shot)
        tracklet = self._live[point.track]
        target = tracklet.rival or tracklet
        target.detections += 1
        target.confidence += point.detection.confidence
        target.confirmed = point.confirmed
        if point.sure:
            target.see(sight.seen, _wanted(target, sight.glimpse))

    def _begin(self, sight: Sight) -> Tracklet:
        shots = BestShots(self._policy.crops, self._policy.spread_s)
        kind = sight.point.detection.object_class
        return Tracklet(kind, sight.frame_size, sight.seen, sight.seen, shots)

    def _to_check(self, tracklet: Tracklet, glimpse: Glimpse) -> bool:
        """Whether it is time to see if a track still looks like itself."""
        if tracklet.id is None:
            return False
        latest = tracklet.rival or tracklet
        if glimpse.position_s - latest.last.position_s >= self._policy.doubt_s:
            return True
        due = glimpse.position_s - tracklet.checked_s >= self._policy.check_s
        return due and glimpse.quality >= self._policy.good

    def _check(self, tracklet: Tracklet, sight: Sight, shot: Shot) -> None:
        """Compare; on the second doubt that agrees with the first, part the track."""
        tracklet.checked_s = shot.position_s
        least = self._tools.classes[tracklet.object_class].unlike
        if self._likeness.cosine(tracklet, shot) >= least:
            rival, tracklet.rival = tracklet.rival, None
            if rival is not None:
                tracklet.absorb(rival, shots=False)
            tracklet.trusted = sight.seen
        elif tracklet.rival is None:
            tracklet.rival = self._begin(sight)
            tracklet.rival.part_of = tracklet
        elif len(tracklet.rival.shots) and self._likeness.cosine(tracklet.rival, shot) >= least:
            rival, tracklet.rival = tracklet.rival, None
            rival.part_of = None
            self._live[sight.point.track] = rival
            tracklet.part()
            self._held.append(tracklet)

    def _identify(self, number: int, frame: Frame) -> list[int]:
        """Give track `number` its id, its own or that of the track it goes on from.

        Returns the tracks it replaces.
        """
        tracklet = self._live[number]
        if tracklet.id is not None or not self._ready(tracklet, frame.position_s):
            return []
        tracklet.trust()
        before = self._continued(tracklet)
        if before is None:
            tracklet.id = self._tools.new_id(tracklet.first.at_ms)
            return []
        return self._continue(before, number)

    def _continue(self, before: Tracklet, number: int) -> list[int]:
        """Let `before` go on as track `number`; a rival keeps the track it had, if any."""
        replaced = []
        for old in [n for n, live in self._live.items() if live is before]:
            if before.rival is not None:
                before.rival.part_of = None
                self._live[old] = before.rival
            else:
                del self._live[old]
                replaced.append(old)
        if before in self._held:
            self._held.remove(before)
        before.rival, before.closed = None, False
        before.absorb(self._live[number])
        before.trust()
        self._live[number] = before
        return replaced

    def _ready(self, tracklet: Tracklet, position_s: float) -> bool:
        if not self._worth(tracklet):
            return False
        oldest_s = min(shot.position_s for shot in tracklet.shots)
        waited = position_s - oldest_s >= self._policy.patience_s
        return waited or tracklet.shots.best().quality >= self._policy.good

    def _continued(self, new: Tracklet) -> Tracklet | None:
        """The track that `new` goes on from, if any."""
        known = [t for t in (*self._live.values(), *self._held) if t.id is not None]
        possible = candidates(known, new, self._policy)
        if not possible:
            return None
        cosine, old = self._likeness.closest(new, possible)
        return old if cosine >= self._tools.classes[new.object_class].alike else None

    def _due(self, tracklet: Tracklet) -> list[Revision]:
        """A first or renewed revision of a live tracklet, if it is time."""
        if tracklet.id is None:
            return []
        if tracklet.sent_s is None:
            if self._policy.early:
                return [self._revision(tracklet, ended=False)]
            tracklet.revision = EARLY_REVISION + 1
            tracklet.sent_s = tracklet.first.position_s
        if tracklet.last.position_s - tracklet.sent_s >= self._policy.renew_s:
            return [self._revision(tracklet, ended=False)]
        return []

    def _worth(self, tracklet: Tracklet) -> bool:
        """Whether it is worth a sighting: really there, and large enough once."""
        believed = (
            tracklet.mean_confidence >= self._policy.certain
            or tracklet.moved_heights >= self._policy.moved
        )
        return tracklet.confirmed and believed and len(tracklet.shots) > 0

    def _end(self, numbers: Sequence[int]) -> None:
        """Hold the tracks that are over and worth a sighting; drop the others."""
        for number in numbers:
            tracklet = self._live.pop(number, None)
            if tracklet is None or not (tracklet.id or self._worth(tracklet)):
                continue
            tracklet.id = tracklet.id or self._tools.new_id(tracklet.first.at_ms)
            self._held.append(tracklet)

    def _expired(self, position_s: float) -> list[Revision]:
        """Close what has been held long enough; forget what can no longer go on."""
        due = []
        for tracklet in self._held:
            unseen_s = position_s - tracklet.last.position_s
            if not tracklet.closed and unseen_s > self._policy.hold_s:
                tracklet.closed = True
                due.append(self._revision(tracklet, ended=True))
        join_s = self._policy.join_s
        self._held = [
            t for t in self._held if not t.closed or position_s - t.last.position_s <= join_s
        ]
        return due

    def _revision(self, tracklet: Tracklet, *, ended: bool) -> Revision:
        crops = tuple(tracklet.shots.good(self._policy.good))
        number, first = tracklet.revision, not tracklet.sent
        if ended:
            number = max(number, EARLY_REVISION + 1)
        tracklet.revision, tracklet.sent = number + 1, True
        tracklet.sent_s = tracklet.last.position_s
        return Revision(tracklet, number, ended, first, tracklet.shots.best(), crops)


def _wanted(tracklet: Tracklet, glimpse: Glimpse | None) -> Shot | None:
    """The crop, if it is among the best of `tracklet`."""
    if glimpse is None or not tracklet.shots.wants(glimpse.quality, glimpse.position_s):
        return None
    return glimpse.shot
