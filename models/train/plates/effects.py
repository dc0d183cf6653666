"""What weather, dirt, light, optics and compression do to the picture of a plate.

Each effect takes the randomness and a picture (BGR, uint8) and returns another of the same size.
`TRAINED` are those a reader is trained with; `UNSEEN` those it is only judged with.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.pictures import Picture

Random = np.random.Generator
Effect = Callable[[Random, Picture], Picture]


class Chance(NamedTuple):
    """An effect and how often it happens, 0 to 1."""

    share: float
    effect: Effect


def apply(random: Random, picture: Picture, chances: Sequence[Chance]) -> Picture:
    """`picture` after those of `chances` that happen, in their order."""
    for share, effect in chances:
        if random.random() < share:
            picture = effect(random, picture)
    return picture


def dirt(random: Random, picture: Picture) -> Picture:
    """Specks and smears of mud."""
    soiled = picture.copy()
    colour = tuple(int(value) for value in random.uniform(40, 150) + random.normal(0, 10, 3))
    height, width = picture.shape[:2]
    for _ in range(int(random.integers(1, 6))):
        at = int(random.integers(width)), int(random.integers(height))
        axes = tuple(int(value) for value in random.integers(1, max(2, height // 10), 2) + 1)
        cv2.ellipse(soiled, at, axes, float(random.uniform(0, 180)), 0, 360, colour, -1)
    weight = random.uniform(0.2, 0.7)
    return np.asarray(cv2.addWeighted(soiled, weight, picture, 1 - weight, 0), dtype=np.uint8)


def film(random: Random, picture: Picture) -> Picture:
    """Dust all over: less contrast, one tint."""
    tint = np.full_like(picture, 0)
    tint[:] = np.clip(random.uniform(60, 190) + random.normal(0, 15, 3), 0, 255).astype(np.uint8)
    weight = random.uniform(0.05, 0.4)
    return np.asarray(cv2.addWeighted(tint, weight, picture, 1 - weight, 0), dtype=np.uint8)


def shadow(random: Random, picture: Picture) -> Picture:
    """An edge of shadow, hard or soft, in any direction."""
    ramp = _ramp(random, picture) * random.uniform(2, 25)
    dark = random.uniform(0.25, 0.8)
    share = dark + (1 - dark) / (1 + np.exp(-np.clip(ramp, -30, 30)))
    return _scaled(picture, share)


def glare(random: Random, picture: Picture) -> Picture:
    """A lamp or the sun: a bright spot that fades outwards."""
    height, width = picture.shape[:2]
    x, y = np.arange(width), np.arange(height)[:, None]
    across = (x - random.uniform(0, width)) / (width * random.uniform(0.08, 0.35))
    down = (y - random.uniform(-0.2, 1.2) * height) / (height * random.uniform(0.2, 0.9))
    light = random.uniform(40, 170) * np.exp(-(across**2 + down**2))
    return np.asarray(np.minimum(picture + light[:, :, None], 255), dtype=np.uint8)


def rain(random: Random, picture: Picture) -> Picture:
    """Bright streaks of one slant."""
    wet = picture.copy()
    height, width = picture.shape[:2]
    slant, length = random.normal(0, 0.3), random.uniform(0.15, 0.6) * height
    for _ in range(int(random.integers(4, 26))):
        x, y = random.uniform(0, width), random.uniform(-length, height)
        colour = tuple([int(random.uniform(150, 255))] * 3)
        end = int(x + slant * length), int(y + length)
        cv2.line(wet, (int(x), int(y)), end, colour, 1, cv2.LINE_AA)
    weight = random.uniform(0.2, 0.6)
    return np.asarray(cv2.addWeighted(wet, weight, picture, 1 - weight, 0), dtype=np.uint8)


def light(random: Random, picture: Picture) -> Picture:
    """Another exposure, contrast and gamma."""
    levels = np.linspace(0, 1, 256) ** random.uniform(0.5, 2.0)
    low, high = random.uniform(0, 0.3), random.uniform(0.55, 1.2)
    return _through(picture, 255 * (low + (high - low) * levels))


def infrared(random: Random, picture: Picture) -> Picture:
    """A night camera: grey, its sensor's own weights of the colours, often underexposed."""
    weights = random.dirichlet((2.0, 2.0, 3.0)).astype(np.float32)
    grey = cv2.transform(picture, weights[None])
    grey = _through(np.asarray(grey, dtype=np.uint8), np.arange(256) * random.uniform(0.5, 1.25))
    return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def defocus(random: Random, picture: Picture) -> Picture:
    """Out of focus, its deviation up to a hundredth of the picture's width."""
    deviation = random.uniform(0.3, max(0.5, picture.shape[1] / 100))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation), dtype=np.uint8)


def motion(random: Random, picture: Picture) -> Picture:
    """Smeared along one direction, mostly across."""
    length = int(random.uniform(2, max(3.0, picture.shape[1] / 26)))
    angle = random.normal(0, 25)
    kernel = np.zeros((2 * length + 1,) * 2, dtype=np.float32)
    step = np.array([np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))]) * length / 2
    first, last = (tuple(int(v) for v in np.round(length + s * step)) for s in (-1, 1))
    cv2.line(kernel, first, last, 1.0, 1)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), dtype=np.uint8)


def noise(random: Random, picture: Picture) -> Picture:
    """The sensor's noise, the same for all colours or not."""
    channels = 1 if random.random() < 0.6 else 3  # noqa: PLR2004 - night cameras are grey
    grain = random.standard_normal((*picture.shape[:2], channels), dtype=np.float32)
    noisy = picture + grain * np.float32(min(25.0, 1 + random.exponential(5)))
    return np.asarray(np.clip(noisy, 0, 255), dtype=np.uint8)


def jpeg(random: Random, picture: Picture) -> Picture:
    """Compressed as a JPEG, or as a frame of video about as much."""
    return _encoded(picture, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 95))])


def webp(random: Random, picture: Picture) -> Picture:
    """Compressed as WebP."""
    return _encoded(picture, ".webp", [cv2.IMWRITE_WEBP_QUALITY, int(random.integers(20, 80))])


def fog(random: Random, picture: Picture) -> Picture:
    """A veil that is thicker to one side."""
    veil = np.clip(0.5 + _ramp(random, picture), 0, 1) * random.uniform(0.15, 0.45)
    white = random.uniform(150, 230)
    return np.asarray(picture + veil[:, :, None] * (white - picture), dtype=np.uint8)


def wires(random: Random, picture: Picture) -> Picture:
    """Thin things in front: a wire, a barrier's edge, a twig."""
    covered = picture.copy()
    height, width = picture.shape[:2]
    for _ in range(int(random.integers(1, 3))):
        ends = [(int(random.integers(-9, width + 9)), y) for y in (0, height)]
        colour = tuple([int(random.uniform(0, 255))] * 3)
        cv2.line(covered, ends[0], ends[1], colour, max(1, width // 90), cv2.LINE_AA)
    return covered


def echo(random: Random, picture: Picture) -> Picture:
    """A second, weaker image beside the first: two exposures, or interlacing."""
    shift = np.array([[1, 0, random.normal(0, picture.shape[1] / 70)], [0, 1, random.normal(0, 1)]])
    size = (picture.shape[1], picture.shape[0])
    moved = cv2.warpAffine(picture, shift, size, borderMode=cv2.BORDER_REPLICATE)
    weight = random.uniform(0.25, 0.5)
    return np.asarray(cv2.addWeighted(moved, weight, picture, 1 - weight, 0), dtype=np.uint8)


def bulge(random: Random, picture: Picture) -> Picture:
    """A bent plate or a wide lens: rows displaced along an arch."""
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across = 2 * x / width - 1
    lifted = y + np.float32(random.uniform(-0.1, 0.1) * height) * (across**2 - np.float32(0.3))
    bent = cv2.remap(picture, x, lifted, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(bent, dtype=np.uint8)


def snow(random: Random, picture: Picture) -> Picture:
    """Pixels that are white or black."""
    spotted = picture.copy()
    where = random.random(picture.shape[:2])
    share = random.uniform(0.002, 0.01)
    spotted[where < share] = 255
    spotted[where > 1 - share / 2] = 0
    return spotted


ON_PLATE = (Chance(0.2, dirt), Chance(0.15, film))
TRAINED = (
    *(Chance(0.2, shadow), Chance(0.12, glare), Chance(0.1, rain)),
    *(Chance(0.65, light), Chance(0.3, infrared)),
)
TRAINED_OPTICS = (Chance(0.35, defocus), Chance(0.2, motion))
TRAINED_SENSOR = (Chance(0.5, noise), Chance(0.6, jpeg))
UNSEEN = (
    *(Chance(0.2, bulge), Chance(0.2, fog), Chance(0.15, wires)),
    *(Chance(0.2, shadow), Chance(0.1, glare), Chance(0.5, light), Chance(0.25, infrared)),
)
UNSEEN_OPTICS = (Chance(0.3, defocus), Chance(0.12, motion), Chance(0.15, echo))
UNSEEN_SENSOR = (Chance(0.1, snow), Chance(0.35, noise), Chance(0.7, webp))


def _ramp(random: Random, picture: Picture) -> NDArray[np.float64]:
    """From about -0.5 to 0.5 across the picture, in any direction, its middle moved."""
    height, width = picture.shape[:2]
    angle = random.uniform(0, 2 * np.pi)
    across = np.cos(angle) * (np.arange(width) / width - random.uniform(0.2, 0.8))
    down = np.sin(angle) * (np.arange(height) / height - random.uniform(0.2, 0.8))
    return np.asarray(across[None, :] + down[:, None])


def _scaled(picture: Picture, share: NDArray[np.float64]) -> Picture:
    return np.asarray(picture * share.astype(np.float32)[:, :, None], dtype=np.uint8)


def _through(picture: Picture, levels: NDArray[np.floating]) -> Picture:
    table = np.clip(levels, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, table), dtype=np.uint8)


def _encoded(picture: Picture, kind: str, how: list[int]) -> Picture:
    _, data = cv2.imencode(kind, picture, how)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)
