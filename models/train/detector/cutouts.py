"""Objects cut out of pictures: by what a still camera sees without them, or by GrabCut."""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.train.detector.pack import Cutout
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture

Mask = NDArray[np.uint8]

_DIFFERENT = 26
"""Of 255, in the channel that differs most: above the noise of the clips' compression."""

_MARGIN = 0.06
_LEAST_SIDE = 12
_TALLEST = 128
_ROUNDS = 3
_PERSON = ((0.5, 0.1, 0.24, 0.11), (0.5, 0.34, 0.5, 0.25), (0.5, 0.72, 0.46, 0.3))
"""Head, trunk and legs of a person who fills a picture: centres and half axes in its sides."""

_CONTENT = 12
"""Grey level above which a pixel is not padding."""

_SOME = 0.1
"""Part of a row or column that must be such pixels."""

_FULL = 0.97
"""Part of its box that nothing but a bare rectangle fills."""


def cut_by_difference(frame: Picture, background: Picture, rect: Rect) -> Cutout | None:
    """What stands before `background` in `rect` of `frame`; None when no whole object does."""
    left, top, right, bottom = _grown(rect, frame)
    part, behind = frame[top:bottom, left:right], background[top:bottom, left:right]
    if min(part.shape[:2]) < _LEAST_SIDE:
        return None
    difference = cv2.GaussianBlur(cv2.absdiff(part, behind), (3, 3), 0).max(axis=2)
    return _cut(part, (difference > _DIFFERENT).astype(np.uint8), least=0.3)


def cut_by_grabcut(crop: Picture, kind: ObjectClass) -> Cutout | None:
    """The object that fills `crop`; None when GrabCut finds none of a likely shape.

    (Rother, Kolmogorov and Blake, "GrabCut", 2004.) It begins with a rough figure of a person or
    an ellipse, and of a person the figure bounds what it may find: other people, and iron bars
    behind, are as sharp as the person is.
    """
    crop = _lowered(without_padding(crop))
    height, width = crop.shape[:2]
    if min(height, width) < _LEAST_SIDE:
        return None
    core, reach = _figure(crop) if kind is ObjectClass.PERSON else _ellipse(crop)
    mask = np.where(reach > 0, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    mask[core > 0] = cv2.GC_FGD
    behind, before = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    whole = (0, 0, width, height)
    cv2.grabCut(crop, mask, whole, behind, before, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    return _cut(crop, found, least=0.28)


def _lowered(crop: Picture) -> Picture:
    """At most 128 pixels tall: GrabCut's time grows faster than the picture."""
    height, width = crop.shape[:2]
    if height <= _TALLEST:
        return crop
    size = (max(1, round(width * _TALLEST / height)), _TALLEST)
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _figure(crop: Picture) -> tuple[Mask, Mask]:
    """What a standing person surely covers, and may cover."""
    core, reach = (np.zeros(crop.shape[:2], np.uint8) for _ in range(2))
    for x, y, wide, tall in _PERSON:
        _oval(core, (x, y), (wide * 0.45, tall * 0.6))
        _oval(reach, (x, y), (wide, tall))
    return core, reach


def _ellipse(crop: Picture) -> tuple[Mask, Mask]:
    core, reach = (np.zeros(crop.shape[:2], np.uint8) for _ in range(2))
    _oval(core, (0.5, 0.5), (0.2, 0.25))
    _oval(reach, (0.5, 0.5), (0.47, 0.49))
    return core, reach


def _oval(mask: Mask, centre: tuple[float, float], axes: tuple[float, float]) -> None:
    """Fill an ellipse, given in parts of the sides."""
    height, width = mask.shape
    middle = (round(centre[0] * width), round(centre[1] * height))
    cv2.ellipse(mask, middle, (round(axes[0] * width), round(axes[1] * height)), 0, 0, 360, 1, -1)


def without_padding(crop: Picture) -> Picture:
    """`crop` without the black bars that bring crops to one shape."""
    light = crop.max(axis=2) > _CONTENT
    columns = np.flatnonzero(light.mean(axis=0) > _SOME)
    rows = np.flatnonzero(light.mean(axis=1) > _SOME)
    if not len(columns) or not len(rows):
        return crop[:0, :0]
    return np.ascontiguousarray(crop[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _grown(rect: Rect, frame: Picture) -> tuple[int, int, int, int]:
    height, width = frame.shape[:2]
    dx, dy = rect.width * _MARGIN, rect.height * _MARGIN
    return (
        max(0, int(rect.left - dx)),
        max(0, int(rect.top - dy)),
        min(width, round(rect.right + dx)),
        min(height, round(rect.bottom + dy)),
    )


def _cut(part: Picture, mask: Mask, least: float) -> Cutout | None:
    """The largest piece of `mask` as a cut-out, if it fills its box and nearly the whole part."""
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)).astype(np.uint8)
    side = max(3, min(part.shape[:2]) // 12 * 2 + 1)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8)).astype(np.uint8)
    _, pieces, stats, _ = cv2.connectedComponentsWithStats(mask)
    _, *others = stats
    if not others:
        return None
    number = 1 + int(np.argmax([one[cv2.CC_STAT_AREA] for one in others]))
    left, top, width, height, area = (int(value) for value in stats[number])
    whole = height > 0.72 * part.shape[0] and width > 0.45 * part.shape[1]
    if not whole or not least < area / (width * height) < _FULL:
        return None
    shape = _filled((pieces == number).astype(np.uint8))
    alpha = cv2.GaussianBlur(shape * 255, (3, 3), 0)
    both = np.dstack((part, alpha))[top : top + height, left : left + width]
    return np.ascontiguousarray(both, dtype=np.uint8)


def _filled(mask: Mask) -> Mask:
    """`mask` without holes."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(np.zeros_like(mask), outlines, -1, 1, -1), dtype=np.uint8)
