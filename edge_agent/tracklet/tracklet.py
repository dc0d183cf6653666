"""One object on one channel, from when it was first seen to when it was last."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from edge_agent.tracklet.shots import BestShots
from shared.classes import ObjectClass
from shared.geometry import Rect


class Seen(NamedTuple):
    """A sight of the object: `rect` in source pixels, UTC ms, seconds of the source."""

    rect: Rect
    at_ms: int
    position_s: float


@dataclass(slots=True, eq=False)
class Tracklet:
    """What is known of one object.

    `id` is given when a sighting of it becomes due; `revision` is the next one to send, and
    `sent_s` when the last one was (seconds of the source). `frame_size` is the source picture's
    width and height.
    """

    object_class: ObjectClass
    frame_size: tuple[int, int]
    first: Seen
    last: Seen
    shots: BestShots
    detections: int = 0
    confirmed: bool = False
    id: UUID | None = None
    revision: int = 0
    sent_s: float | None = None
    sent: bool = False

    def see(self, rect: Rect, at_ms: int, position_s: float) -> Seen:
        """Count another detection. Wall time never goes back within a tracklet."""
        self.last = Seen(rect, max(at_ms, self.last.at_ms), position_s)
        self.detections += 1
        return self.last

    def absorb(self, later: "Tracklet") -> None:
        """Go on as `later`, which turned out to be the same object."""
        self.last = Seen(
            later.last.rect, max(later.last.at_ms, self.last.at_ms), later.last.position_s
        )
        self.detections += later.detections
        for shot in later.shots:
            shot.at_ms = max(shot.at_ms, self.first.at_ms)
            self.shots.add(shot)
