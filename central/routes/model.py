"""A route as it is asked for, kept and drawn."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from central.roads.model import Mode
from central.routes.blaming import Blame
from central.routes.verdicts import LegType
from central.search.reach import VIEW_M
from central.values import Instant, Line, LonLat, Model
from shared.classes import ObjectClass

MAX_STOPS = 500
MAX_SEARCHED = 4_000

_EXAMPLE: JsonDict = {
    "name": "Report 2026-0131",
    "stops": [
        {"sighting_id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b"},
        {"sighting_id": "019c1a2c-0000-7abc-9def-0123456789ab"},
    ],
    "purpose": "missing child, report 2026-0131",
    "searched": "red jacket, 12 cameras around the station, 15:00 to 17:00",
}


class StopRequest(Model):
    """A sighting that was confirmed."""

    sighting_id: UUID


Stops = Annotated[list[StopRequest], Field(min_length=1, max_length=MAX_STOPS)]
Purpose = Annotated[Line | None, Field(description="why; written to the log")]
# PostgreSQL keeps no NUL in a text.
Searched = Annotated[
    Annotated[str, StringConstraints(max_length=MAX_SEARCHED, pattern=r"^[^\x00]*$")] | None,
    Field(description="how the stops were found, in words; printed in the report"),
]


class StopsRequest(Model):
    """The confirmed sightings of one person or vehicle, in any order, in place of those before."""

    stops: Stops
    purpose: Purpose = None
    searched: Searched = None

    model_config = ConfigDict(
        json_schema_extra={"examples": [{k: v for k, v in _EXAMPLE.items() if k != "name"}]}
    )


class RouteRequest(StopsRequest):
    """The confirmed sightings of one person or vehicle, in any order."""

    name: Line | None = None

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class Ground(Model):
    """Where the one seen stood when it came into view, in its picture, and when it left.

    By the foot of its rectangle; each is null where that is not on the ground that is seen.
    """

    first: LonLat | None
    shot: LonLat | None
    last: LonLat | None


class Stop(Model):
    """One confirmed sighting, `number` from 1 in the order of arrival.

    Sightings at one camera in a row stay stops of their own: each was confirmed by itself.
    `position` is the camera's place at that time, null where it was not placed on the map;
    `ground` is where the one seen stood, null where the camera is not calibrated; without it they
    may have been up to `view_m` metres from `position`.

    `arrived`, `shot` and `left` are by the centre's clock: what the box measured its clock to be
    off by, `clock_offset_s`, is added to its own times, `box_arrived` and `box_left`. Null: it
    never measured it. `clock_s` is how far the times may still be off.
    """

    number: int
    sighting_id: UUID
    camera: str
    camera_name: str
    position: LonLat | None
    ground: Ground | None = None
    view_m: float = VIEW_M
    arrived: Instant
    shot: Instant
    left: Instant
    dwell_s: float
    box: str
    box_arrived: Instant
    box_left: Instant
    clock_offset_s: float | None
    clock_s: float
    object_class: ObjectClass
    plate: str | None = None

    @property
    def came(self) -> LonLat | None:
        """The best that is known of where it came into view."""
        return (self.ground and (self.ground.first or self.ground.shot)) or self.position

    @property
    def place(self) -> LonLat | None:
        """The best that is known of where it was in its picture."""
        return (self.ground and self.ground.shot) or self.position

    @property
    def went(self) -> LonLat | None:
        """The best that is known of where it left the view."""
        return (self.ground and (self.ground.last or self.ground.shot)) or self.position


class LegReason(Model):
    """Why a leg is what it is: a word for programs, its figures, and a sentence.

    Figures are metres and seconds.
    """

    code: str
    figures: dict[str, float | str]
    text: str


class LegExplanation(Model):
    """What would explain a contradiction; the likely ones come first.

    `offset_s` (`clock` alone): how far the second box's clock would have to be behind the first's;
    below 0, ahead of it.
    """

    kind: Blame
    code: str
    likely: bool
    offset_s: float | None
    figures: dict[str, float | str]
    text: str


class LegWay(Model):
    """A way that may have been taken. `seconds` as it usually takes by `mode`.

    `plausible`: the time sufficed. `unseen_m` of it are in no working camera's view; `passes` are
    other cameras whose views it passes between those of the two stops and that did not report it,
    `silent` those known not to have worked. `straight`: no street is known.
    """

    mode: Mode
    distance_m: float
    seconds: float
    plausible: bool
    straight: bool
    unseen_m: float
    passes: list[str]
    silent: list[str]
    geometry: dict[str, Any]


class LegGap(Model):
    """A part of a leg that no working camera looks at, metres along its geometry."""

    from_m: float
    to_m: float
    geometry: dict[str, Any]


class Leg(Model):
    """From one stop to the next.

    `duration_s` is from leaving to arriving; 0 where the next stop began before this one ended,
    by `overlap_s`. `distance_m` is along the way that is drawn, `straight_m` the shortest over the
    WGS 84 ellipsoid; both are null where a camera is not placed, and the same for a contradiction.
    `speed_m_s` is `distance_m` over the time between the two pictures: a camera's place stands for
    where the object was all the while it was seen, so views that touch, with no time between
    leaving and arriving, say nothing about speed. It is null without distance or where the second
    picture is not the later one.

    `geometry` is what may have been travelled: null for a contradiction and where nothing is
    known, a GeoJSON LineString, or a MultiLineString cut at the date line (RFC 7946, section
    3.1.9). `times` are seconds since the epoch at each place of a LineString, spread as the way
    usually takes; null where they cannot rise. `clock_s` is how far the two stops' times may be
    apart wrongly, `needed_s` the least that the way from view to view takes, `usual_s` what the
    way that is drawn usually takes by `mode`. `ways` has the drawn one first. `ask_again` are
    cameras whose pictures may have it: it passed them unreported, or they had it twice at once.

    Where a reason is `also`, reasons and explanations are of an earlier stop, which that reason
    names, and of the stop that the leg leads to.
    """

    from_: Annotated[int, Field(alias="from")]
    to: int
    type: LegType
    reason: Annotated[str, Field(description="all of `reasons` in words")]
    reasons: list[LegReason]
    explanations: list[LegExplanation] = []
    distance_m: float | None
    straight_m: float | None
    duration_s: float
    overlap_s: float
    speed_m_s: float | None
    clock_s: float
    needed_s: float | None
    usual_s: float | None
    mode: Mode | None
    ways: list[LegWay] = []
    gaps: list[LegGap] = []
    ask_again: list[str] = []
    geometry: dict[str, Any] | None
    times: list[float] | None

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)


class RouteSummary(Model):
    """A kept route in a list."""

    id: UUID
    name: str | None
    created_at: Instant
    stops: int
    version: int


class VersionSummary(Model):
    """A route as it once was. `made_by` is who asked, as the centre knows them."""

    version: int
    made_at: Instant
    made_by: str
    purpose: str | None
    stops: int


class Route(Model):
    """The way taken, as far as it was seen.

    `distance_m` adds up the legs that may have been travelled; `unplaced` names the cameras
    without a place. `duration_s` is from the first arrival to the last leaving. A route is kept as
    what it is, the record of a case, in every `version`: `expired` names the stops whose sightings
    were kept long enough and are gone, picture, vector and attributes. What stands here of them
    (camera, place, times) is all there is. `network` is the street network it was found on.
    """

    id: UUID
    name: str | None
    created_at: Instant
    version: int
    made_at: Instant
    made_by: str
    purpose: str | None
    searched: str | None
    software: str
    network: str | None
    stops: list[Stop]
    legs: list[Leg]
    distance_m: float
    duration_s: float
    unplaced: list[str]
    expired: list[UUID] = []
    geojson: dict[str, Any]


def seconds(start: datetime, end: datetime) -> float:
    """Seconds from `start` to `end`, to the millisecond."""
    return round((end - start).total_seconds(), 3)
