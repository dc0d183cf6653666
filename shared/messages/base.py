"""Messages as MessagePack maps, capped before they are decoded.

Unknown fields are ignored, so that an older centre reads a newer box. An unknown major version
is refused, because then the meaning changed.
"""

from typing import Annotated, Any, ClassVar, Self, TypeVar
from uuid import UUID

import msgpack
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from shared.errors import MalformedPayload, PayloadTooLarge, UnsupportedVersion
from shared.geometry import Rect
from shared.outbox_id import MAX_SEQ

MAX_PAYLOAD_BYTES = 256 * 1024
_MAX_ITEMS = 4096
# The end of the year 9999: later instants fit in no calendar or database.
MAX_MS = 253_402_300_799_999
_MAX_COUNT = (1 << 31) - 1
_SHOWN_ERRORS = 3


def _uuid_from_bytes(value: object) -> object:
    return UUID(bytes=value) if isinstance(value, bytes) and len(value) == 16 else value  # noqa: PLR2004


def _rect_from_list(value: object) -> object:
    return Rect(*value) if isinstance(value, list) and len(value) == 4 else value  # noqa: PLR2004


def _rounded(rect: Rect) -> list[float]:
    return [round(side, 1) for side in rect]


Milliseconds = Annotated[int, Field(ge=0, le=MAX_MS)]
Seq = Annotated[int, Field(ge=1, le=MAX_SEQ)]
Count = Annotated[int, Field(ge=1, le=_MAX_COUNT)]
Probability = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
UuidBytes = Annotated[
    UUID, BeforeValidator(_uuid_from_bytes), PlainSerializer(lambda value: value.bytes)
]
WireRect = Annotated[Rect, BeforeValidator(_rect_from_list), PlainSerializer(_rounded)]


class Part(BaseModel):
    """A part of a message."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Message(Part):
    """A whole message. `v` is its major version."""

    VERSION: ClassVar[int] = 1

    v: int = 1

    @classmethod
    def from_wire(cls, fields: dict[str, Any]) -> Self:
        """Check `fields` as decoded from MessagePack.

        Raises:
            UnsupportedVersion: the major version is not ours.
            MalformedPayload: a field is missing, of the wrong type or out of range.
        """
        version = fields.get("v")
        if version != cls.VERSION:
            raise UnsupportedVersion(
                f"{cls.__name__} has version {version!r}; this program speaks {cls.VERSION}: "
                "update the older side"
            )
        try:
            return cls.model_validate(fields)
        except ValidationError as error:
            raise MalformedPayload(f"{cls.__name__}: {_first_errors(error)}") from error


M = TypeVar("M", bound=Message)


def encode(message: Message) -> bytes:
    """`message` as MessagePack."""
    return bytes(msgpack.packb(message.model_dump(exclude_none=True), use_bin_type=True))


def decode(kind: type[M], payload: bytes) -> M:
    """The message of type `kind` in `payload`.

    Raises:
        PayloadTooLarge: more than `MAX_PAYLOAD_BYTES`; nothing was decoded.
        UnsupportedVersion: see `Message.from_wire`.
        MalformedPayload: not one MessagePack map, or not a valid `kind`.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLarge(
            f"{kind.__name__} of {len(payload)} bytes; the cap is {MAX_PAYLOAD_BYTES}"
        )
    try:
        # Every length a header may announce is bounded by the payload itself, so that a lying
        # header allocates nothing.
        fields = msgpack.unpackb(
            payload,
            raw=False,
            strict_map_key=True,
            max_str_len=len(payload),
            max_bin_len=len(payload),
            max_ext_len=0,
            max_array_len=min(len(payload), _MAX_ITEMS),
            max_map_len=min(len(payload), _MAX_ITEMS),
        )
    except (ValueError, msgpack.exceptions.UnpackException) as error:
        raise MalformedPayload(f"{kind.__name__}: not MessagePack: {error!r}") from error
    if not isinstance(fields, dict):
        raise MalformedPayload(f"{kind.__name__}: a {type(fields).__name__}, expected a map")
    return kind.from_wire(fields)


def _first_errors(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_input=False)
    shown = "; ".join(
        f"{'.'.join(str(part) for part in item['loc']) or 'message'}: {item['msg']}"
        for item in found[:_SHOWN_ERRORS]
    )
    more = len(found) - _SHOWN_ERRORS
    return f"{shown}; and {more} more" if more > 0 else shown
