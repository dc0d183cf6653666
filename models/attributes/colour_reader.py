"""The colours of someone's clothes, read without a network."""

from collections.abc import Mapping, Sequence

from models.attributes.colour_names import name_colour
from models.attributes.reading import Reading
from models.attributes.regions import LEGS, TORSO, Region, pixels_of
from shared.classes import ObjectClass
from shared.pictures import Picture

CLOTHING_COLOURS = "clothing-colours"
"""The name it is asked for by."""

_CLOTHES: Mapping[str, Region] = {"upper_colour": TORSO, "lower_colour": LEGS}
_VERSION = "1"


class ColourReader:
    """Names the colours of fixed regions of a person's crop; every thread may call it."""

    object_class = ObjectClass.PERSON

    def describe(self) -> str:
        """`name@version`."""
        return f"{CLOTHING_COLOURS}@{_VERSION}"

    def read(self, crops: Sequence[Picture]) -> list[Reading]:
        """The colour above and below of each crop (H x W x 3, BGR, uint8).

        Raises:
            PictureError: a crop has no pixels or another layout.
        """
        return [
            {name: name_colour(pixels_of(crop, region)) for name, region in _CLOTHES.items()}
            for crop in crops
        ]
