"""People who do not exist: clothes drawn on a body that walks, seen from any side.

A few hundred real people are too few to learn from what tells one from another. These are crude,
but there is no end of them, and each is seen several times: another step, another side, the same
clothes.
Limbs are tapered shapes between the joints of a body turned about its own axis; each carries a
piece of its garment's cloth, shaded round like a cylinder and lit from one side.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from shared.pictures import Picture

HEIGHT, WIDTH = 160, 96
"""Of a drawn picture with its mask. The body is about 0.9 of the height."""

_CLOTH = 64

Colour = NDArray[np.float32]


class Drawing(NamedTuple):
    """A picture, H x W x 3, BGR, and where the person is in it, H x W, 0 to 1."""

    picture: Picture
    mask: NDArray[np.float32]


@dataclass(frozen=True)
class Outfit:
    """What stays the same about someone from one camera to the next.

    Attributes:
        cloths: `_CLOTH` x `_CLOTH` x 3 float32, of the upper body's front and back, and the legs.
        skin, hair, shoes, bag: colours, BGR.
        sleeves, legs: how much of arm and leg is covered, 0 to 1.
        build: width of the body, about 1.
        skirt: how wide below the hips, 0 for trousers.
        long_hair, hat: whether there is any.
        carries: `none`, `backpack`, `shoulder` or `hand`.
        hem: how far the upper garment goes down, in parts of the leg.
    """

    front: NDArray[np.float32]
    back: NDArray[np.float32]
    lower: NDArray[np.float32]
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
    upper = _colour(rng)
    front = _cloth(upper, rng)
    back = front if rng.random() < 0.6 else _cloth(upper, rng, plain=True)  # noqa: PLR2004
    if rng.random() < 0.2:  # noqa: PLR2004 - an open jacket
        front = _opened(front, _colour(rng), rng)
    return Outfit(
        front=front,
        back=back,
        lower=_cloth(_colour(rng, sober=True), rng, plain=rng.random() < 0.8),  # noqa: PLR2004
        skin=np.array([90, 125, 175], np.float32) * rng.uniform(0.5, 1.25)
        + rng.normal(0, 8, 3).astype(np.float32),
        hair=np.array([25, 28, 35], np.float32) * rng.uniform(0.4, 3.0),
        shoes=_colour(rng, sober=True),
        bag=_colour(rng),
        sleeves=float(rng.choice([0.1, 0.35, 0.4, 1.0, 1.0])),
        legs=float(rng.choice([0.35, 0.5, 1.0, 1.0, 1.0])),
        build=float(np.clip(rng.normal(1, 0.14), 0.75, 1.4)),
        skirt=float(rng.choice([0, 0, 0, 0, 1.2, 1.6])),
        long_hair=bool(rng.random() < 0.35),  # noqa: PLR2004
        hat=bool(rng.random() < 0.12),  # noqa: PLR2004
        carries=str(rng.choice(["none", "none", "backpack", "backpack", "shoulder", "hand"])),
        hem=float(rng.choice([0.05, 0.1, 0.15, 0.3])),
    )


def draw_person(outfit: Outfit, rng: np.random.Generator) -> Drawing:
    """`outfit` on someone in another step and from another side."""
    turn = rng.uniform(-math.pi, math.pi)
    figure = _Figure(outfit, turn, rng)
    figure.draw()
    return Drawing(np.clip(figure.canvas, 0, 255).astype(np.uint8), figure.mask)


def _colour(rng: np.random.Generator, *, sober: bool = False) -> Colour:
    """Of clothes: half of them black, white, grey or blue, as in the street."""
    kind = rng.random()
    if kind < (0.6 if sober else 0.4):
        grey = rng.choice([rng.uniform(12, 60), rng.uniform(60, 180), rng.uniform(180, 245)])
        return np.asarray(grey + rng.normal(0, 6, 3), dtype=np.float32)
    hue = rng.uniform(100, 130) if sober and kind < 0.85 else rng.uniform(0, 180)  # noqa: PLR2004
    pixel = np.array([[[hue, rng.uniform(60, 230), rng.uniform(40, 235)]]], dtype=np.uint8)
    return np.asarray(cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR)[0, 0], dtype=np.float32)


def _cloth(base: Colour, rng: np.random.Generator, *, plain: bool = False) -> NDArray[np.float32]:
    cloth = np.tile(base, (_CLOTH, _CLOTH, 1)).astype(np.float32)
    kind = (
        "plain" if plain else rng.choice(["plain", "plain", "stripes", "checks", "print", "yoke"])
    )
    other = _colour(rng)
    rows = np.arange(_CLOTH)
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
        rng.normal(0, 1, (9, 7)).astype(np.float32), (_CLOTH, _CLOTH), interpolation=cv2.INTER_CUBIC
    )
    cloth *= 1 + 0.13 * folds[:, :, None]
    return cloth + rng.normal(0, 4, cloth.shape).astype(np.float32)


def _opened(
    cloth: NDArray[np.float32], inner: Colour, rng: np.random.Generator
) -> NDArray[np.float32]:
    opened = cloth.copy()
    half = int(rng.integers(4, 12))
    opened[:, _CLOTH // 2 - half : _CLOTH // 2 + half] = inner
    return opened


class _Figure:
    """A canvas with someone on it; coordinates in heights of the body, down from the hips."""

    def __init__(self, outfit: Outfit, turn: float, rng: np.random.Generator) -> None:
        self.canvas = np.zeros((HEIGHT, WIDTH, 3), dtype=np.float32)
        self.mask = np.zeros((HEIGHT, WIDTH), dtype=np.float32)
        self._outfit = outfit
        self._turn = turn
        self._rng = rng
        self._step = rng.uniform(-1, 1) * 0.11
        self._swing = rng.uniform(-1, 1) * 0.12
        self._light = rng.uniform(-0.35, 0.35)
        self._scale = HEIGHT * rng.uniform(0.86, 0.92)
        self._middle = WIDTH / 2 + rng.normal(0, 3)

    def draw(self) -> None:
        """Legs, then what is behind, the trunk, and what is before it."""
        self._legs()
        sides = sorted((-1, 1), key=lambda side: self._depth(side * 0.12, 0.0))
        self._arm(sides[0])
        if self._outfit.carries == "backpack" and not self._from_behind:
            self._bag()
        self._trunk()
        if self._outfit.carries == "backpack" and self._from_behind:
            self._bag()
        self._arm(sides[1])
        if self._outfit.carries in {"shoulder", "hand"}:
            self._bag()
        self._head()

    @property
    def _from_behind(self) -> bool:
        return abs(self._turn) > math.pi / 2

    def _at(self, across: float, down: float, ahead: float) -> tuple[float, float]:
        """The place on the canvas of a point of the body, turned."""
        x = across * math.cos(self._turn) + ahead * math.sin(self._turn)
        top = (HEIGHT - self._scale) / 2
        return self._middle + x * self._scale, top + (0.48 + down) * self._scale

    def _depth(self, across: float, ahead: float) -> float:
        return -across * math.sin(self._turn) + ahead * math.cos(self._turn)

    def _width(self, across: float, deep: float) -> float:
        """How wide something looks that is so wide and so deep, from this side."""
        return math.hypot(across * math.cos(self._turn), deep * math.sin(self._turn))

    def _legs(self) -> None:
        outfit = self._outfit
        for side in sorted((-1, 1), key=lambda s: self._depth(0.05 * s, self._step * s)):
            ahead = self._step * side
            hip, knee = self._at(0.05 * side, 0, 0), self._at(0.05 * side, 0.24, ahead * 0.7)
            foot = self._at(0.05 * side, 0.48, ahead)
            wide = 0.075 * outfit.build
            self._limb(hip, knee, wide, wide * 0.75, outfit.lower)
            shin: Picture | NDArray[np.float32] = outfit.lower
            if outfit.legs < 1 or outfit.skirt:
                shin = self._plain(outfit.skin)
            self._limb(knee, foot, wide * 0.7, wide * 0.5, shin)
            toe = self._at(0.05 * side, 0.5, ahead + 0.05)
            self._limb(foot, toe, 0.05, 0.04, self._plain(outfit.shoes))
        if outfit.skirt:
            wide = self._width(0.2, 0.16) * outfit.build
            below = self._at(0, 0.2 + 0.15 * outfit.legs, 0)
            self._limb(self._at(0, -0.04, 0), below, wide, wide * outfit.skirt, outfit.lower)

    def _trunk(self) -> None:
        outfit = self._outfit
        cloth = outfit.back if self._from_behind else outfit.front
        shift = int(_CLOTH * (self._turn / math.pi) / 2)
        cloth = np.roll(cloth, shift if not self._from_behind else 0, axis=1)
        shoulder = self._width(0.23, 0.13) * outfit.build
        hip = self._width(0.18, 0.13) * outfit.build
        self._limb(
            self._at(0, -0.325, 0), self._at(0, 0.02 + 0.3 * outfit.hem, 0), shoulder, hip, cloth
        )

    def _arm(self, side: int) -> None:
        outfit = self._outfit
        across = 0.115 * outfit.build * side
        ahead = -self._swing * side
        shoulder = self._at(across, -0.3, 0)
        elbow = self._at(across * 1.25, -0.14, ahead * 0.4)
        hand = self._at(across * 1.2, 0.02, ahead + 0.04)
        wide = 0.055 * outfit.build
        sleeve = np.roll(outfit.back, _CLOTH // 3, axis=1)
        skin = self._plain(outfit.skin)
        upper, lower = (sleeve, skin) if outfit.sleeves < 1 else (sleeve, sleeve)
        self._limb(shoulder, elbow, wide * 1.15, wide, upper if outfit.sleeves > 0.2 else skin)  # noqa: PLR2004
        self._limb(elbow, hand, wide * 0.9, wide * 0.7, lower)

    def _head(self) -> None:
        outfit = self._outfit
        neck, chin = self._at(0, -0.33, 0), self._at(0, -0.37, 0)
        self._limb(neck, chin, 0.06, 0.06, self._plain(outfit.skin))
        centre = self._at(0, -0.42, 0.01)
        size = (0.042 * self._scale, 0.056 * self._scale)
        self._oval(centre, size, outfit.skin)
        behind = 1.0 if self._from_behind else 0.45
        hair = outfit.hair if not outfit.hat else outfit.bag
        lifted = (centre[0], centre[1] - 0.03 * self._scale * (1 - behind * 0.8))
        self._oval(lifted, (size[0] * 1.08, size[1] * (0.5 + 0.5 * behind)), hair)
        if outfit.long_hair:
            self._limb(
                self._at(0, -0.42, -0.03),
                self._at(0, -0.27, -0.05),
                0.1,
                0.08,
                self._plain(outfit.hair),
                over=self._from_behind,
            )

    def _bag(self) -> None:
        outfit, cloth = self._outfit, self._plain(self._outfit.bag)
        if outfit.carries == "backpack":
            if self._from_behind:
                wide = self._width(0.17, 0.1)
                self._limb(self._at(0, -0.3, -0.1), self._at(0, -0.06, -0.11), wide, wide, cloth)
            else:
                self._limb(
                    self._at(-0.09, -0.31, -0.09), self._at(-0.09, -0.1, -0.12), 0.09, 0.1, cloth
                )
            return
        side = 0.16 * outfit.build
        down = 0.0 if outfit.carries == "shoulder" else 0.1
        self._limb(self._at(side, down - 0.04, 0), self._at(side, down + 0.1, 0), 0.11, 0.12, cloth)
        if outfit.carries == "shoulder":
            self._limb(
                self._at(-0.08, -0.31, 0.05), self._at(side, -0.02, 0.05), 0.018, 0.018, cloth
            )

    def _plain(self, colour: Colour) -> NDArray[np.float32]:
        return np.tile(colour, (4, 4, 1)).astype(np.float32)

    def _oval(self, centre: tuple[float, float], size: tuple[float, float], colour: Colour) -> None:
        cover = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        cv2.ellipse(cover, (centre, (2 * size[0], 2 * size[1]), 0.0), 255, -1, cv2.LINE_AA)
        part = (cover.astype(np.float32) / 255)[:, :, None]
        shade = 1 + self._rng.normal(0, 0.05)
        self.canvas = self.canvas * (1 - part) + colour * shade * part
        self.mask = np.maximum(self.mask, part[:, :, 0])

    def _limb(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        wide: float,
        wide_at_end: float,
        cloth: NDArray[np.float32],
        *,
        over: bool = True,
    ) -> None:
        """A tapered piece of `cloth` from `start` to `end`, so wide (in heights) at both."""
        first, last = np.array(start), np.array(end)
        along = last - first
        length = max(float(np.hypot(*along)), 1.0)
        normal = np.array([along[1], -along[0]]) / length * self._scale / 2
        corners = np.array(
            [
                first + normal * wide,
                first - normal * wide,
                last - normal * wide_at_end,
                last + normal * wide_at_end,
            ],
            dtype=np.float32,
        )
        side = len(cloth)
        square = np.array([[0, 0], [side, 0], [side, side], [0, side]], dtype=np.float32)
        matrix = cv2.getPerspectiveTransform(square, corners)
        round_ = 1 - 0.35 * np.abs(np.linspace(-1, 1, side) + self._light) ** 2
        shaded = cloth * round_[None, :, None].astype(np.float32)
        piece = cv2.warpPerspective(
            shaded, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE
        )
        cover = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        outline = np.round(corners * 16).astype(np.int32)
        cv2.fillConvexPoly(cover, outline, 255, cv2.LINE_AA, 4)
        joints = [(first, wide), (last, wide_at_end)]
        for place, breadth in joints if wide < 0.1 else []:  # noqa: PLR2004 - only limbs end round
            radius = round(breadth * self._scale / 2 * 16)
            cv2.circle(cover, tuple(int(v * 16) for v in place), radius, 255, -1, cv2.LINE_AA, 4)
        part = cover.astype(np.float32) / 255
        if not over:
            part = part * (1 - self.mask)
        self.canvas = self.canvas * (1 - part[:, :, None]) + piece * part[:, :, None]
        self.mask = np.maximum(self.mask, part)
