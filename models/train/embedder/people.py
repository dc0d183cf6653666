"""The people a person embedder learns from: drawn, cut out, and real ones in other clothes.

Every sample is a clean crop; each identity's crops differ by step, side, camera and what is behind.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preparation import Size
from models.train.embedder.backgrounds import draw_background
from models.train.embedder.canvas import Drawing
from models.train.embedder.clothes import draw_outfit
from models.train.embedder.drawn import draw_person
from models.train.embedder.pool import Sample
from models.train.embedder.recolour import Dye, blended, draw_dye, dyed, middle
from shared.pictures import Picture

CROP = Size(80, 160)
"""Of every sample: as wide and high as a person at the distance at which crops are kept."""

_HIPS = 0.5
"""Where the upper body ends, as a part of a crop's height."""

_BROAD = 0.8
"""Of a crop's width is what is dyed."""

_SEAM = 0.06
"""How much of the height a change of clothes takes."""


@dataclass(frozen=True)
class Real:
    """Real people to make others of.

    Attributes:
        walkers, riders: of each person, whole crops at `CROP`.
        cutouts: of each person, cut out.
        frames: to put them before.
    """

    walkers: Sequence[Sequence[Picture]]
    riders: Sequence[Sequence[Picture]]
    cutouts: Sequence[Sequence[Drawing]]
    frames: Sequence[Picture]

    @property
    def crops(self) -> list[Sequence[Picture]]:
        """Of everyone who is not cut out."""
        return [*self.walkers, *self.riders]

    def anyone(self, rng: np.random.Generator) -> Sequence[Picture]:
        """The crops of one of them; walkers as often as riders."""
        kinds = [kind for kind in (self.walkers, self.riders) if kind]
        kind = kinds[int(rng.integers(len(kinds)))]
        return kind[int(rng.integers(len(kind)))]


@dataclass(frozen=True)
class Counts:
    """How many identities of each making, and how many crops of each.

    Attributes:
        drawn: who do not exist.
        dyed: real crops with their upper and lower halves dyed.
        mixed: the upper half of one crop above the lower half of another, dyed.
        cut: people cut out, dyed, before other backgrounds.
        crops: of each of these.
        own: crops of each real person as they are.
    """

    drawn: int
    dyed: int
    mixed: int
    cut: int
    crops: int = 4
    own: int = 8


def person_samples(real: Real, counts: Counts, seed: int) -> Iterator[Sample]:
    """All of them, one identity after another; the same for the same seed."""
    makers: tuple[tuple[str, int, Callable[[Real, int, np.random.Generator], list[Picture]]], ...]
    makers = (
        ("drawn", counts.drawn, _drawn),
        ("dyed", counts.dyed if real.crops else 0, _dyed),
        ("mixed", counts.mixed if real.crops else 0, _mixed),
        ("cut", counts.cut if real.cutouts else 0, _cut),
    )
    for person, crops in enumerate(real.crops):
        places = np.unique(np.linspace(0, len(crops) - 1, counts.own).astype(int))
        yield from (Sample(crops[place], f"own {person}") for place in places)
    for number, (name, count, make) in enumerate(makers):
        for one in range(count):
            rng = np.random.default_rng([seed, number, one])
            yield from (Sample(crop, f"{name} {one}") for crop in make(real, counts.crops, rng))


def _drawn(real: Real, count: int, rng: np.random.Generator) -> list[Picture]:
    outfit = draw_outfit(rng)
    return [placed(draw_person(outfit, rng), real.frames, rng) for _ in range(count)]


def _dyed(real: Real, count: int, rng: np.random.Generator) -> list[Picture]:
    crops = real.anyone(rng)
    dyes = draw_dye(rng), draw_dye(rng)
    return [redressed(_any(crops, rng), dyes, rng) for _ in range(count)]


def _mixed(real: Real, count: int, rng: np.random.Generator) -> list[Picture]:
    above, below = real.anyone(rng), real.anyone(rng)
    dyes = draw_dye(rng), draw_dye(rng)
    return [redressed(joined(_any(above, rng), _any(below, rng)), dyes, rng) for _ in range(count)]


def _cut(real: Real, count: int, rng: np.random.Generator) -> list[Picture]:
    cutouts = real.cutouts[int(rng.integers(len(real.cutouts)))]
    dyes = draw_dye(rng), draw_dye(rng)
    made = []
    for _ in range(count):
        cut = cutouts[int(rng.integers(len(cutouts)))]
        worn = _two_dyes(cut.picture, dyes, np.ones(cut.mask.shape, dtype=np.float32))
        made.append(placed(Drawing(worn, cut.mask), real.frames, rng))
    return made


def _any(crops: Sequence[Picture], rng: np.random.Generator) -> Picture:
    crop = crops[int(rng.integers(len(crops)))]
    return crop[:, ::-1] if rng.random() < 0.5 else crop  # noqa: PLR2004 - as often as not


def redressed(crop: Picture, dyes: tuple[Dye, Dye], rng: np.random.Generator) -> Picture:
    """`crop` with what is worn above and below dyed; what is behind stays, in another light."""
    lit = np.clip(crop * rng.uniform(0.75, 1.25), 0, 255).astype(np.uint8)
    return _two_dyes(lit, dyes, middle(crop, _BROAD))


def _two_dyes(crop: Picture, dyes: tuple[Dye, Dye], mask: NDArray[np.float32]) -> Picture:
    upper = _upper(len(crop))[:, None]
    face = np.clip((np.linspace(0, 1, len(crop)) - 0.13) / 0.04, 0, 1)[:, None]
    above = blended(crop, dyed(crop, dyes[0]), (mask * upper * face).astype(np.float32))
    return blended(above, dyed(crop, dyes[1]), (mask * (1 - upper)).astype(np.float32))


def joined(above: Picture, below: Picture) -> Picture:
    """The upper half of one crop and the lower half of another of the same size."""
    mask = np.repeat(_upper(len(above))[:, None], above.shape[1], axis=1)
    return blended(below, above, mask)


def _upper(height: int) -> NDArray[np.float32]:
    """1 above the hips, 0 below, and in between a seam."""
    down = np.linspace(0, 1, height)
    return np.asarray(np.clip((_HIPS - down) / _SEAM + 0.5, 0, 1), dtype=np.float32)


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
