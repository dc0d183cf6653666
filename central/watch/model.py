"""What is put on the watch list, and what it answers."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from central.cameras.selection import CameraScope
from central.plates.matching import AskedPlate
from central.search.bands import Band
from central.search.model import MAX_QUERIES, PictureObject
from central.sightings.attributes import LeastConfidence, Wanted
from central.values import Instant, Line, Model
from shared.classes import ObjectClass

LONGEST = timedelta(days=30)
"""How far ahead `until` may lie. It can be moved on again later."""

_EXAMPLE: JsonDict = {
    "name": "red jacket, station",
    "purpose": "missing child, report 2026-0131",
    "until": "2026-02-07T00:00:00.000Z",
    "by": {"sighting_ids": ["019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b"]},
    "cameras": {"radius": {"center": {"lon": 127.0276, "lat": 37.4979}, "metres": 2000}},
}

LeastProbability = Annotated[
    float,
    Field(
        ge=0.005,
        le=0.999,
        description="how probable it must be that a sighting shows the one looked for; "
        "less finds more of the right ones and more of others",
    ),
]
QuietMinutes = Annotated[
    int,
    Field(
        ge=0,
        le=24 * 60,
        description="sightings at one camera, no further apart than this, are one alert",
    ),
]


class Whom(Model):
    """Who or what is looked for: one person or vehicle, a plate, or both.

    One person or vehicle: sightings, and objects of uploaded pictures (see `/pictures`). A plate
    must fit from end to end, folded as in a search; `?` and `*` stand for what is not known.
    """

    sighting_ids: Annotated[list[UUID], Field(max_length=MAX_QUERIES)] = []
    pictures: Annotated[list[PictureObject], Field(max_length=MAX_QUERIES)] = []
    plate: AskedPlate | None = None


class WatchOptions(Model):
    """Where, why and until when to look out, and how alike is alike enough."""

    name: Line
    purpose: Annotated[Line, Field(description="why; kept and written to the log")]
    until: Annotated[Instant, Field(description="at most 30 days ahead; can be moved on later")]
    cameras: Annotated[CameraScope | None, Field(description="null: all cameras")] = None
    object_class: ObjectClass | None = None
    attributes: Wanted = {}
    least_confidence: LeastConfidence = 0.0
    least_probability: Annotated[
        LeastProbability | None, Field(description="null: as is usual for the class")
    ] = None
    quiet_minutes: QuietMinutes = 5


class WatchRequest(WatchOptions):
    """Puts someone or something on the list. Attributes are conditions that must fit too.

    Attributes without anything else need `cameras`.
    """

    by: Whom = Whom()

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    @model_validator(mode="after")
    def _names_someone(self) -> Self:
        someone = self.by.sighting_ids or self.by.pictures or self.by.plate
        if not someone and not (self.attributes and self.cameras):
            raise ValueError(
                "say whom to look for: by sighting_ids, pictures or plate, or attributes in "
                "chosen cameras"
            )
        return self


class WatchChange(Model):
    """What to change of an entry; what is not named stays."""

    name: Line | None = None
    purpose: Line | None = None
    until: Instant | None = None
    paused: bool | None = None
    cameras: CameraScope | None = None
    attributes: Wanted | None = None
    least_confidence: LeastConfidence | None = None
    least_probability: LeastProbability | None = None
    quiet_minutes: QuietMinutes | None = None


class EntryState(StrEnum):
    """Whether sightings are compared with an entry."""

    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"


class Entry(Model):
    """One entry of the list.

    `space` is the embedding space its vectors live in, null: it has none. `vectors` are those it
    is made of (`confirmed` of them from confirmed alerts), `negatives` those of dismissed ones.
    `notes` say what keeps it from being found.
    """

    id: UUID
    state: EntryState
    name: str
    purpose: str
    created_at: Instant
    updated_at: Instant
    until: Instant
    object_class: ObjectClass | None
    space: str | None
    vectors: int
    confirmed: int
    negatives: int
    plate: str | None
    cameras: CameraScope | None
    attributes: dict[str, list[str]]
    least_confidence: float
    least_probability: float
    quiet_minutes: int
    new_alerts: int
    notes: list[str]


class AlertState(StrEnum):
    """What is thought of an alert. Withdrawn: a later revision no longer looks alike."""

    NEW = "new"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


class Alert(Model):
    """Someone on the list was seen at a camera, from `first_at` to `last_at` (the box's clock).

    `sighting` is the best of `sightings`; `found_by` is `likeness`, `plate` or `attributes`.
    `probability` and `band` are null where nothing was compared. `late`: it was over when it came.
    """

    id: UUID
    target: UUID
    name: str
    camera: str
    state: AlertState
    late: bool
    first_at: Instant
    last_at: Instant
    sightings: int
    sighting: UUID
    revision: int
    crop_url: str
    probability: float | None
    band: Band | None
    found_by: list[str]
    made_at: Instant
    updated_at: Instant
    decided_at: Instant | None
    decided_by: str | None
    why: str | None


class Hit(Model):
    """One sighting of an alert, at the revision that was compared last."""

    sighting: UUID
    revision: int
    first_at: Instant
    last_at: Instant
    probability: float | None
    found_by: list[str]
    withdrawn: bool


class AlertDetail(Alert):
    """An alert with its sightings, the first 1,000 by time."""

    hits: list[Hit]


class Judgement(Model):
    """Why an alert is right or wrong. `learn`: the entry takes its vectors into account."""

    why: Line | None = None
    learn: bool = True


class EventKind(StrEnum):
    """What happened. A late hit is one of the past: a box sent it after it was over."""

    HIT = "hit"
    LATE = "late"
    UPDATED = "updated"
    WITHDRAWN = "withdrawn"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class CloudEvent(Model):
    """An event as CloudEvents 1.0 in JSON, as streams and webhooks give it.

    `id` grows in the order of commits. `subject` is the entry's id.
    """

    specversion: str = "1.0"
    id: str
    source: str = "urn:dongseon:centre"
    type: str
    time: Instant
    subject: str
    datacontenttype: str = "application/json"
    data: Alert


def cloud_event(number: int, kind: str, at: datetime, alert: Alert) -> CloudEvent:
    """The event `number`."""
    return CloudEvent(
        id=str(number), type=event_type(kind), time=at, subject=str(alert.target), data=alert
    )


def event_type(kind: str) -> str:
    """The CloudEvents type of an event."""
    return f"dongseon.watch.{kind}"
