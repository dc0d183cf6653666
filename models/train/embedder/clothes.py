"""What someone wears, and carries: it stays the same from one camera to the next."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

CLOTH = 64
"""Pixels of the sides of a piece of cloth."""

Colour = NDArray[np.float32]
"""BGR, 0 to 255."""

Cloth = NDArray[np.float32]
"""H x W x 3, BGR, 0 to 255; the middle of its width is the middle of the body."""


@dataclass(frozen=True)
class Outfit:
    """What stays the same about someone from one camera to the next.

    Attributes:
        cloths: `CLOTH` x `CLOTH` x 3 float32, of the upper body's front and back, and the legs.
        skin, hair, shoes, bag: colours, BGR.
        sleeves, legs: how much of arm and leg is covered, 0 to 1.
        build: width of the body, about 1.
        skirt: how wide below the hips, 0 for trousers.
        long_hair, hat: whether there is any.
        carries: `none`, `backpack`, `shoulder` or `hand`.
        hem: how far the upper garment goes down, in parts of the leg.
    """

    front: Cloth
    back: Cloth
    lower: Cloth
    skin: Colour
    hair: Colour
    shoes: Colour
    bag: Colour
    sleeves: float
    legs: float
    build: float
    skirt: float
    long_hair: bool
    hat: bool
    carries: str
    hem: float


def draw_outfit(rng: np.random.Generator) -> Outfit:
    """Someone new."""
    upper = draw_colour(rng)
    front = draw_cloth(upper, rng)
    back = front if rng.random() < 0.6 else draw_cloth(upper, rng, plain=True)  # noqa: PLR2004
    if rng.random() < 0.2:  # noqa: PLR2004 - an open jacket
        front = _opened(front, draw_colour(rng), rng)
    return Outfit(
        front=front,
        back=back,
        lower=draw_cloth(draw_colour(rng, sober=True), rng, plain=rng.random() < 0.8),  # noqa: PLR2004
        skin=np.array([90, 125, 175], np.float32) * rng.uniform(0.5, 1.25)
        + rng.normal(0, 8, 3).astype(np.float32),
        hair=np.array([25, 28, 35], np.float32) * rng.uniform(0.4, 3.0),
        shoes=draw_colour(rng, sober=True),
        bag=draw_colour(rng),
        sleeves=float(rng.choice([0.1, 0.35, 0.4, 1.0, 1.0])),
        legs=float(rng.choice([0.35, 0.5, 1.0, 1.0, 1.0])),
        build=float(np.clip(rng.normal(1, 0.14), 0.75, 1.4)),
        skirt=float(rng.choice([0, 0, 0, 0, 1.2, 1.6])),
        long_hair=bool(rng.random() < 0.35),  # noqa: PLR2004
        hat=bool(rng.random() < 0.12),  # noqa: PLR2004
        carries=str(rng.choice(["none", "none", "backpack", "backpack", "shoulder", "hand"])),
        hem=float(rng.choice([0.05, 0.1, 0.15, 0.3])),
    )


def draw_colour(rng: np.random.Generator, *, sober: bool = False) -> Colour:
    """Of clothes: half of them black, white, grey or blue, as in the street."""
    kind = rng.random()
    if kind < (0.6 if sober else 0.4):
        grey = rng.choice([rng.uniform(12, 60), rng.uniform(60, 180), rng.uniform(180, 245)])
        return np.asarray(grey + rng.normal(0, 6, 3), dtype=np.float32)
    hue = rng.uniform(100, 130) if sober and kind < 0.85 else rng.uniform(0, 180)  # noqa: PLR2004
    pixel = np.array([[[hue, rng.uniform(60, 230), rng.uniform(40, 235)]]], dtype=np.uint8)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR)[0, 0], dtype=np.float32)


def draw_cloth(base: Colour, rng: np.random.Generator, *, plain: bool = False) -> Cloth:
    """Cloth of that colour, with folds; plain, or often striped, checked or printed on."""
    cloth = np.tile(base, (CLOTH, CLOTH, 1)).astype(np.float32)
    kind = (
        "plain" if plain else rng.choice(["plain", "plain", "stripes", "checks", "print", "yoke"])
    )
    other = draw_colour(rng)
    rows = np.arange(CLOTH)
    if kind in {"stripes", "checks"}:
        period = int(rng.integers(6, 24))
        broad = rng.uniform(0.3, 0.6) * period
        lines = (rows + int(rng.integers(period))) % period < broad
        across = rng.random() < 0.7  # noqa: PLR2004
        cloth[lines if across else slice(None), slice(None) if across else lines] = other
        if kind == "checks":
            cloth[:, lines] = 0.5 * cloth[:, lines] + 0.5 * other
    elif kind == "print":
        centre = (int(rng.integers(20, 44)), int(rng.integers(16, 36)))
        axes = (int(rng.integers(6, 20)), int(rng.integers(5, 14)))
        cv2.ellipse(cloth, centre, axes, 0, 0, 360, other.tolist(), -1)
    elif kind == "yoke":
        cloth[: int(rng.integers(14, 40))] = other
    folds = cv2.resize(
        rng.normal(0, 1, (9, 7)).astype(np.float32), (CLOTH, CLOTH), interpolation=cv2.INTER_CUBIC
    )
    cloth *= 1 + 0.13 * folds[:, :, None]
    return cloth + rng.normal(0, 4, cloth.shape).astype(np.float32)


def _opened(cloth: Cloth, inner: Colour, rng: np.random.Generator) -> Cloth:
    opened = cloth.copy()
    half = int(rng.integers(4, 12))
    opened[:, CLOTH // 2 - half : CLOTH // 2 + half] = inner
    return opened
