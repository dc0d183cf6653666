"""The reader: finds the plate of a vehicle, and says what it says."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from models.catalogue import ImageInput
from models.catalogue_outputs import PlateReadingOutput
from models.plates.reading import PlateReading, vote
from models.plates.slots import best
from models.preparation import Size, check_picture, prepare
from models.runtimes.port import Network, Output
from shared.geometry import Rect
from shared.pictures import Picture

ROOMS = (0.03, 0.16)
"""How much wider than what was found a cut is, on each side, as parts of its width. Both are read
and the surer one counts: finders place plates roughly, and a character cut off is lost."""

_SAME_PLATE = 0.3
"""Intersection over union from which two cuts are of one plate."""

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
        found = self._finder.find(vehicle_crop)
        rects = [_roomy(rect, room, size) for rect in found for room in ROOMS]
        rects = [rect for rect in rects if _is_large(rect)]
        cuts = [
            vehicle_crop[int(rect.top) : int(rect.bottom), int(rect.left) : int(rect.right)]
            for rect in rects
        ]
        readings = self.read_cuts(cuts)
        placed = [one._replace(rect=rect) for one, rect in zip(readings, rects, strict=True)]
        reading = _agreed(placed)
        if reading is None or reading.confidence < self._reading.output.confidence:
            return None
        return reading

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


def _agreed(placed: Sequence[PlateReading]) -> PlateReading | None:
    """What the cuts around the surest reading say together: of a plate cut off, others know."""
    surest = max(placed, key=lambda one: one.confidence, default=None)
    if surest is None:
        return None
    return vote(one for one in placed if one.rect.iou(surest.rect) >= _SAME_PLATE)


def _roomy(rect: Rect, room: float, size: Size) -> Rect:
    """`rect` with `room` around it, in whole pixels inside a picture of `size`."""
    more = room * rect.width
    wide = Rect(rect.left - more, rect.top - more, rect.right + more, rect.bottom + more)
    inside = wide.clipped(*size)
    return Rect(*np.floor(inside[:2]).tolist(), *np.ceil(inside[2:]).tolist())


def _is_large(rect: Rect) -> bool:
    return rect.width >= _SMALLEST.width and rect.height >= _SMALLEST.height
