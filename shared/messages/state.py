"""Whether a box is there and what it runs. Lane `state`: retained, birth and last will."""

from typing import Annotated, Literal

from pydantic import Field

from shared.ids import CameraId, ChannelName
from shared.messages.base import Message, Milliseconds, Part, UuidBytes
from shared.messages.sighting import Label


class ChannelState(Part):
    """A channel as configured."""

    name: ChannelName
    camera: CameraId


class BoxState(Message):
    """A box's birth (`online`) and last will (`offline`).

    Both carry the same `session`, so that a will that arrives after the next birth is seen to be
    old.
    """

    status: Literal["online", "offline"]
    session: UuidBytes
    epoch: UuidBytes
    started_ms: Milliseconds
    software: Label
    profile: Label | None = None
    channels: Annotated[list[ChannelState], Field(max_length=256)] = []
    models: Annotated[dict[Label, Label], Field(max_length=16)] = {}
    runtimes: Annotated[dict[Label, Label], Field(max_length=16)] = {}
