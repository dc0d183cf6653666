"""Real people cut out of a clip whose camera stands still, each in several steps."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.train.embedder.backgrounds import clip_frames
from models.train.embedder.canvas import Drawing
from shared.pictures import Picture

CLIP = "video/intel_one-by-one-person.mp4"
"""A room that is empty at first; people come one by one, each when the one before is gone."""

_FRAMES = 280
_DIFFERENT = 36
"""Levels by which a pixel differs from the empty room in some channel when someone is there."""

_SMALLEST = 0.01
"""Part of the frame that someone covers."""
_MARGIN = 4
"""Pixels between the person and the frame's edge, or else part of them may be missing."""


def cut_people(data: Path) -> list[list[Drawing]]:
    """Everyone in the clip, each with their cut-outs in the order of time.

    Raises:
        ConfigError: the clip is missing or cannot be read.
    """
    frames = clip_frames(data / CLIP, _FRAMES)
    empty = frames[0]
    people: list[list[Drawing]] = []
    someone = False
    for frame in frames:
        mask = _mask(frame, empty)
        there = mask.mean() > 255 * _SMALLEST
        if there and not someone:
            people.append([])
        someone = there
        cut = _cut(frame, mask) if there else None
        if cut is not None:
            people[-1].append(cut)
    return [one for one in people if len(one) > 1]


def _mask(frame: Picture, empty: Picture) -> NDArray[np.uint8]:
    """255 where the largest thing that does not belong to the room is."""
    apart = cv2.absdiff(frame, empty).max(axis=2)
    rough = (cv2.GaussianBlur(apart, (5, 5), 0) > _DIFFERENT).astype(np.uint8) * 255
    closed = cv2.morphologyEx(rough, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(closed)
    if count < 2:  # noqa: PLR2004 - more than the background
        return np.zeros_like(closed)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    return np.asarray((labels == largest) * 255, dtype=np.uint8)


def _cut(frame: Picture, mask: NDArray[np.uint8]) -> Drawing | None:
    """The person alone, or None where they are cut off by the frame, or too wide to be one."""
    left, top, width, height = cv2.boundingRect(mask)
    bottom, right = top + height, left + width
    inside = (
        top > _MARGIN
        and left > _MARGIN
        and right < mask.shape[1] - _MARGIN
        and bottom < mask.shape[0] - _MARGIN
    )
    if not inside or not 1.6 < height / width < 5:  # noqa: PLR2004 - people who stand or walk
        return None
    soft = cv2.GaussianBlur(mask, (3, 3), 0).astype(np.float32) / np.float32(255)
    rows, columns = slice(top, bottom), slice(left, right)
    return Drawing(frame[rows, columns].copy(), soft[rows, columns])
