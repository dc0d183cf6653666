"""Colours read without a network: no weights, a fifth of a millisecond a crop."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from models.attributes.colour_names import CLOTH, PAINT, Naming, name_colour
from models.attributes.reading import Reading
from models.attributes.regions import BODYWORK, LEGS, TORSO, Region, pixels_of
from shared.classes import ObjectClass
from shared.pictures import Picture

CLOTHING_COLOURS = "clothing-colours"
PAINT_COLOUR = "paint-colour"

_VERSION = "1"
_CLOTHES: Mapping[str, Region] = MappingProxyType({"upper_colour": TORSO, "lower_colour": LEGS})


class ColourReader:
    """Names the colours of fixed regions of a crop; every thread may call it.

    `regions`: where to look for each attribute.
    """

    def __init__(
        self,
        name: str = CLOTHING_COLOURS,
        object_class: ObjectClass = ObjectClass.PERSON,
        regions: Mapping[str, Region] = _CLOTHES,
        naming: Naming = CLOTH,
    ) -> None:
        self.object_class = object_class
        self._name = name
        self._regions = regions
        self._naming = naming

    def describe(self) -> str:
        """`name@version`."""
        return f"{self._name}@{_VERSION}"

    def read(self, crops: Sequence[Picture]) -> list[Reading]:
        """The colours of each crop (H x W x 3, BGR, uint8).

        Raises:
            PictureError: a crop has no pixels or another layout.
        """
        return [
            {
                attribute: name_colour(pixels_of(crop, region), self._naming)
                for attribute, region in self._regions.items()
            }
            for crop in crops
        ]


COLOUR_READERS: Mapping[str, ColourReader] = MappingProxyType(
    {
        CLOTHING_COLOURS: ColourReader(),
        PAINT_COLOUR: ColourReader(
            PAINT_COLOUR,
            ObjectClass.VEHICLE,
            MappingProxyType({"vehicle_colour": BODYWORK}),
            PAINT,
        ),
    }
)
"""Every reader that needs no weights, by the name it is asked for."""
