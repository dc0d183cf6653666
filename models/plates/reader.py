"""The reader: finds the plate of a vehicle, and says what it says."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from models.catalogue import ImageInput
from models.catalogue_outputs import PlateReadingOutput
from models.plates.reading import PlateReading
from models.plates.slots import best
from models.preparation import Size, check_picture, prepare
from models.runtimes.port import Network, Output
from shared.geometry import Rect
from shared.pictures import Picture

ROOM = 0.06
"""How much wider than a plate its cut is, on each side, as a part of the plate's width: the reader
was trained on cuts that are up to 0.16 too wide and cuts a plate's edge badly if it is cut off."""

_SMALLEST = Size(12, 5)
"""Pixels; nobody can read a smaller plate."""


class PlateFinder(Protocol):
    """Finds what may be plates. Any thread may call it."""

    def find(self, picture: Picture) -> list[Rect]:
        """Where there may be a plate in `picture`, the likeliest first, in its pixels."""

    def describe(self) -> str:
        """What finds them, at most 64 characters."""


class Reading(NamedTuple):
    """The network and how its output is read."""

    image: ImageInput
    output: PlateReadingOutput
    network: Network


class NetworkPlateReader:
    """Reads with one model of the catalogue where `finder` finds plates; any thread may call it."""

    def __init__(self, reading: Reading, finder: PlateFinder, label: str) -> None:
        self._reading = reading
        self._finder = finder
        self._label = label

    def describe(self) -> str:
        """`name@version runtime/device/precision` of the reader."""
        return self._label

    def read(self, vehicle_crop: Picture) -> PlateReading | None:
        """The surest plate in `vehicle_crop` (H x W x 3, BGR, uint8); None where none is sure.

        Raises:
            PictureError: it has no pixels or another layout.
            ModelError: a network gave what no network may give.
        """
        size = check_picture(vehicle_crop)
        rects = [_roomy(rect, size) for rect in self._finder.find(vehicle_crop)]
        rects = [rect for rect in rects if _is_large(rect)]
        cuts = [
            vehicle_crop[int(rect.top) : int(rect.bottom), int(rect.left) : int(rect.right)]
            for rect in rects
        ]
        found = self.read_cuts(cuts)
        placed = [reading._replace(rect=rect) for reading, rect in zip(found, rects, strict=True)]
        surest = max(placed, key=lambda reading: reading.confidence, default=None)
        if surest is None or surest.confidence < self._reading.output.confidence:
            return None
        return surest

    def read_cuts(self, cuts: Sequence[Picture]) -> list[PlateReading]:
        """What each of `cuts` says if it is a plate and little else, however unsure that is.

        Errors as `read`.
        """
        if not cuts:
            return []
        outputs = self._infer(cuts)
        return [self._row(outputs, row, cut) for row, cut in enumerate(cuts)]

    def _infer(self, cuts: Sequence[Picture]) -> Mapping[str, Output]:
        image = self._reading.image
        size = Size(image.width, image.height)
        batch = np.stack([prepare(cut, image, size).tensor for cut in cuts])
        return self._reading.network.infer({image.name: batch})

    def _row(self, outputs: Mapping[str, Output], row: int, cut: Picture) -> PlateReading:
        guess = best(outputs, row, self._reading.output.temperature)
        whole = Rect(0, 0, cut.shape[1], cut.shape[0])
        return PlateReading(guess.number.text, guess.confidence, whole)


def _roomy(rect: Rect, size: Size) -> Rect:
    """`rect` with some room around it, in whole pixels inside a picture of `size`."""
    room = ROOM * rect.width
    wide = Rect(rect.left - room, rect.top - room, rect.right + room, rect.bottom + room)
    inside = wide.clipped(*size)
    return Rect(*np.floor(inside[:2]).tolist(), *np.ceil(inside[2:]).tolist())


def _is_large(rect: Rect) -> bool:
    return rect.width >= _SMALLEST.width and rect.height >= _SMALLEST.height
