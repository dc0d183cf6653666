"""What one detection of a track shows: where it is, and the crop if it is worth keeping."""

from collections.abc import Sequence
from typing import NamedTuple

from edge_agent.quality import is_cut, quality
from edge_agent.source.frame import Frame
from edge_agent.tracker import TrackPoint
from edge_agent.tracklet.settings import TrackletPolicy
from edge_agent.tracklet.shots import DETAIL, SENT, Shot, cut_out, shrunk
from edge_agent.tracklet.tracklet import Seen
from models.detection import Detection
from shared.classes import ObjectClass
from shared.geometry import Rect


class Sight(NamedTuple):
    """A detection, looked at. `shot` is None for a weak or small one."""

    point: TrackPoint
    frame_size: tuple[int, int]
    seen: Seen
    shot: Shot | None


def look(
    frame: Frame, point: TrackPoint, points: Sequence[TrackPoint], policy: TrackletPolicy
) -> Sight:
    """`point` of `frame`, of all the `points` in it. Rectangles become source pixels."""
    sight = glance(frame, point)
    if not point.sure or not _large(point.detection, policy):
        return sight
    others = [other.detection.rect for other in points if other is not point]
    return sight._replace(shot=_shot(frame, point.detection, others, sight.seen, policy))


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


def _shot(
    frame: Frame,
    detection: Detection,
    others: Sequence[Rect],
    seen: Seen,
    policy: TrackletPolicy,
) -> Shot:
    rect, kind = detection.rect, detection.object_class
    whole = cut_out(frame.image, rect)
    picture = shrunk(whole, SENT[kind])
    worth = quality(picture, detection, frame.area, others)
    detailed = kind in policy.detailed and whole.size > picture.size
    return Shot(
        picture,
        seen.rect,
        seen.at_ms,
        seen.position_s,
        detection.confidence,
        worth,
        detail=shrunk(whole, (DETAIL, DETAIL)) if detailed else None,
    )
