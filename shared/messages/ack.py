"""The centre's word that rows are kept. Lane `ack`; only this lets a box delete them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.messages.base import Message, Milliseconds, Part, Seq, UuidBytes

MAX_ACKED = 1024


class Refusal(Part):
    """A row the centre will never take as it is; its bytes are kept in quarantine there."""

    seq: Seq
    reason: Annotated[str, StringConstraints(max_length=500)]


class ClockEcho(Part):
    """The centre's times around one row, for the box to measure its clock offset with."""

    seq: Seq
    received_ms: Milliseconds
    sent_ms: Milliseconds


class Ack(Message):
    """Rows of one outbox epoch that the centre has committed."""

    epoch: UuidBytes
    accepted: Annotated[list[Seq], Field(max_length=MAX_ACKED)] = []
    refused: Annotated[list[Refusal], Field(max_length=MAX_ACKED)] = []
    echo: ClockEcho | None = None
