"""A clip or a snapshot, as it is asked for and as the API gives it."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from central.values import Instant, Line, Model
from shared.ids import CameraId

MAX_LENGTH = timedelta(minutes=10)

_OF_SIGHTING: JsonDict = {
    "sighting_id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b",
    "purpose": "missing child, report 2026-0131",
}
_OF_CAMERA: JsonDict = {
    "camera": "cam-1",
    "from": "2026-01-31T08:00:00.000Z",
    "to": "2026-01-31T08:00:30.000Z",
    "purpose": "missing child, report 2026-0131",
}
Purpose = Annotated[Line | None, Field(description="why; kept, and written to the log")]


class State(StrEnum):
    """How far it is: asked for, being uploaded, here, or never to come."""

    ASKED = "asked"
    UPLOADING = "uploading"
    READY = "ready"
    FAILED = "failed"


class Kind(StrEnum):
    """What it is: MP4 or JPEG."""

    CLIP = "clip"
    SNAPSHOT = "snapshot"


class ClipRequest(Model):
    """What to show: a sighting, with `margin_s` seconds around it, or a camera from when to when.

    Times are the box's own clock, as those of sightings are.
    """

    sighting_id: UUID | None = None
    margin_s: Annotated[float, Field(ge=0, le=60)] = 2.0
    camera: CameraId | None = None
    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None
    purpose: Purpose = None

    model_config = ConfigDict(json_schema_extra={"examples": [_OF_SIGHTING, _OF_CAMERA]})

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        window = (self.camera, self.from_, self.to)
        if self.sighting_id is not None and window == (None, None, None):
            return self
        if self.sighting_id is not None or None in window:
            raise ValueError("give either sighting_id, or camera with from and to")
        return self


class SnapshotRequest(Model):
    """Which camera's latest picture to fetch."""

    camera: CameraId
    purpose: Purpose = None

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"camera": "cam-1", "purpose": "report 2026-0131"}]}
    )


class Clip(Model):
    """A clip or snapshot, and how far it is.

    `from` and `to` were asked for (null: a snapshot); `starts` and `ends` are what there really
    was, known once the box has said. `progress` is the share uploaded, 0 to 1; `size` is in
    bytes. `reason` says why it failed. `file_url` is null until it is ready.
    """

    id: UUID
    kind: Kind
    state: State
    reason: str | None
    progress: float
    size: int | None
    box: str
    channel: str
    camera: str
    sighting_id: UUID | None
    from_: Annotated[Instant | None, Field(alias="from")]
    to: Instant | None
    starts: Instant | None
    ends: Instant | None
    purpose: str | None
    asked_at: Instant
    file_url: str | None

    model_config = ConfigDict(populate_by_name=True)
