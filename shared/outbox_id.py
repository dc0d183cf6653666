"""The name of one row of one box's outbox.

It travels beside the payload, as the MQTT 5 user property `outbox`, so that the outbox never
looks into what it keeps, and the centre can answer for a payload that it cannot decode.
"""

from functools import lru_cache
from typing import NamedTuple, Self
from uuid import UUID

from shared.errors import MalformedPayload

PROPERTY = "outbox"
MAX_SEQ = (1 << 53) - 1
_HEX_LENGTH = 32
_MAX_TEXT = 64


_EPOCHS = 8192


@lru_cache(_EPOCHS)
def _epoch(text: str) -> UUID:
    # A box has one epoch for years, and making a UUID costs more than all else here.
    return UUID(hex=text)


class OutboxId(NamedTuple):
    """A row. A new outbox file is a new epoch, so a row keeps its name for ever."""

    epoch: UUID
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch.hex}:{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The row that `text` (the user property's value) names.

        Raises:
            MalformedPayload: it is not `{epoch as 32 hex digits}:{seq from 1}`.
        """
        epoch, _, seq = text[:_MAX_TEXT].partition(":")
        try:
            parsed = cls(_epoch(epoch), int(seq))
        except ValueError as error:
            raise MalformedPayload(f"outbox property {text[:_MAX_TEXT]!r}: {error}") from error
        if len(epoch) != _HEX_LENGTH or not seq.isascii() or not 1 <= parsed.seq <= MAX_SEQ:
            raise MalformedPayload(f"outbox property {text[:_MAX_TEXT]!r} is not epoch:seq")
        return parsed
