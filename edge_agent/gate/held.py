"""What the last looks agreed on, and is still there while nothing moves.

A detector wavers from frame to frame over things that stand still. What half of the looks of the
last second saw is held; what one alone saw is not.
"""

from collections import deque
from collections.abc import Sequence

from models.detection import Detection

# Overlap of boxes from which two detections are of one thing that stands still.
_SAME = 0.5


class Held:
    """The detections of a channel that hold while nothing moves.

    Args:
        span_s: looks older than this before the newest do not count.
        sure: detections from here up tell of a change when they come or go.
    """

    def __init__(self, span_s: float, sure: float) -> None:
        self._span_s = span_s
        self._sure = sure
        self._looks: deque[tuple[float, list[Detection]]] = deque()
        self._agreed: list[Detection] | None = None

    def looked(self, detections: Sequence[Detection], position_s: float) -> bool:
        """Take in a look; whether something sure has come, gone or gone elsewhere."""
        self._agreed = None
        before = self._looks[-1][1] if self._looks else []
        self._looks.append((position_s, list(detections)))
        while position_s - self._looks[0][0] > self._span_s:
            self._looks.popleft()
        return self._lacks(before, detections) or self._lacks(detections, before)

    def detections(self) -> list[Detection]:
        """The newest box of everything at least half of the looks saw."""
        if self._agreed is None:
            self._agreed = []
            for _, look in reversed(self._looks):
                often = (one for one in look if self._often(one))
                self._agreed += [one for one in often if not _among(one, self._agreed)]
        return list(self._agreed)

    def _often(self, one: Detection) -> bool:
        seen = sum(_among(one, look) for _, look in self._looks)
        return 2 * seen >= len(self._looks)

    def _lacks(self, some: Sequence[Detection], others: Sequence[Detection]) -> bool:
        return any(one.confidence >= self._sure and not _among(one, others) for one in some)


def _among(one: Detection, others: Sequence[Detection]) -> bool:
    return any(
        other.object_class is one.object_class and other.rect.iou(one.rect) >= _SAME
        for other in others
    )
