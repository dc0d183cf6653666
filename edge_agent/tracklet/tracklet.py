"""One object on one channel, from when it was first seen to when it was last."""

import math
from dataclasses import dataclass
from typing import NamedTuple, Optional
from uuid import UUID

from edge_agent.tracklet.shots import BestShots, Shot
from shared.classes import ObjectClass
from shared.geometry import Rect


class Seen(NamedTuple):
    """A sight of the object: `rect` in source pixels, UTC ms, seconds of the source.

    `cut` tells that an edge of the channel's picture cuts it.
    """

    rect: Rect
    at_ms: int
    position_s: float
    cut: bool


def distance(a: Rect, b: Rect) -> float:
    """Pixels between the centres of `a` and `b`."""
    return math.hypot(a.left + a.right - b.left - b.right, a.top + a.bottom - b.top - b.bottom) / 2


@dataclass(slots=True, eq=False)
class Tracklet:
    """What is known of one object.

    `frame_size` is the source picture's width and height. `confidence` is the sum over all
    `detections`, weak ones included; `first` and `last` are sure ones. `checked_s` is when it
    was last looked at, `trusted` the last time it looked like itself; `rival` collects what its
    track shows since it does not. `part_of` is the tracklet that this one is taken to belong to.

    `id` is given when a sighting of it becomes due; `revision` is the next one to send; `sent_s`
    when the last one was (seconds of the source); `closed` once the last of all has gone.
    """

    object_class: ObjectClass
    frame_size: tuple[int, int]
    first: Seen
    last: Seen
    shots: BestShots
    detections: int = 0
    confidence: float = 0.0
    confirmed: bool = False
    checked_s: float = 0.0
    trusted: Seen | None = None
    rival: Optional["Tracklet"] = None
    part_of: Optional["Tracklet"] = None
    id: UUID | None = None
    revision: int = 0
    sent_s: float | None = None
    sent: bool = False
    closed: bool = False

    @property
    def identity(self) -> UUID:
        """Its id, once it has one.

        Raises:
            ValueError: none was given yet.
        """
        if self.id is None:
            raise ValueError("a tracklet without id has no sighting")
        return self.id

    @property
    def whole(self) -> "Tracklet":
        """The tracklet of the whole object, as far as is known by now: itself, or what it is of."""
        return self if self.part_of is None else self.part_of.whole

    @property
    def mean_confidence(self) -> float:
        """Of all its detections, weak ones included."""
        return self.confidence / max(1, self.detections)

    @property
    def moved_heights(self) -> float:
        """How far it is from where it was first seen, in its own heights."""
        return distance(self.first.rect, self.last.rect) / max(1.0, self.last.rect.height)

    def see(self, seen: Seen, shot: Shot | None = None) -> None:
        """It was surely seen. Wall time never goes back within a tracklet."""
        self.last = seen._replace(at_ms=max(seen.at_ms, self.last.at_ms))
        if shot is not None:
            shot.at_ms = self.last.at_ms
            self.shots.add(shot)

    def trust(self) -> None:
        """What was seen last is still the same object."""
        self.trusted = self.last
        self.checked_s = self.last.position_s

    def part(self) -> None:
        """Somebody else has taken over the track: take back what came after it was trusted."""
        if self.trusted is not None and self.shots.drop_after(self.trusted.position_s):
            self.last = self.trusted

    def absorb(self, later: "Tracklet", *, shots: bool = True) -> None:
        """Go on as `later`, which turned out to be the same object; take its `shots` too."""
        later.part_of = self
        self.see(later.last)
        self.detections += later.detections
        self.confidence += later.confidence
        for shot in later.shots if shots else ():
            shot.at_ms = min(max(shot.at_ms, self.first.at_ms), self.last.at_ms)
            self.shots.add(shot)
