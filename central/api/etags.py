"""ETags (RFC 9110, 8.8.3): what is as it was is not sent, what changed is not overwritten."""

import hashlib
from typing import Annotated

from fastapi import Depends, Header
from starlette.exceptions import HTTPException

_MAX_HEADER = 2_000


class IfMatch:
    """The condition of a change. No header: no condition."""

    def __init__(self, header: str | None) -> None:
        self._header = header

    def check(self, tag: str) -> None:
        """Do nothing if the thing with `tag` (without quotes) may be changed.

        What a tag has after a `+` may differ: it is of what is shown beside the thing itself.

        Raises:
            HTTPException: 412, it is not the one that the caller has.
        """
        if self._header is None or self._header.strip() == "*":
            return
        # A proxy that compresses makes our tags weak (`W/`); they name the same thing still.
        each = (each.strip().removeprefix("W/").strip('"') for each in self._header.split(","))
        named = {tag.partition("+")[0] for tag in each}
        if tag.partition("+")[0] not in named:
            raise HTTPException(
                412, "it was changed since you read it: get it again, and change that"
            )


def _if_match(
    if_match: Annotated[
        str | None,
        Header(max_length=_MAX_HEADER, description="the ETag of what is to be changed"),
    ] = None,
) -> IfMatch:
    return IfMatch(if_match)


TheCondition = Annotated[IfMatch, Depends(_if_match)]


def digest(data: bytes) -> str:
    """A tag for `data`."""
    return hashlib.sha256(data).hexdigest()[:32]


def quoted(tag: str) -> dict[str, str]:
    """`tag` as a header."""
    return {"etag": f'"{tag}"'}


def names(header: str | None, tag: str) -> bool:
    """Whether an If-None-Match `header` names the quoted `tag`; weakly, as it is compared."""
    if header is None:
        return False
    if header.strip() == "*":
        return True
    return tag in {each.strip().removeprefix("W/") for each in header.split(",")}
