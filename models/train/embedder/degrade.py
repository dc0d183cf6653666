"""What cameras and detectors do to a crop: loose boxes, light, blur, noise, compression, covers."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preparation import Size
from shared.pictures import Picture

_LEVELS = np.arange(256, dtype=np.float32)
_GREY = np.array([0.114, 0.587, 0.299], dtype=np.float32)
"""Luma of BGR (ITU-R BT.601)."""


@dataclass(frozen=True)
class Strength:
    """How badly a crop is treated.

    Attributes:
        shift: of the box's edges, as a part of its sides: detectors' boxes are loose.
        light: of gain, contrast and gamma.
        cast: of one channel against another; colour is what tells many apart, so little.
        saturation: how much colour is taken away or added at most.
        blur, noise, compress, erase: how often each is done, 0 to 1.
        mirror: whether a crop may be turned left to right.
    """

    shift: float = 0.1
    light: float = 0.35
    cast: float = 0.08
    saturation: float = 0.3
    blur: float = 0.3
    noise: float = 0.25
    compress: float = 0.25
    erase: float = 0.4
    mirror: bool = True


def degrade(picture: Picture, size: Size, strength: Strength, rng: np.random.Generator) -> Picture:
    """`picture` (H x W x 3, BGR) at `size`, as another camera might have given it."""
    seen = _placed(picture, size, strength, rng)
    seen = _lit(seen, strength, rng)
    if rng.random() < strength.blur:
        seen = _blurred(seen, rng)
    if rng.random() < strength.noise:
        seen = _noisy(seen, rng)
    if rng.random() < strength.compress:
        seen = _compressed(seen, int(rng.integers(20, 80)))
    if rng.random() < strength.erase:
        _erase(seen, rng)
    return seen


def _placed(picture: Picture, size: Size, strength: Strength, rng: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    left, right = rng.uniform(-strength.shift, strength.shift, 2) * width
    top, bottom = rng.uniform(-strength.shift, strength.shift, 2) * height
    scale_x = size.width / (width - left - right)
    scale_y = size.height / (height - top - bottom)
    lean = rng.normal(0, 0.03)
    matrix = np.array(
        [[scale_x, lean * scale_x, -left * scale_x], [0, scale_y, -top * scale_y]], dtype=np.float64
    )
    matrix[0, 2] -= lean * scale_x * height / 2
    if strength.mirror and rng.random() < 0.5:  # noqa: PLR2004 - as often as not
        matrix[0] *= -1
        matrix[0, 2] += size.width - 1
    border = cv2.BORDER_REPLICATE if rng.random() < 0.7 else cv2.BORDER_REFLECT_101  # noqa: PLR2004
    return np.asarray(
        cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border),
        dtype=np.uint8,
    )


def _lit(picture: Picture, strength: Strength, rng: np.random.Generator) -> Picture:
    gamma = math.exp(rng.normal(0, strength.light))
    gain = math.exp(rng.normal(0, strength.light / 2))
    offset = rng.normal(0, 40 * strength.light)
    cast = np.exp(rng.normal(0, strength.cast, 3)).astype(np.float32)
    curve = 255 * (_LEVELS / 255) ** gamma * gain + offset
    table = np.clip(curve[:, None] * cast, 0, 255).astype(np.uint8)
    seen = np.asarray(cv2.LUT(picture, table[None]), dtype=np.uint8)
    if strength.saturation and rng.random() < 0.5:  # noqa: PLR2004 - as often as not
        factor = 1 + rng.uniform(-strength.saturation, strength.saturation)
        seen = np.asarray(cv2.transform(seen, _saturating(factor)), dtype=np.uint8)
    return seen


def _saturating(factor: float) -> NDArray[np.float32]:
    """The matrix that takes a pixel so much away from its grey."""
    matrix = factor * np.eye(3) + (1 - factor) * np.tile(_GREY, (3, 1))
    return np.asarray(matrix, dtype=np.float32)


def _blurred(picture: Picture, rng: np.random.Generator) -> Picture:
    kind = rng.integers(3)
    height, width = picture.shape[:2]
    if kind == 0:
        factor = rng.uniform(0.3, 0.8)
        small = cv2.resize(
            picture,
            (max(8, int(width * factor)), max(8, int(height * factor))),
            interpolation=cv2.INTER_AREA,
        )
        seen = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    elif kind == 1:
        seen = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.4))
    else:
        seen = cv2.blur(picture, (int(rng.integers(2, 6)), 1))
    return np.asarray(seen, dtype=np.uint8)


def _noisy(picture: Picture, rng: np.random.Generator) -> Picture:
    noise = rng.normal(0, rng.uniform(2, 12), picture.shape).astype(np.float32)
    return np.asarray(np.clip(picture + noise, 0, 255), dtype=np.uint8)


def _compressed(picture: Picture, quality: int) -> Picture:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def _erase(picture: Picture, rng: np.random.Generator) -> None:
    """Cover a rectangle with one colour or with noise (arXiv 1708.04896)."""
    height, width = picture.shape[:2]
    area, shape = rng.uniform(0.03, 0.25) * height * width, math.exp(rng.uniform(-1, 1))
    tall = min(height, max(1, int(math.sqrt(area * shape))))
    wide = min(width, max(1, int(math.sqrt(area / shape))))
    top, left = rng.integers(height - tall + 1), rng.integers(width - wide + 1)
    colour = rng.integers(0, 256, 3)
    spread = rng.choice([0, 0, 30, 80])
    cover = colour + rng.normal(0, 1, (tall, wide, 3)) * spread
    picture[top : top + tall, left : left + wide] = np.clip(cover, 0, 255).astype(np.uint8)
