"""What is not to be found: grounds, poles, signs and pieces of pictures, drawn at random."""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.train.detector.chances import Rng, chance
from models.train.detector.pack import Cutout
from shared.pictures import Picture


def ground(height: int, width: int, rng: Rng) -> Picture:
    """A surface without objects: two tones, a texture, lines as of roads and slabs."""
    far, near = (_tone(rng) for _ in range(2))
    mix = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    picture = np.broadcast_to(far * (1 - mix) + near * mix, (height, width, 3)).copy()
    for cells in (4, 16, 64):
        shape = (max(2, height * cells // width), cells, 1)
        noise = rng.normal(0, rng.uniform(1, 12), shape).astype(np.float32)
        picture += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)[:, :, None]
    canvas: Picture = np.clip(picture, 0, 255).astype(np.uint8)
    for _ in range(rng.integers(0, 9)):
        _line(canvas, rng)
    return canvas


def _tone(rng: Rng) -> NDArray[np.float32]:
    """Mostly grey, as asphalt, concrete and walls are."""
    tint = rng.normal(0, 12 if chance(rng, 0.8) else 45, 3)
    return np.clip(rng.uniform(25, 225) + tint, 5, 250).astype(np.float32)


def _line(canvas: Picture, rng: Rng) -> None:
    height, width = canvas.shape[:2]
    start, end = (
        (int(rng.integers(-width // 4, width * 5 // 4)), int(rng.integers(0, height)))
        for _ in range(2)
    )
    colour = [float(value) for value in _tone(rng)]
    cv2.line(canvas, start, end, colour, int(rng.integers(1, 5)), cv2.LINE_AA)


def thing(height: int, photo: Picture, rng: Rng) -> Cutout:
    """Something `height` pixels tall that might be taken for an object: a pole, a sign, a piece."""
    if chance(rng, 0.15):
        return _pole(height, rng)
    if chance(rng, 0.3):
        return _stack(height, rng)
    return _piece(height, photo, rng)


def _pole(height: int, rng: Rng) -> Cutout:
    """A pole, with or without a sign on top."""
    width = max(3, round(height * rng.uniform(0.15, 0.5)))
    made = np.zeros((height, width, 4), np.uint8)
    half = max(1, round(width * rng.uniform(0.05, 0.2)))
    middle = width // 2
    made[:, max(0, middle - half) : middle + half] = opaque(rng)
    if chance(rng, 0.6):
        bottom = max(2, round(height * rng.uniform(0.12, 0.4)))
        if chance(rng, 0.5):
            made[:bottom] = opaque(rng)
        else:
            radius = max(1, min(middle, bottom // 2))
            cv2.circle(made, (middle, radius), radius, opaque(rng), -1, cv2.LINE_AA)
    return shaded(made, rng)


def _stack(height: int, rng: Rng) -> Cutout:
    """Blocks on each other: bollards, bins, posters, machines."""
    width = max(3, round(height * rng.uniform(0.2, 0.8)))
    made = np.zeros((height, width, 4), np.uint8)
    ends = np.sort(rng.integers(0, height, int(rng.integers(0, 4)))).tolist()
    for top, bottom in zip([0, *ends], [*ends, height], strict=True):
        inset = int(rng.integers(0, max(1, width // 4)))
        made[top:bottom, inset : width - inset] = opaque(rng)
    return shaded(made, rng)


def _piece(height: int, photo: Picture, rng: Rng) -> Cutout:
    """A piece of a picture, with the soft outline that cut-outs have."""
    width = max(3, round(height * rng.uniform(0.25, 1.2)))
    rows, columns = photo.shape[:2]
    scale = min(1.0, rows / height, columns / width) * rng.uniform(0.5, 1.0)
    h, w = max(2, int(height * scale)), max(2, int(width * scale))
    top, left = int(rng.integers(0, rows - h + 1)), int(rng.integers(0, columns - w + 1))
    part = cv2.resize(photo[top : top + h, left : left + w], (width, height))
    mask = np.zeros((height, width), np.uint8)
    for _ in range(rng.integers(1, 4)):
        centre = (int(width * rng.uniform(0.35, 0.65)), int(height * rng.uniform(0.25, 0.75)))
        axes = (int(width * rng.uniform(0.2, 0.5)), int(height * rng.uniform(0.25, 0.5)))
        cv2.ellipse(mask, centre, axes, float(rng.uniform(-20, 20)), 0, 360, 255, -1)
    return np.dstack((part, cv2.GaussianBlur(mask, (3, 3), 0)))


def opaque(rng: Rng) -> tuple[int, int, int, int]:
    """Any colour, most of them nearly grey; BGR and alpha."""
    blue, green, red = (int(value) for value in rng.integers(0, 256, 3))
    grey = int(rng.integers(10, 245))
    if chance(rng, 0.75):
        blue, green, red = ((value + 4 * grey) // 5 for value in (blue, green, red))
    return blue, green, red, 255


def shaded(made: Cutout, rng: Rng) -> Cutout:
    """With light from one side and some grain, so that no surface is of one colour."""
    height, width = made.shape[:2]
    side = np.linspace(1 - rng.uniform(0, 0.4), 1, width)[None, :, None]
    grain = np.empty((height, width), np.float32)
    cv2.setRNGSeed(int(rng.integers(2**31)))
    cv2.randn(grain, np.zeros(1), np.full(1, rng.uniform(1, 10)))
    made = made.copy()
    lit = made[..., :3] * side.astype(np.float32) + grain[..., None]
    made[..., :3] = np.clip(lit, 0, 255).astype(np.uint8)
    return made
