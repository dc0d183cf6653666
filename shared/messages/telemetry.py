"""How a box is doing. Lane `telemetry`, lowest priority; never the only copy of anything."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.ids import ChannelName
from shared.messages.base import Message, Milliseconds, Part, Seq, UuidBytes

MAX_WHY = 300


class ChannelTelemetry(Part):
    """One channel since the box started.

    `replaced` counts frames that gave way to newer ones, because inference had no time for them.
    `why` it shows nothing, and since when; empty and None while it works.
    """

    name: ChannelName
    status: Literal["starting", "running", "ended", "failed"]
    frames: Annotated[int, Field(ge=0)]
    detections: Annotated[int, Field(ge=0)]
    sightings: Annotated[int, Field(ge=0)]
    restarts: Annotated[int, Field(ge=0)]
    replaced: Annotated[int, Field(ge=0)] = 0
    frames_per_s: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    why: Annotated[str, Field(max_length=MAX_WHY)] = ""
    down_since_ms: Milliseconds | None = None


class Gap(Part):
    """Rows evicted at the disk cap before the centre had them: `first` to `last`, inclusive."""

    first: Seq
    last: Seq

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"a gap from {self.first} to {self.last} ends before it begins")
        return self


class Telemetry(Message):
    """A box's counters. `epoch` names the outbox the gaps belong to.

    `evicted` counts rows of this epoch given up at the disk cap; `unkept` those that the disk
    refused to take since the agent started. `crops` pictures wait for the line to be idle;
    `crops_evicted` of this epoch were given up at the disk cap.
    """

    epoch: UuidBytes
    sent_ms: Milliseconds
    outbox_rows: Annotated[int, Field(ge=0)]
    outbox_bytes: Annotated[int, Field(ge=0)]
    evicted: Annotated[int, Field(ge=0)]
    unkept: Annotated[int, Field(ge=0)] = 0
    crops: Annotated[int, Field(ge=0)] = 0
    crops_evicted: Annotated[int, Field(ge=0)] = 0
    gaps: Annotated[list[Gap], Field(max_length=256)] = []
    channels: Annotated[list[ChannelTelemetry], Field(max_length=256)] = []
