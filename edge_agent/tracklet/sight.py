"""What one detection of a track shows: where it is, and the crop if it is worth keeping."""

from collections.abc import Sequence
from typing import NamedTuple

from edge_agent.quality import is_cut, quality
from edge_agent.source.frame import Frame
from edge_agent.tracker import TrackPoint
from edge_agent.tracklet.settings import TrackletPolicy
from edge_agent.tracklet.shots import Shot, cut_out
from edge_agent.tracklet.tracklet import Seen


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
    rect, confidence = point.detection.rect, point.detection.confidence
    cut = is_cut(rect, frame.area)
    placed = rect.shifted(frame.left, frame.top)
    seen = Seen(placed, frame.captured_ms, frame.position_s, cut)
    size = (frame.width, frame.height)
    large = rect.width >= policy.min_width and rect.height >= policy.min_height
    if not point.sure or not large:
        return Sight(point, size, seen, None)
    crop = cut_out(frame.picture, rect)
    others = [other.detection.rect for other in points if other is not point]
    worth = quality(crop, rect, frame.area, others, confidence)
    shot = Shot(crop, placed, frame.captured_ms, frame.position_s, confidence, worth)
    return Sight(point, size, seen, shot)
