"""How good a crop is for recognising somebody again, 0 to 1.

The product of five factors, each 0 to 1 and none below its floor, so that a crop bad in one way
still ranks below a crop that is merely mediocre:

- *sharp*: variance of the Laplacian (Pech-Pacheco et al., ICPR 2000) of the crop's luma at a
  fixed size, over its contrast, so that dark clothes do not count as blur;
- *whole*: not cut by the edge of the channel's picture;
- *clear*: not covered by another box; one whose lower edge is lower stands in front;
- *large*: height against what the embedder sees (256 pixels), by square root;
- *sure*: the detector's confidence, by square root.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from shared.geometry import Rect
from shared.pictures import Picture

_LUMA_SIZE = (64, 128)
# Laplacian variance over luma variance: about 0.02 for a crop out of focus and 0.2 for a sharp
# one, measured on CCTV crops 50 to 300 pixels high.
_SHARP = 0.15
_EMBEDDER_HEIGHT = 256.0
# A box this near to the edge, in parts of its own size, was probably cut there.
_EDGE = 0.05
_EDGE_PX = 3.0
_CUT = 0.4
_FLOOR = 0.1
# Someone behind still shows at the sides of the crop.
_BEHIND = 0.3


def quality(
    crop: Picture, rect: Rect, bounds: Rect, others: Sequence[Rect], confidence: float
) -> float:
    """Quality of `crop`, cut out at `rect`.

    Args:
        crop: the picture cut out.
        rect: the detection, in the same pixels as `bounds` and `others`.
        bounds: the channel's picture.
        others: the other detections of the frame.
        confidence: the detector's.
    """
    sure = max(_FLOOR, confidence) ** 0.5
    large = max(_FLOOR, min(1.0, rect.height / _EMBEDDER_HEIGHT)) ** 0.5
    return float(sharpness(crop) * whole(rect, bounds) * clear(rect, others) * large * sure)


def sharpness(crop: Picture) -> float:
    """How sharp `crop` is."""
    luma = cv2.cvtColor(
        cv2.resize(crop, _LUMA_SIZE, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY
    )
    edges = float(cv2.Laplacian(luma, cv2.CV_32F).var()) / (float(luma.var()) + 1.0)
    return float(np.clip(edges / _SHARP, _FLOOR, 1.0))


def whole(rect: Rect, bounds: Rect) -> float:
    """1, or less if an edge of the picture cut `rect`."""
    return _CUT if is_cut(rect, bounds) else 1.0


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
