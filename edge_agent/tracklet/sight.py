"""What one detection of a track shows: where it is, and the crop if it is worth keeping."""

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from edge_agent.quality import is_cut, quality
from edge_agent.source.frame import Frame
from edge_agent.tracker import TrackPoint
from edge_agent.tracklet.settings import TrackletPolicy
from edge_agent.tracklet.shots import DETAIL, SENT, Shot, padded, shrunk
from edge_agent.tracklet.tracklet import Seen
from models.detection import Detection
from shared.classes import ObjectClass
from shared.geometry import Rect


class Glimpse:
    """A crop that may be worth keeping: how good it is, and itself once somebody wants it.

    Most are no better than what is kept already, so colour is converted late.
    """

    def __init__(
        self,
        frame: Frame,
        detection: Detection,
        others: Sequence[Rect],
        seen: Seen,
        *,
        detailed: bool,
    ) -> None:
        self._frame = frame
        self._detection = detection
        self._seen = seen
        self._detailed = detailed
        luma = frame.image.brightness(padded(detection.rect))
        self.quality = quality(luma, detection, frame.area, others)
        self.position_s = seen.position_s

    @cached_property
    def shot(self) -> Shot:
        """Cut out; larger too where it is to be `detailed`."""
        seen, detection = self._seen, self._detection
        whole = self._frame.image.cut(padded(detection.rect))
        picture = shrunk(whole, SENT[detection.object_class])
        larger = self._detailed and whole.size > picture.size
        return Shot(
            picture,
            seen.rect,
            seen.at_ms,
            seen.position_s,
            detection.confidence,
            self.quality,
            detail=shrunk(whole, (DETAIL, DETAIL)) if larger else None,
        )


class Sight(NamedTuple):
    """A detection, looked at. `glimpse` is None for a weak or small one."""

    point: TrackPoint
    frame_size: tuple[int, int]
    seen: Seen
    glimpse: Glimpse | None


def look(
    frame: Frame, point: TrackPoint, points: Sequence[TrackPoint], policy: TrackletPolicy
) -> Sight:
    """`point` of `frame`, of all the `points` in it. Rectangles become source pixels."""
    sight = glance(frame, point)
    if not point.sure or not _large(point.detection, policy):
        return sight
    others = [other.detection.rect for other in points if other is not point]
    detailed = point.detection.object_class in policy.detailed
    glimpse = Glimpse(frame, point.detection, others, sight.seen, detailed=detailed)
    return sight._replace(glimpse=glimpse)


def glance(frame: Frame, point: TrackPoint) -> Sight:
    """The same without a crop."""
    rect = point.detection.rect
    placed = rect.shifted(frame.left, frame.top)
    seen = Seen(placed, frame.captured_ms, frame.position_s, is_cut(rect, frame.area))
    return Sight(point, (frame.width, frame.height), seen, None)


def _large(detection: Detection, policy: TrackletPolicy) -> bool:
    """The size rule. People stand; vehicles are as often wider than high."""
    width, height = detection.rect.width, detection.rect.height
    if detection.object_class is not ObjectClass.PERSON:
        width, height = min(width, height), max(width, height)
    return width >= policy.min_width and height >= policy.min_height
