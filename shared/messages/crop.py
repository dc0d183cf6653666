"""Pictures of sightings that went ahead without: lane `crop`, and the command to send them now."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from shared.ids import uuid7_ms
from shared.messages.base import MAX_MS, Message, Part, UuidBytes
from shared.messages.sighting import Crop, Revision, Sighting

MAX_PICTURES = 16
MAX_GONE = 1024
MAX_WANTED = 256
COMMAND = "crop"
"""The name of the command whose payload is `CropsWanted`."""


def _of_a_sighting(identifier: UUID) -> UUID:
    if uuid7_ms(identifier) > MAX_MS:
        raise ValueError("id must be a UUIDv7 of an instant before the year 10000")
    return identifier


SightingId = Annotated[UuidBytes, AfterValidator(_of_a_sighting)]


class LateCrop(Part):
    """The picture of one revision of sighting `id`."""

    id: SightingId
    revision: Revision
    crop: Crop


class LateCrops(Message):
    """Pictures that follow their sightings, in any order; `gone`: ids of those that never will.

    A box gives pictures up first when its disk cap is reached, and says of which sightings.
    """

    pictures: Annotated[list[LateCrop], Field(max_length=MAX_PICTURES)] = []
    gone: Annotated[list[SightingId], Field(max_length=MAX_GONE)] = []


class CropsWanted(Message):
    """The centre wants the pictures of these sightings now. A box ignores ids it does not know."""

    ids: Annotated[list[UuidBytes], Field(min_length=1, max_length=MAX_WANTED)]


def part_from_crop(sighting: Sighting) -> tuple[Sighting, LateCrops | None]:
    """`sighting` without its picture, and the picture to follow (None when it had none)."""
    if sighting.crop is None:
        return sighting, None
    late = LateCrop(id=sighting.id, revision=sighting.revision, crop=sighting.crop)
    return sighting.model_copy(update={"crop": None}), LateCrops(pictures=[late])
