"""One sighting: what a box publishes for one tracklet. Lane `sighting`."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.classes import ObjectClass
from shared.ids import CameraId, ChannelName, uuid7_ms
from shared.messages.base import (
    Count,
    Message,
    Milliseconds,
    Part,
    Probability,
    UuidBytes,
    WireRect,
)
from shared.vectors import MAX_DIMENSIONS, QuantisedVector, Vector, dequantise

MAX_CROP_BYTES = 128 * 1024
MAX_CROP_SIDE = 1024
MAX_LABEL = 64
EARLY_REVISION = 0

# No NUL: databases cannot keep one in a text.
_TEXT = r"^[^\x00]*$"
Label = Annotated[str, StringConstraints(min_length=1, max_length=MAX_LABEL, pattern=_TEXT)]
Revision = Annotated[int, Field(ge=0, le=65_535)]


class Crop(Part):
    """The picture cut out."""

    format: Literal["webp"] = "webp"
    width: Annotated[int, Field(ge=1, le=MAX_CROP_SIDE)]
    height: Annotated[int, Field(ge=1, le=MAX_CROP_SIDE)]
    data: Annotated[bytes, Field(min_length=12, max_length=MAX_CROP_BYTES)]


class Embedding(Part):
    """A unit vector as int8 with one scale, and the space it lives in."""

    space: Label
    scale: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    values: Annotated[bytes, Field(min_length=1, max_length=MAX_DIMENSIONS)]

    def vector(self) -> Vector:
        """The unit vector, shape (D,), float32.

        Raises:
            VectorError: all zeros.
        """
        return dequantise(QuantisedVector(self.values, self.scale))


class Attribute(Part):
    """One attribute of the object, e.g. `upper_colour = red`."""

    value: Label
    confidence: Probability


_CENTURY_MS = 100 * 366 * 86_400_000
"""More than a clock that begins in 1970 is behind; times corrected by it are still times."""


class ClockOffset(Part):
    """Centre's clock minus the box's, as last measured from an ack (RFC 5905, section 8)."""

    offset_ms: Annotated[float, Field(ge=-_CENTURY_MS, le=_CENTURY_MS, allow_inf_nan=False)]
    round_trip_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Sighting(Message):
    """One tracklet's crop, embedding, times and attributes.

    Revision 0 is early (the first crop that met the size rule); each later revision replaces
    the one before. `id` is a UUIDv7 of `first_seen_ms`, so the day a sighting belongs to can be
    told from its id alone. Times are the box's own clock; `clock` says how far off it is.
    Rectangles are in pixels of the source picture (`frame_width` x `frame_height`), before any
    crop rectangle of the channel. Without `crop` the picture follows on lane `crop`.
    """

    id: UuidBytes
    revision: Revision
    ended: bool
    channel: ChannelName
    camera: CameraId
    object_class: Annotated[ObjectClass, Field(strict=False)]
    first_seen_ms: Milliseconds
    last_seen_ms: Milliseconds
    shot_ms: Milliseconds
    frame_width: Annotated[int, Field(ge=1, le=65_536)]
    frame_height: Annotated[int, Field(ge=1, le=65_536)]
    box: WireRect
    first_box: WireRect
    last_box: WireRect
    confidence: Probability
    quality: Probability
    detections: Count
    crops_used: Count
    embedding: Embedding
    crop: Crop | None = None
    attributes: Annotated[dict[Label, Attribute], Field(max_length=64)] = {}
    plate: Annotated[str, StringConstraints(max_length=16, pattern=_TEXT)] | None = None
    models: Annotated[dict[Label, Label], Field(max_length=16)] = {}
    clock: ClockOffset | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.first_seen_ms <= self.shot_ms <= self.last_seen_ms:
            raise ValueError("shot_ms must lie between first_seen_ms and last_seen_ms")
        if self.id.version != 7 or uuid7_ms(self.id) != self.first_seen_ms:  # noqa: PLR2004
            raise ValueError("id must be a UUIDv7 of first_seen_ms")
        for rect in (self.box, self.first_box, self.last_box):
            _check_inside(rect.left, rect.right, self.frame_width)
            _check_inside(rect.top, rect.bottom, self.frame_height)
        return self


def _check_inside(low: float, high: float, limit: int) -> None:
    # The wire rounds to a tenth of a pixel, hence the half pixel of grace.
    if not 0 <= low < high <= limit + 0.5:
        raise ValueError(f"a rectangle spans {low} to {high}, outside the picture's {limit} pixels")
