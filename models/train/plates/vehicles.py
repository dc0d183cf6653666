"""Pictures of vehicles with a drawn plate somewhere on them, and where it is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from models.train.plates.drawing import Random, draw
from models.train.plates.effects import apply
from models.train.plates.glyphs import Face
from models.train.plates.scenes import View, framed, pasted, placed_in_cut
from models.train.plates.surroundings import Surroundings
from shared.geometry import Rect
from shared.pictures import Picture

_WIDTHS = (110.0, 460.0)
_SHAPES = (0.65, 1.25)
_PLATES = (0.13, 0.48)
"""Width of a plate as part of the vehicle's: a bus from the front, a small car close by."""

_BARE = 0.15
_VEHICLE = (0.7, 1.0)


class VehicleScene(NamedTuple):
    """A vehicle, and where its plate is, in pixels; None where it has none."""

    picture: Picture
    plate: Rect | None


class VehicleStudio:
    """Makes vehicles in `surroundings` with plates in `faces`, seen as `view` says."""

    def __init__(self, faces: Sequence[Face], surroundings: Surroundings, view: View) -> None:
        self._faces = faces
        self._surroundings = surroundings
        self._view = replace(view, loose=0.0)

    def scene(self, random: Random) -> VehicleScene:
        """A new one."""
        width = int(_WIDTHS[0] * (_WIDTHS[1] / _WIDTHS[0]) ** random.random())
        height = int(width * random.uniform(*_SHAPES))
        picture = self._surroundings.patch(random, width, height, _VEHICLE)
        plate = None
        if random.random() >= _BARE:
            picture, plate = self._with_plate(random, picture)
        for effects in (self._view.weather, self._view.optics, self._view.sensor):
            picture = apply(random, picture, effects)
        return VehicleScene(picture, plate)

    def _with_plate(self, random: Random, picture: Picture) -> tuple[Picture, Rect]:
        height, width = picture.shape[:2]
        drawn = draw(random, self._faces).picture
        plate = framed(random, apply(random, drawn, self._view.on_plate))
        plate = _lit(random, plate)
        wanted = width * _PLATES[0] * (_PLATES[1] / _PLATES[0]) ** random.random()
        if plate.shape[1] > 2 * wanted:
            plate = np.asarray(
                cv2.resize(plate, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            )
        placed, size = placed_in_cut(random, plate, wanted, self._view)
        left = random.uniform(0, max(1, width - size[0]))
        top = random.uniform(0.25, 1.0) * max(1, height - size[1])
        moved = np.array([[1, 0, left], [0, 1, top], [0, 0, 1]]) @ placed
        rect = Rect(left, top, left + size[0], top + size[1]).clipped(width, height)
        return pasted(plate, moved, picture), rect


def _lit(random: Random, plate: Picture) -> Picture:
    """As dark as its vehicle may be."""
    share = np.full((1, 1, 3), random.uniform(0.4, 1.0))
    return np.asarray(plate * share, dtype=np.uint8)
