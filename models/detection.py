"""What a detector says."""

from typing import NamedTuple

from shared.classes import ObjectClass
from shared.geometry import Rect


class Detection(NamedTuple):
    """One object in one picture.

    `rect` is in pixels of the picture given to the detector, inside it and with an area above
    zero; `confidence` is 0 to 1.
    """

    rect: Rect
    object_class: ObjectClass
    confidence: float
