"""How much a detector may have to learn from a frame, and why.

No truth is known on a box. What is known is where the detector wavers: scores near the decision,
boxes that are there in one frame and gone in the next, objects that cover each other, and objects
that are tiny or cut by the picture's edge, where detectors are known to fail.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from models.detection import Detection
from shared.geometry import Rect

Reason = Literal["threshold", "flicker", "overlap", "small", "cut", "light", "random"]

_NEAR = 0.15
"""Half the width of the band around the decision in which a score says that it wavers."""

_SAME = 0.3
"""IoU from which boxes of neighbouring frames are of one object."""

_COVERED = 0.3
"""Part of a box inside another from which the two are in each other's way."""

_SMALL = 0.06
"""Of the picture's height: 32 pixels of 576."""

_EDGE = 0.005
"""Of the picture's side: a box this near to an edge was cut there."""

_WEIGHTS: Mapping[Reason, float] = {
    "threshold": 0.25,
    "flicker": 0.4,
    "overlap": 0.15,
    "small": 0.1,
    "cut": 0.05,
}
"""What one such object adds: a box that flickers is surely wrong in one of the frames, a score near
the decision is wrong half the time, the others are merely difficult."""


def hardness(
    detections: Sequence[Detection], area: Rect, decision: float, flickers: int
) -> dict[Reason, float]:
    """Each reason and how much it weighs, 0 to 1; none where the frame is easy.

    Args:
        detections: of the frame, with those somewhat below the decision.
        area: the picture.
        decision: the score from which a detection counts.
        flickers: see `count_flickers`.
    """
    sure = [detection.rect for detection in detections if detection.confidence >= decision]
    found: dict[Reason, float] = {
        "threshold": sum(_wavering(detection.confidence, decision) for detection in detections),
        "flicker": flickers,
        "overlap": sum(_covered(rect, sure) for rect in sure),
        "small": sum(rect.height < _SMALL * area.height for rect in sure),
        "cut": sum(is_cut(rect, area) for rect in sure),
    }
    # With each further object of a kind there is less to learn: 1 - (1 - weight) ^ n.
    return {
        reason: 1 - (1 - _WEIGHTS[reason]) ** count for reason, count in found.items() if count > 0
    }


def together(reasons: Mapping[Reason, float]) -> float:
    """One score of several reasons, 0 to 1: as if each were a chance to learn something."""
    missed = 1.0
    for weight in reasons.values():
        missed *= 1 - weight
    return 1 - missed


def count_flickers(frames: Sequence[Sequence[Detection]], decision: float) -> int:
    """Objects that waver at the middle one of three neighbouring `frames`' detections.

    They were seen before and after it and not in it, not even below `decision`; or the reverse. An
    object that moves further than its own size from frame to frame is taken for another one, so
    frames should be as near to each other as they are on a box (5 to 10 a second).
    """
    before, now, after = frames
    sure = [[one for one in frame if one.confidence >= decision] for frame in frames]
    lost = sum(not _is_in(_between(one, other), now) for one, other in _pairs(sure[0], sure[2]))
    alone = sum(not _is_in(one.rect, before) and not _is_in(one.rect, after) for one in sure[1])
    return lost + alone


def _wavering(score: float, decision: float) -> float:
    """1 at the decision, falling to 0 at the edges of the band."""
    return max(0.0, 1 - abs(score - decision) / _NEAR)


def _covered(rect: Rect, others: Sequence[Rect]) -> bool:
    return any(
        other is not rect and rect.intersection(other) > _COVERED * rect.area for other in others
    )


def is_cut(rect: Rect, area: Rect) -> bool:
    """Whether `rect` reaches an edge of the picture, so that part of the object is outside."""
    across, down = _EDGE * area.width, _EDGE * area.height
    return (
        rect.left - area.left <= across
        or area.right - rect.right <= across
        or rect.top - area.top <= down
        or area.bottom - rect.bottom <= down
    )


def _pairs(before: Sequence[Detection], after: Sequence[Detection]) -> list[tuple[Rect, Rect]]:
    """Objects of one class that are in both, each with its place in either."""
    return [
        (one.rect, other.rect)
        for one in before
        for other in after
        if one.object_class is other.object_class and one.rect.iou(other.rect) >= _SAME
    ]


def _between(one: Rect, other: Rect) -> Rect:
    return Rect(*((a + b) / 2 for a, b in zip(one, other, strict=True)))


def _is_in(rect: Rect, detections: Sequence[Detection]) -> bool:
    return any(rect.iou(detection.rect) >= _SAME for detection in detections)
