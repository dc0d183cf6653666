"""Other clothes for people in real crops: dyed or of other cloth, with other hats and bags."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.train.embedder.clothes import Cloth, Colour, draw_cloth, draw_colour
from models.train.embedder.recolour import Dye, blended, draw_dye, dyed
from shared.pictures import Picture

Wear = Dye | Cloth
"""What is done with a garment: it gets other colours, or is of other cloth."""

Mask = NDArray[np.float32]

_HIPS = 0.5
"""Where the upper body ends, as a part of a crop's height."""

_SEAM = 0.06
"""How much of the height a change of clothes takes."""

_CHIN, _NECK = 0.13, 0.04
_SHOWN = 0.8
"""How often a bag is on the side that is seen."""


@dataclass(frozen=True)
class Bag:
    """Of one colour; where its middle and how large its half axes are, in a crop's sides."""

    colour: Colour
    place: tuple[float, float]
    half_axes: tuple[float, float]


@dataclass(frozen=True)
class Look:
    """What someone wears and carries, from one camera to the next; None where it is not changed."""

    upper: Wear | None
    lower: Wear | None
    head: Colour | None
    bag: Bag | None


def draw_look(rng: np.random.Generator) -> Look:
    """Any look."""
    head = draw_colour(rng, sober=rng.random() < 0.5) if rng.random() < 0.3 else None  # noqa: PLR2004
    return Look(
        upper=_draw_wear(rng, sober=False),
        lower=_draw_wear(rng, sober=True),
        head=head,
        bag=_draw_bag(rng) if rng.random() < 0.3 else None,  # noqa: PLR2004
    )


def _draw_wear(rng: np.random.Generator, *, sober: bool) -> Wear | None:
    kind = rng.random()
    if kind < 0.12:  # noqa: PLR2004 - some keep theirs
        return None
    if kind < 0.35:  # noqa: PLR2004 - dyed; more often other cloth
        return draw_dye(rng)
    plain = rng.random() < (0.8 if sober else 0.45)
    return draw_cloth(draw_colour(rng, sober=sober), rng, plain=plain)


def _draw_bag(rng: np.random.Generator) -> Bag:
    across = float(rng.choice([rng.uniform(0.2, 0.35), rng.uniform(0.65, 0.8), 0.5]))
    half_axes = float(rng.uniform(0.1, 0.24)), float(rng.uniform(0.05, 0.13))
    return Bag(draw_colour(rng), (across, float(rng.uniform(0.25, 0.6))), half_axes)


def wearing(crop: Picture, look: Look, mask: Mask, rng: np.random.Generator) -> Picture:
    """The person in `crop` in that look; `mask` (H x W, 0 to 1) is where the person is."""
    upper = upper_of(len(crop))[:, None]
    face = np.clip((np.linspace(0, 1, len(crop)) - _CHIN) / _NECK, 0, 1)[:, None]
    seen = crop
    for wear, part in ((look.upper, upper * face), (look.lower, 1 - upper)):
        if wear is not None:
            seen = blended(seen, _changed(crop, wear), (mask * part).astype(np.float32))
    if look.head is not None:
        cover = _oval(crop, (0.5, 0.07), (0.2, 0.07)) * mask
        seen = blended(seen, _sewn(crop, look.head[None, None]), cover)
    if look.bag is not None and rng.random() < _SHOWN:
        cover = _oval(crop, look.bag.place, look.bag.half_axes)
        seen = blended(seen, _sewn(crop, look.bag.colour[None, None]), cover)
    return seen


def _changed(crop: Picture, wear: Wear) -> Picture:
    return dyed(crop, wear) if isinstance(wear, Dye) else _sewn(crop, wear)


def _sewn(crop: Picture, cloth: Cloth) -> Picture:
    """All of `crop` as if of `cloth`, once above and once below, in the crop's light and shade."""
    height, width = crop.shape[:2]
    half = cv2.resize(cloth, (width, -(-height // 2)), interpolation=cv2.INTER_AREA)
    light = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32)
    body = light[height // 5 : 4 * height // 5 + 1, width // 4 : 3 * width // 4 + 1]
    shade = np.clip((light + 15) / (float(body.mean()) + 15), 0.45, 1.6)
    sewn = np.concatenate([half, half])[:height] * shade[:, :, None]
    return np.asarray(np.clip(sewn, 0, 255), dtype=np.uint8)


def _oval(crop: Picture, place: tuple[float, float], half_axes: tuple[float, float]) -> Mask:
    height, width = crop.shape[:2]
    down = (np.arange(height)[:, None] / height - place[1]) / half_axes[1]
    across = (np.arange(width)[None] / width - place[0]) / half_axes[0]
    return np.asarray(np.clip((1.2 - np.hypot(down, across)) / 0.3, 0, 1), dtype=np.float32)


def joined(above: Picture, below: Picture) -> Picture:
    """The upper half of one crop and the lower half of another of the same size."""
    mask = np.repeat(upper_of(len(above))[:, None], above.shape[1], axis=1)
    return blended(below, above, mask)


def upper_of(height: int) -> Mask:
    """1 above the hips, 0 below, and in between a seam, for each row."""
    down = np.linspace(0, 1, height)
    return np.asarray(np.clip((_HIPS - down) / _SEAM + 0.5, 0, 1), dtype=np.float32)
