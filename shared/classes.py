"""The kinds of object Dongseon follows."""

from enum import StrEnum


class ObjectClass(StrEnum):
    """What a detection, tracklet or sighting shows."""

    PERSON = "person"
    VEHICLE = "vehicle"
    TWO_WHEELER = "two_wheeler"
