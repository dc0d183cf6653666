"""People who do not exist: clothes drawn on a body that walks, seen from any side.

A few hundred real people are too few to learn from what tells one from another. These are crude,
but there is no end of them, and each is seen several times: another step, another side, the same
clothes. Limbs are tapered pieces of cloth between the joints of a body turned about its own axis.
"""

import math

import numpy as np

from models.preparation import Size
from models.train.embedder.canvas import Canvas, Drawing, Piece, Place
from models.train.embedder.clothes import CLOTH, Cloth, Colour, Outfit

SIZE = Size(96, 160)
"""Of a drawing. The body is about 0.9 of the height."""

_SHORT = 0.2
"""Sleeves that cover less of the arm are none."""


def draw_person(outfit: Outfit, rng: np.random.Generator) -> Drawing:
    """`outfit` on someone in another step and from another side."""
    return _Figure(outfit, rng).draw()


class _Figure:
    """Someone on a canvas; coordinates in heights of the body, down from the hips."""

    def __init__(self, outfit: Outfit, rng: np.random.Generator) -> None:
        self._outfit = outfit
        self._turn = rng.uniform(-math.pi, math.pi)
        self._step = rng.uniform(-1, 1) * 0.11
        self._swing = rng.uniform(-1, 1) * 0.12
        self._canvas = Canvas(SIZE, rng.uniform(-0.35, 0.35))
        self._scale = SIZE.height * rng.uniform(0.86, 0.92)
        self._middle = SIZE.width / 2 + rng.normal(0, 3)

    def draw(self) -> Drawing:
        """Legs, then what is behind the trunk, the trunk, and what is before it."""
        carries = self._outfit.carries
        self._legs()
        arms = sorted((-1, 1), key=lambda side: self._depth(side * 0.12, 0.0))
        self._arm(arms[0])
        if carries == "backpack" and not self._from_behind:
            self._backpack_from_before()
        self._trunk()
        if carries == "backpack" and self._from_behind:
            self._backpack()
        self._arm(arms[1])
        if carries in {"shoulder", "hand"}:
            self._bag()
        self._head()
        return self._canvas.drawing()

    @property
    def _from_behind(self) -> bool:
        return abs(self._turn) > math.pi / 2

    def _at(self, across: float, down: float, ahead: float = 0.0) -> Place:
        """The place on the canvas of a point of the body, turned."""
        x = across * math.cos(self._turn) + ahead * math.sin(self._turn)
        top = (SIZE.height - self._scale) / 2
        return self._middle + x * self._scale, top + (0.48 + down) * self._scale

    def _depth(self, across: float, ahead: float) -> float:
        return -across * math.sin(self._turn) + ahead * math.cos(self._turn)

    def _width(self, across: float, deep: float) -> float:
        """How wide something looks that is so wide and so deep, from this side."""
        return math.hypot(across * math.cos(self._turn), deep * math.sin(self._turn))

    def _limb(self, start: Place, end: Place, wide: tuple[float, float], cloth: Cloth) -> None:
        first, last = wide[0] * self._scale, wide[1] * self._scale
        self._canvas.piece(Piece(start, end, first, last, cloth))

    def _garment(self, start: Place, end: Place, wide: tuple[float, float], cloth: Cloth) -> None:
        first, last = wide[0] * self._scale, wide[1] * self._scale
        self._canvas.piece(Piece(start, end, first, last, cloth, limb=False))

    def _legs(self) -> None:
        outfit, wide = self._outfit, 0.075 * self._outfit.build
        bare = outfit.legs < 1 or outfit.skirt > 0
        shin = _plain(outfit.skin) if bare else outfit.lower
        for side in sorted((-1, 1), key=lambda s: self._depth(0.05 * s, self._step * s)):
            across, ahead = 0.05 * side, self._step * side
            knee, foot = self._at(across, 0.24, ahead * 0.7), self._at(across, 0.48, ahead)
            self._limb(self._at(across, 0), knee, (wide, wide * 0.75), outfit.lower)
            self._limb(knee, foot, (wide * 0.7, wide * 0.5), shin)
            toe = self._at(across, 0.5, ahead + 0.05)
            self._limb(foot, toe, (0.05, 0.04), _plain(outfit.shoes))
        if outfit.skirt:
            hips = self._width(0.2, 0.16) * outfit.build
            below = self._at(0, 0.2 + 0.15 * outfit.legs)
            self._garment(self._at(0, -0.04), below, (hips, hips * outfit.skirt), outfit.lower)

    def _trunk(self) -> None:
        outfit = self._outfit
        if self._from_behind:
            cloth = outfit.back
        else:
            cloth = np.roll(outfit.front, int(CLOTH * self._turn / math.pi / 2), axis=1)
        shoulders = self._width(0.23, 0.13) * outfit.build
        hips = self._width(0.18, 0.13) * outfit.build
        hem = self._at(0, 0.02 + 0.3 * outfit.hem)
        self._garment(self._at(0, -0.325), hem, (shoulders, hips), cloth)

    def _arm(self, side: int) -> None:
        outfit, wide = self._outfit, 0.055 * self._outfit.build
        across, ahead = 0.115 * outfit.build * side, -self._swing * side
        elbow = self._at(across * 1.25, -0.14, ahead * 0.4)
        hand = self._at(across * 1.2, 0.02, ahead + 0.04)
        sleeve, skin = np.roll(outfit.back, CLOTH // 3, axis=1), _plain(outfit.skin)
        upper = sleeve if outfit.sleeves > _SHORT else skin
        self._limb(self._at(across, -0.3), elbow, (wide * 1.15, wide), upper)
        lower = sleeve if outfit.sleeves >= 1 else skin
        self._limb(elbow, hand, (wide * 0.9, wide * 0.7), lower)

    def _head(self) -> None:
        outfit, skin = self._outfit, self._outfit.skin
        self._limb(self._at(0, -0.33), self._at(0, -0.37), (0.06, 0.06), _plain(skin))
        x, y = self._at(0, -0.42, 0.01)
        wide, tall = 0.042 * self._scale, 0.056 * self._scale
        self._canvas.oval((x, y), (wide, tall), skin)
        covered = 1.0 if self._from_behind else 0.45
        lifted = (x, y - 0.03 * self._scale * (1 - covered * 0.8))
        hair = outfit.bag if outfit.hat else outfit.hair
        self._canvas.oval(lifted, (wide * 1.08, tall * (0.5 + 0.5 * covered)), hair)
        if outfit.long_hair:
            start, end = self._at(0, -0.42, -0.03), self._at(0, -0.27, -0.05)
            first, last = 0.1 * self._scale, 0.08 * self._scale
            piece = Piece(start, end, first, last, _plain(outfit.hair), limb=False)
            self._canvas.piece(piece, behind=not self._from_behind)

    def _backpack(self) -> None:
        wide = self._width(0.17, 0.1)
        start, end = self._at(0, -0.3, -0.1), self._at(0, -0.06, -0.11)
        self._garment(start, end, (wide, wide), _plain(self._outfit.bag))

    def _backpack_from_before(self) -> None:
        start, end = self._at(-0.09, -0.31, -0.09), self._at(-0.09, -0.1, -0.12)
        self._limb(start, end, (0.09, 0.1), _plain(self._outfit.bag))

    def _bag(self) -> None:
        outfit, cloth = self._outfit, _plain(self._outfit.bag)
        side = 0.16 * outfit.build
        down = 0.0 if outfit.carries == "shoulder" else 0.1
        start, end = self._at(side, down - 0.04), self._at(side, down + 0.1)
        self._garment(start, end, (0.11, 0.12), cloth)
        if outfit.carries == "shoulder":
            strap = self._at(-0.08, -0.31, 0.05), self._at(side, -0.02, 0.05)
            self._limb(*strap, (0.018, 0.018), cloth)


def _plain(colour: Colour) -> Cloth:
    return np.tile(colour, (4, 4, 1)).astype(np.float32)
