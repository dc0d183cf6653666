"""The people a person embedder learns from: real ones in other clothes, cut out, and drawn.

Each identity's crops differ by step, side, camera, what is behind and what is before.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from models.preparation import Size
from models.train.embedder.backgrounds import draw_background
from models.train.embedder.canvas import Drawing
from models.train.embedder.clothes import draw_outfit
from models.train.embedder.crowd import taken
from models.train.embedder.drawn import draw_person
from models.train.embedder.looks import draw_look, joined, wearing
from models.train.embedder.pool import Sample
from models.train.embedder.recolour import blended, middle
from shared.pictures import Picture

CROP = Size(80, 160)
"""Of what crops are made from: as wide and high as a person near enough to be kept."""

SEEN = Size(64, 128)
"""Of the crops, as cameras give them."""

CROPS = 4
"""Of each identity."""

_BROAD = 0.8
"""Of a crop's width is what is dyed."""


@dataclass(frozen=True)
class Real:
    """Real people to make others of.

    Attributes:
        walkers, riders: of each person, whole crops at `CROP`.
        cutouts: of each person, cut out.
        frames: to put them before.
        things: what is no person, at `CROP`.
    """

    walkers: Sequence[Sequence[Picture]]
    riders: Sequence[Sequence[Picture]]
    cutouts: Sequence[Sequence[Drawing]]
    frames: Sequence[Picture]
    things: Sequence[Picture] = ()

    def anyone(self, rng: np.random.Generator) -> Sequence[Picture]:
        """The crops of one of them; walkers three times as often as riders."""
        kinds = [kind for kind in (self.walkers, self.walkers, self.walkers, self.riders) if kind]
        kind = kinds[int(rng.integers(len(kinds)))]
        return kind[int(rng.integers(len(kind)))]

    def others(self, rng: np.random.Generator) -> Sequence[Picture]:
        """Who stands beside them; nobody where there is nobody."""
        return self.anyone(rng) if self.walkers or self.riders else ()


Maker = Callable[[Real, np.random.Generator], list[Picture]]


def person_samples(real: Real, identities: int, seed: Sequence[int]) -> Iterator[Sample]:
    """So many identities, one after another; the same for the same seed."""
    makers = _makers(real)
    shares = np.array([share for _, share in makers.values()])
    names = list(makers)
    for one in range(identities):
        rng = np.random.default_rng([*seed, one])
        name = names[int(rng.choice(len(names), p=shares / shares.sum()))]
        others = real.others(rng)
        for crop in makers[name][0](real, rng):
            yield Sample(taken(crop, others, real.frames, SEEN, rng), f"{name} {one}")


def _makers(real: Real) -> dict[str, tuple[Maker, float]]:
    """What can be made of what there is, and how large a share of all it is."""
    people = bool(real.walkers or real.riders)
    makers: dict[str, tuple[Maker, float, bool]] = {
        "own": (_own, 0.12, people),
        "worn": (_worn, 0.28, people),
        "mixed": (_mixed, 0.2, people),
        "cut": (_cut, 0.27, bool(real.cutouts)),
        "drawn": (_drawn, 0.08, True),
        "thing": (_thing, 0.05, bool(real.things)),
    }
    return {name: (make, share) for name, (make, share, there) in makers.items() if there}


def _own(real: Real, rng: np.random.Generator) -> list[Picture]:
    crops = real.anyone(rng)
    return [_any(crops, rng) for _ in range(CROPS)]


def _worn(real: Real, rng: np.random.Generator) -> list[Picture]:
    crops, look = real.anyone(rng), draw_look(rng)
    mask = middle(crops[0], _BROAD)
    return [wearing(_any(crops, rng), look, mask, rng) for _ in range(CROPS)]


def _mixed(real: Real, rng: np.random.Generator) -> list[Picture]:
    above, below, look = real.anyone(rng), real.anyone(rng), draw_look(rng)
    mask = middle(above[0], _BROAD)
    pairs = [(_any(above, rng), _any(below, rng)) for _ in range(CROPS)]
    return [wearing(joined(*pair), look, mask, rng) for pair in pairs]


def _cut(real: Real, rng: np.random.Generator) -> list[Picture]:
    cutouts, look = real.cutouts[int(rng.integers(len(real.cutouts)))], draw_look(rng)
    made = []
    for _ in range(CROPS):
        cut = cutouts[int(rng.integers(len(cutouts)))]
        worn = wearing(cut.picture, look, np.ones(cut.mask.shape, dtype=np.float32), rng)
        made.append(placed(Drawing(worn, cut.mask), real.frames, rng))
    return made


def _drawn(real: Real, rng: np.random.Generator) -> list[Picture]:
    outfit = draw_outfit(rng)
    return [placed(draw_person(outfit, rng), real.frames, rng) for _ in range(CROPS)]


def _thing(real: Real, rng: np.random.Generator) -> list[Picture]:
    if rng.random() < 0.3:  # noqa: PLR2004 - nothing at all now and then
        return [draw_background(real.frames, CROP, rng)]
    return [_any(real.things, rng)]


def _any(crops: Sequence[Picture], rng: np.random.Generator) -> Picture:
    crop = crops[int(rng.integers(len(crops)))]
    return crop[:, ::-1] if rng.random() < 0.5 else crop  # noqa: PLR2004 - as often as not


def placed(person: Drawing, frames: Sequence[Picture], rng: np.random.Generator) -> Picture:
    """`person` before a part of one of `frames`, in a loose box, with its light and sharpness."""
    rows, columns = np.nonzero(person.mask > 0.5)  # noqa: PLR2004 - more there than not
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    tall, wide = bottom - top, right - left
    scale = CROP.height * rng.uniform(0.82, 0.97) / tall
    # Boxes are about the person's own width; thin ones are widened to the crop's shape in part.
    scale_x = min(scale * rng.uniform(0.95, 1.35), CROP.width * 0.97 / wide)
    x = (CROP.width - wide * scale_x) / 2 + rng.normal(0, 3)
    y = (CROP.height - tall * scale) / 2 + rng.normal(0, 3)
    matrix = np.array([[scale_x, 0, x - left * scale_x], [0, scale, y - top * scale]])
    seen = cv2.warpAffine(person.picture, matrix, CROP, flags=cv2.INTER_AREA)
    mask = cv2.warpAffine(person.mask, matrix, CROP, flags=cv2.INTER_AREA)
    mask = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.4, 1.0))
    lit = np.clip(seen * rng.uniform(0.7, 1.3) + rng.normal(0, 12), 0, 255).astype(np.uint8)
    whole = blended(draw_background(frames, CROP, rng), lit, np.asarray(mask, dtype=np.float32))
    return np.asarray(cv2.GaussianBlur(whole, (0, 0), rng.uniform(0.3, 0.9)), dtype=np.uint8)
