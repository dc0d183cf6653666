"""How good a crop is for recognising somebody again, 0 to 1.

The product of six factors, each 0 to 1 and none below its floor, so that a crop bad in one way
still ranks below a crop that is merely mediocre:

- *sharp*: variance of the Laplacian (Pech-Pacheco et al., ICPR 2000) of the crop's luma at a
  fixed size, over its contrast, so that dark clothes do not count as blur; by square root;
- *whole*: not cut by the edge of the channel's picture;
- *shaped*: as wide for its height as people are; a box that is not shows half of one, or two;
- *clear*: not covered by another box; one whose lower edge is lower stands in front;
- *large*: height against what the embedder sees (256 pixels), by square root;
- *sure*: the detector's confidence.

The exponents are those that chose best among crops that were covered, cut, hidden, blurred and
badly boxed on purpose (`make bench-best-shot`).
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import cv2

from edge_agent.source.image import Luma
from models.detection import Detection
from shared.classes import ObjectClass
from shared.geometry import Rect

_LUMA_SIZE = (64, 128)
# Laplacian variance over luma variance: about 0.02 for a crop out of focus and 0.2 for a sharp
# one, measured on CCTV crops 50 to 300 pixels high.
_SHARP = 0.15
_EMBEDDER_HEIGHT = 256.0
# Width over height of people who walk or stand: nine tenths of MOT15's true boxes have 0.28 to
# 0.48, and bags and strides want some room. That of vehicles is their direction's.
_USUAL: Mapping[ObjectClass, tuple[float, float]] = MappingProxyType(
    {ObjectClass.PERSON: (0.28, 0.55)}
)
# A box this near to the edge, in parts of its own size, was probably cut there.
_EDGE = 0.05
_EDGE_PX = 3.0
_CUT = 0.7
_FLOOR = 0.1
# Someone behind still shows at the sides of the crop.
_BEHIND = 0.3


def quality(luma: Luma, detection: Detection, bounds: Rect, others: Sequence[Rect]) -> float:
    """Quality of the crop at `detection`.

    Args:
        luma: brightness of the crop, H x W, uint8.
        detection: what it shows, in the same pixels as `bounds` and `others`.
        bounds: the channel's picture.
        others: the other detections of the frame.
    """
    rect = detection.rect
    sure = max(_FLOOR, detection.confidence)
    large = max(_FLOOR, min(1.0, rect.height / _EMBEDDER_HEIGHT)) ** 0.5
    seen = whole(rect, bounds) * shaped(detection) * clear(rect, others)
    return float(sharpness(luma) ** 0.5 * seen * large * sure)


def sharpness(luma: Luma) -> float:
    """How sharp a crop of that brightness is."""
    small = cv2.resize(luma, _LUMA_SIZE, interpolation=cv2.INTER_AREA)
    edges = _variance(cv2.Laplacian(small, cv2.CV_16S)) / (_variance(small) + 1.0)
    return min(max(edges / _SHARP, _FLOOR), 1.0)


def _variance(values: cv2.typing.MatLike) -> float:
    return float(cv2.meanStdDev(values)[1][0, 0]) ** 2


def whole(rect: Rect, bounds: Rect) -> float:
    """1, or less if an edge of the picture cut `rect`."""
    return _CUT if is_cut(rect, bounds) else 1.0


def shaped(detection: Detection) -> float:
    """1, or less the narrower or wider a person's box is than people are."""
    usual = _USUAL.get(detection.object_class)
    if usual is None:
        return 1.0
    shape = detection.rect.width / max(1.0, detection.rect.height)
    return max(_FLOOR, min(1.0, shape / usual[0], usual[1] / max(shape, _FLOOR)))


def is_cut(rect: Rect, bounds: Rect) -> bool:
    """Whether `rect` reaches an edge of the picture, so that part of the object is outside."""
    across = max(_EDGE_PX, _EDGE * rect.width)
    down = max(_EDGE_PX, _EDGE * rect.height)
    return (
        rect.left - bounds.left < across
        or bounds.right - rect.right < across
        or rect.top - bounds.top < down
        or bounds.bottom - rect.bottom < down
    )


def clear(rect: Rect, others: Sequence[Rect]) -> float:
    """1 less the part of `rect` covered by the box that covers it most."""
    covered = max(
        (
            rect.intersection(other) / rect.area * (1.0 if other.bottom >= rect.bottom else _BEHIND)
            for other in others
        ),
        default=0.0,
    )
    return max(_FLOOR, 1.0 - covered)
