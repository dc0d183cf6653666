"""Readers that are exact where a network is not, or fail where it must not matter."""

from collections.abc import Sequence

from models.attributes.reading import Reading
from models.errors import ModelError
from models.plates.reading import PlateReading
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture

PLATE = PlateReading("12가3456", 0.9, Rect(0, 0, 60, 12))


class Colours:
    """Reads a crop of one grey level: light is white, dark is black."""

    object_class = ObjectClass.PERSON

    def __init__(self) -> None:
        self.crops: list[Picture] = []

    def read(self, crops: Sequence[Picture]) -> list[Reading]:
        self.crops += crops
        light = [float(crop.mean()) / 255 for crop in crops]
        return [{"upper_colour": {"white": share, "black": 1 - share}} for share in light]

    def describe(self) -> str:
        return "colours@1 none/CPU/exact"


class Plates:
    """Reads one number after the other; nothing where none is left."""

    def __init__(self, *readings: PlateReading | None) -> None:
        self.left = list(readings)
        self.widths: list[int] = []

    def read(self, vehicle_crop: Picture) -> PlateReading | None:
        self.widths.append(vehicle_crop.shape[1])
        return self.left.pop(0) if self.left else None

    def describe(self) -> str:
        return "plates@1 none/CPU/exact"


class Broken:
    """Fails at everything, as a network with damaged weights."""

    object_class = ObjectClass.PERSON

    def read(self, crops: Sequence[Picture]) -> list[Reading]:
        raise ModelError(f"{len(crops)} vectors are not finite")

    def describe(self) -> str:
        return "broken@1 none/CPU/exact"
