"""Names and identifiers, and what is allowed in them."""

import re
import secrets
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from pydantic import StringConstraints

# A box's name is its certificate's CN and a level of its topics, a camera's name is part of
# URLs and file names: nothing that needs escaping in any of them.
BOX_NAME = r"^[a-z0-9][a-z0-9-]{0,62}$"
PLAIN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

BoxName = Annotated[str, StringConstraints(pattern=BOX_NAME)]
ChannelName = Annotated[str, StringConstraints(pattern=PLAIN_NAME)]
CameraId = Annotated[str, StringConstraints(pattern=PLAIN_NAME)]

_MAX_MS = (1 << 48) - 1


def is_box_name(name: str) -> bool:
    """Whether `name` may name a box."""
    return re.fullmatch(BOX_NAME, name) is not None


def uuid7(ms: int, entropy: Callable[[int], bytes] = secrets.token_bytes) -> UUID:
    """A version 7 UUID (RFC 9562, section 5.7) of the instant `ms`.

    Args:
        ms: UTC milliseconds since the Unix epoch, 0 to 2**48 - 1.
        entropy: gives n random bytes.

    Raises:
        ValueError: `ms` does not fit in 48 bits.
    """
    if not 0 <= ms <= _MAX_MS:
        raise ValueError(f"{ms} ms is outside what a UUIDv7 can hold (0 to {_MAX_MS})")
    value = (ms << 80) | int.from_bytes(entropy(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def uuid7_ms(identifier: UUID) -> int:
    """The instant a version 7 UUID was made for, UTC milliseconds.

    Raises:
        ValueError: `identifier` is not version 7.
    """
    if identifier.version != 7:  # noqa: PLR2004 - the version this function is named for
        raise ValueError(f"{identifier} is not a version 7 UUID")
    return identifier.int >> 80
