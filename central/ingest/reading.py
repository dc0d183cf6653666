"""From bytes to something that may be kept, or the reason why not. Touches no database."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from PIL import Image, UnidentifiedImageError

from central.ingest.received import Received
from central.ingest.webp import still_webp_size
from shared.clock import MS_PER_DAY
from shared.errors import DongseonError, MalformedPayload, PictureError, VectorError
from shared.messages import (
    BoxState,
    Crop,
    Embedding,
    LateCrops,
    Message,
    Sighting,
    Telemetry,
    decode,
)
from shared.pictures import CROP_CAPS
from shared.topics import Lane

MAX_REASON = 500
_SAFE_SCALE = 1e-5
_UNREADABLE = (
    UnidentifiedImageError,
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
M = TypeVar("M", bound=Message)

Dimensions = Callable[[str], int]
"""The length of the vectors of an embedding space; raises a DongseonError for an unknown one."""


# eq=False: two readings are the same only if they are one object; comparing payloads is slow.
@dataclass(frozen=True, slots=True, eq=False)
class Refused:
    """A message that will never be taken as it is, and why (at most `MAX_REASON` characters)."""

    received: Received
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class SightingRead:
    """A sighting that may be kept."""

    received: Received
    sighting: Sighting


@dataclass(frozen=True, slots=True, eq=False)
class CropsRead:
    """Pictures of sightings that went ahead without, or word that there will be none."""

    received: Received
    crops: LateCrops


@dataclass(frozen=True, slots=True, eq=False)
class StateRead:
    """A box's birth or last will."""

    received: Received
    state: BoxState


@dataclass(frozen=True, slots=True, eq=False)
class TelemetryRead:
    """A box's counters."""

    received: Received
    telemetry: Telemetry


@dataclass(frozen=True, slots=True, eq=False)
class Nothing:
    """A message without content, such as the clearing of a retained one."""

    received: Received


Reading = SightingRead | CropsRead | StateRead | TelemetryRead | Nothing | Refused


def read(received: Received, dimensions: Dimensions) -> Reading:
    """Decode and check `received` in one pass; never raises for bad content."""
    try:
        return _read(received, dimensions)
    except DongseonError as error:
        return refuse(received, str(error))


def refuse(received: Received, reason: str) -> Refused:
    """`received` with a reason that is safe to keep and to print."""
    return Refused(received, printable(reason[:MAX_REASON]))


def printable(reason: str) -> str:
    """`reason` as it may be kept and printed."""
    return "".join(char if char.isprintable() else "?" for char in reason)


def _read(received: Received, dimensions: Dimensions) -> Reading:
    if received.unreadable is not None:
        raise MalformedPayload(received.unreadable)
    if received.lane in {Lane.SIGHTING, Lane.CROP} and received.outbox is None:
        raise MalformedPayload(f"a {received.lane} without the user property `outbox`")
    if received.lane == Lane.SIGHTING:
        sighting = decode(Sighting, received.payload)
        check_sighting(sighting, dimensions)
        return SightingRead(received, sighting)
    if received.lane == Lane.CROP:
        crops = decode(LateCrops, received.payload)
        for late in crops.pictures:
            check_crop(late.crop)
        return CropsRead(received, crops)
    if not received.payload:
        return Nothing(received)
    if received.lane == Lane.STATE:
        return StateRead(received, decode(BoxState, received.payload))
    return TelemetryRead(received, decode(Telemetry, received.payload))


def check_sighting(sighting: Sighting, dimensions: Dimensions) -> None:
    """What the message's type cannot know: the catalogue's spaces and the crop's own header.

    Raises:
        DongseonError: unknown embedding space, wrong vector, a crop that is not what it is said
            to be, or a duration over a day.
    """
    if sighting.last_seen_ms - sighting.first_seen_ms > MS_PER_DAY:
        raise MalformedPayload("a sighting of more than a day; a box renews one after seconds")
    check_embedding(sighting.embedding, dimensions)
    if sighting.crop is not None:
        check_crop(sighting.crop)


def check_embedding(embedding: Embedding, dimensions: Dimensions) -> None:
    """Whether the vector is one of its space.

    Raises:
        VectorError: it has another length, or is all zeros.
        DongseonError: the catalogue does not know the space.
    """
    wanted = dimensions(embedding.space)
    if len(embedding.values) != wanted:
        raise VectorError(
            f"an embedding of {len(embedding.values)} values; {embedding.space} has {wanted}"
        )
    # With these two the vector's length lies above the least one there may be.
    if not (_SAFE_SCALE <= embedding.scale <= 1 and embedding.values.strip(b"\0")):
        embedding.vector()


def check_crop(crop: Crop) -> None:
    """Whether the crop's header is that of a still WebP picture of the announced size.

    Only the header is read: whoever shows or embeds a crop decodes it under the same caps, and a
    broken body harms only itself.

    Raises:
        PictureError: it is not.
    """
    size = still_webp_size(crop.data) or _any_webp_size(crop.data)
    if size != (crop.width, crop.height):
        raise PictureError(
            f"the crop is {size[0]} x {size[1]} pixels, announced as {crop.width} x {crop.height}"
        )


def _any_webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a still WebP picture of any kind (lossless, with alpha, with notes)."""
    try:
        with Image.open(io.BytesIO(data), formats=CROP_CAPS.formats) as image:
            size, frames = image.size, getattr(image, "n_frames", 1)
    except _UNREADABLE as error:
        raise PictureError("the crop is not a WebP picture") from error
    if frames != 1:
        raise PictureError(f"the crop has {frames} pictures, expected one")
    return size
