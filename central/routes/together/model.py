"""What is asked of who went together, and what is answered."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from central.sightings.model import Sighting
from central.values import Instant, Line, LonLat, Model
from shared.classes import ObjectClass

MAX_SECONDS = 300.0
MAX_GROUPS = 100
MAX_METRES = 5_000.0

_EXAMPLE: JsonDict = {"least_stops": 3, "within_s": 20, "purpose": "report 2026-0131"}


class CompanionsRequest(Model):
    """Who was there within so many seconds of the target, at so many of its stops at least."""

    least_stops: Annotated[int, Field(ge=2, le=500)] = 3
    within_s: Annotated[float, Field(ge=0, le=MAX_SECONDS, allow_inf_nan=False)] = 20.0
    most: Annotated[int, Field(ge=1, le=MAX_GROUPS, description="groups")] = 20
    purpose: Annotated[Line | None, Field(description="why; written to the log")] = None

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class SharedStop(Model):
    """A companion at the route's stop `number`. `apart_s`: between the middles of the two views.

    Negative: the companion came first.
    """

    number: int
    apart_s: float
    sighting: Sighting


class Companion(Model):
    """Somebody who was at `stops` with the target.

    Known by `plate`, the same at all of them, or by looks: then `likely` is how probable the least
    likely link is between one of them and the others, and people must look for themselves.
    """

    object_class: ObjectClass
    plate: str | None
    likely: float | None
    stops: list[SharedStop]


class CompanionsAnswer(Model):
    """Companions, those with the most stops first; then those by plate, then the likeliest.

    `looked_at` others were near the target at its stops. `like_target` of them look like the target
    itself, whose tracklets may have broken, and are no companions. `note` says who was not looked
    at.
    """

    companions: list[Companion]
    looked_at: int
    like_target: int
    stops: int
    note: str | None


class Meeting(Model):
    """Whether two routes came within `metres` of each other at the same time.

    Both are taken to go evenly from each stop to the next; `nearest_m`, `at` and the places are
    where they were nearest then. All null where they were not out at the same time or one has
    hardly a place on the map.
    """

    met: bool | None
    metres: float
    nearest_m: float | None
    at: Instant | None
    first: LonLat | None
    second: LonLat | None
    text: str


class MeetingQuery(Model):
    """The other route, and how near is met."""

    other: UUID
    metres: Annotated[float, Field(gt=0, le=MAX_METRES, allow_inf_nan=False)] = 30.0
    purpose: Annotated[Line | None, Field(description="why; written to the log")] = None
