"""One detection for one object."""

from collections.abc import Iterable

from models.detection import Detection
from shared.geometry import Rect

SAME_OBJECT_IOU = 0.55
"""Two boxes of a class that share this much of their union show one object."""

SAME_OBJECT_INSIDE = 0.8
"""At a seam between tiles, so does a box this much of which lies inside a better one: a part."""


def suppress(detections: Iterable[Detection], *, inside: float | None = None) -> list[Detection]:
    """`detections` without the worse ones of each object, best first; classes do not compete.

    Args:
        detections: in pixels of one picture.
        inside: also drop a box of which this share lies in one that stays. People really do
            stand in front of each other, so only where boxes are cut into parts.
    """
    kept: list[Detection] = []
    for detection in sorted(detections, key=_rank, reverse=True):
        if not any(_same(detection, other, inside) for other in kept):
            kept.append(detection)
    return kept


def _rank(detection: Detection) -> tuple[float, Rect]:
    return detection.confidence, detection.rect


def _same(worse: Detection, better: Detection, inside: float | None) -> bool:
    if worse.object_class is not better.object_class:
        return False
    if worse.rect.iou(better.rect) >= SAME_OBJECT_IOU:
        return True
    smaller = min(worse.rect.area, better.rect.area)
    return inside is not None and worse.rect.intersection(better.rect) >= inside * smaller
