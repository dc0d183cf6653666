"""What a box sent, as the API gives it."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from central.sightings.attributes import AttributeSaid
from central.values import Instant, LonLat, Model
from shared.classes import ObjectClass

Sides = Annotated[
    tuple[float, float, float, float],
    Field(description="left, top, right, bottom in pixels of the source picture"),
]


class Frame(Model):
    """The source picture's size in pixels."""

    width: int
    height: int


class Sighting(Model):
    """One tracklet at its newest revision. Times are the box's own clock.

    `clock_offset_ms` is the centre's clock minus the box's as last measured, and not applied.
    `crop_url` names the picture's revision, `crop_revision`, so what it gives never changes. Null:
    the picture is still at the box, or the box had to give it up (`crop_gone`).
    `ground_position` is where the lower edge of `rect` stood on the ground, if the camera is
    calibrated by ground points; null: only the camera's place is known.
    `attributes` may have some that `/attributes` does not name: those of a box that is newer than
    the centre.
    """

    id: UUID
    revision: int
    ended: bool
    box: str
    channel: str
    camera: str
    object_class: ObjectClass
    first_seen: Instant
    last_seen: Instant
    shot: Instant
    frame: Frame
    rect: Sides
    first_rect: Sides
    last_rect: Sides
    confidence: float
    quality: float
    detections: int
    crops_used: int
    space: str
    message_bytes: int
    crop_revision: int | None
    crop_gone: bool
    crop_bytes: int
    crop_url: str
    attributes: dict[str, AttributeSaid]
    plate: str | None
    models: dict[str, str]
    clock_offset_ms: float | None
    ground_position: LonLat | None = None


class Box(Model):
    """A box as it last described itself.

    `evicted` counts the rows it had to drop at its disk cap before the centre had them, ever.
    `cloned_at` is when two programs were last seen to speak under its name, null: never.
    """

    box: str
    status: str
    started_at: Instant | None
    last_heard: Instant | None
    software: str | None
    profile: str | None
    models: dict[str, Any]
    runtimes: dict[str, Any]
    channels: list[Any]
    telemetry: dict[str, Any] | None
    cloned_at: Instant | None
    evicted: int


class Quarantined(Model):
    """A payload that was refused and kept. `bytes` is its size."""

    id: int
    box: str
    lane: str
    epoch: UUID | None
    seq: int | None
    reason: str
    bytes: int
    received_at: Instant


class Holdings(Model):
    """What the centre holds.

    `sightings` is exact up to about 100,000 and the planner's estimate above
    (`sightings_estimated`). `indexed_lag` is how many sightings searches do not see yet, counted
    up to 10,000.
    """

    cameras: int
    cameras_unplaced: int
    boxes: int
    boxes_online: int
    quarantined: int
    sightings: int
    sightings_estimated: bool
    indexed_lag: int
    newest_sighting: Instant | None


def crop_url(identifier: UUID, revision: int) -> str:
    """Where the picture of a sighting's revision is."""
    return f"/api/v1/sightings/{identifier}/crop?revision={revision}"
