"""What the centre asks a box to do, topic `cmd/{name}`, and what the box says to it, lane `reply`.

A command is asked again until there is a reply, and doing it twice is doing it once: its `id`
tells. What a command makes is uploaded over HTTP (see `Upload`); replies only tell how it goes.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.ids import ChannelName
from shared.messages.base import Message, Milliseconds, Part, UuidBytes

MAX_URL = 512
MAX_REASON = 500

CLIP = "clip"
SNAPSHOT = "snapshot"


class Upload(Part):
    """Where what was made goes: `PATCH` in pieces as in tus 1.0.0, with the token as bearer.

    `url` is http or https; `token` is good for this upload alone; nothing over `max_bytes` is
    taken.
    """

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=MAX_URL)]
    token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,128}$")]
    max_bytes: Annotated[int, Field(ge=1, le=1 << 40)]


class Command(Message):
    """Any command: what every box understands of one it does not know."""

    id: UuidBytes


class SnapshotCommand(Command):
    """Send the latest picture of a channel, as JPEG."""

    channel: ChannelName
    upload: Upload


class ClipCommand(Command):
    """Send what is recorded of a channel, as MP4. Times are the box's own clock."""

    channel: ChannelName
    from_ms: Milliseconds
    to_ms: Milliseconds
    upload: Upload

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.from_ms >= self.to_ms:
            raise ValueError(f"a clip from {self.from_ms} to {self.to_ms} ends before it begins")
        return self


class Reply(Message):
    """How a command goes. `taken`: it is made and being uploaded; `failed`: it will not be.

    `start_ms` and `end_ms` say what was really there, by the box's clock.
    """

    id: UuidBytes
    status: Literal["taken", "failed"]
    reason: Annotated[str, StringConstraints(max_length=MAX_REASON)] | None = None
    size: Annotated[int, Field(ge=1, le=1 << 40)] | None = None
    start_ms: Milliseconds | None = None
    end_ms: Milliseconds | None = None
