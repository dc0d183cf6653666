"""Small types that requests and answers are made of: moments, texts, places, pages."""

import base64
import binascii
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
)

from central.errors import InputError

# Moments outside are typing errors, and some of them overflow when they are moved to UTC.
YEARS = range(1900, 9000)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", re.IGNORECASE)
MAX_PROPERTIES_BYTES = 16 * 1024
MAX_CURSOR = 200


class Model(BaseModel):
    """A part of a request or an answer: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def iso(moment: datetime) -> str:
    """`moment` as the API writes it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _written_out(value: object) -> object:
    # pydantic would also take numbers, and guess from their size whether they are milliseconds.
    if isinstance(value, datetime) or (isinstance(value, str) and _MOMENT.match(value)):
        return value
    raise ValueError("write a moment as ISO 8601 with a time zone, e.g. 2026-01-31T08:00:00Z")


def _in_range(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError(f"a moment lies between the years {YEARS.start} and {YEARS.stop}")
    return moment.astimezone(UTC)


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    AfterValidator(_in_range),
    PlainSerializer(iso, return_type=str),
    Field(examples=["2026-01-31T08:00:00.000Z"]),
]

# PostgreSQL keeps no NUL in a text, and no name or address needs the other control characters.
Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


def _storable(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ValueError("properties must be JSON: no NaN, no half characters, not deep") from error
    if len(text) > MAX_PROPERTIES_BYTES or rb"\u0000" in text:
        raise ValueError(f"properties must be at most {MAX_PROPERTIES_BYTES} bytes, without NUL")
    return value


Properties = Annotated[dict[str, JsonValue], AfterValidator(_storable)]


class LonLat(Model):
    """A place, WGS 84 degrees."""

    lon: Longitude
    lat: Latitude


T = TypeVar("T")


class Page(Model, Generic[T]):
    """A part of a list. Ask again with `cursor` = `next_cursor` until that is null."""

    items: list[T]
    next_cursor: str | None


def cut_page(found: list[T], limit: int, key: Callable[[T], str]) -> Page[T]:
    """The first `limit` of `found`, which has one more where there is a next page.

    `key` gives the text a cursor is made of.
    """
    more = len(found) > limit
    return Page(
        items=found[:limit], next_cursor=write_cursor(key(found[limit - 1])) if more else None
    )


def write_cursor(*keys: str) -> str:
    """Where a page ended, as text that callers hand back unread."""
    return base64.urlsafe_b64encode("|".join(keys).encode()).decode().rstrip("=")


def read_cursor(cursor: str, keys: int) -> list[str]:
    """The `keys` texts that `write_cursor` wrote.

    Raises:
        InputError: `cursor` is not one that such a list gave out.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = base64.b64decode(padded, altchars=b"-_", validate=True).decode().split("|")
    except (binascii.Error, ValueError) as error:
        raise bad_cursor() from error
    if len(found) != keys or "\x00" in cursor or any("\x00" in key for key in found):
        raise bad_cursor()
    return found


def bad_cursor() -> InputError:
    """What to raise for a cursor that cannot be read."""
    return InputError("the cursor was not given out by this list; start again without it")
