"""What is asked of where somebody is next, and what is answered."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from central.values import Instant, Line, LonLat, Model

MAX_MINUTES = 240
MAX_MOMENTS = 6
MAX_DESTINATIONS = 20
MAX_CAMERAS = 100

_EXAMPLE: JsonDict = {
    "modes": ["walk", "bus"],
    "minutes": [0, 5, 10],
    "destinations": [
        {"place": {"lon": 127.0301, "lat": 37.4953}, "weight": 0.5, "name": "former home"}
    ],
    "purpose": "missing person, report 2026-0131",
}


class Means(StrEnum):
    """How the target may get on."""

    WALK = "walk"
    CAR = "car"
    BUS = "bus"


class Destination(Model):
    """Where the target may be going: home, a former home, a bus stop. `weight` is how probable.

    What the weights lack to 1 is for going anywhere.
    """

    place: LonLat
    weight: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.3
    name: Line | None = None


Modes = Annotated[list[Means], Field(min_length=1, max_length=len(Means))]
Moments = Annotated[
    list[Annotated[int, Field(ge=0, le=MAX_MINUTES)]],
    Field(min_length=1, max_length=MAX_MOMENTS, description="minutes from `now`"),
]


class NextRequest(Model):
    """`now` null: by the centre's clock. Areas are given for `now` and some minutes later."""

    now: Instant | None = None
    modes: Modes = [Means.WALK]
    minutes: Moments = [0]
    horizon_min: Annotated[int, Field(ge=1, le=120, description="how soon is soon")] = 10
    destinations: Annotated[list[Destination], Field(max_length=MAX_DESTINATIONS)] = []
    most: Annotated[int, Field(ge=1, le=MAX_CAMERAS, description="cameras")] = 20
    purpose: Annotated[Line | None, Field(description="why; written to the log")] = None

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class NextOfSighting(NextRequest):
    """The same from any sighting, where there is no route yet."""

    sighting_id: UUID

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"sighting_id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b", **_EXAMPLE}]
        }
    )


class ReachableArea(Model):
    """Where the target can be `minutes` from `now`, a GeoJSON Polygon or MultiPolygon.

    `seconds` since it was last seen. `straight`: no street network, so it is a circle as wide as
    one gets in a straight line; null geometry: longer ago than an area means anything.
    """

    means: Means
    minutes: int
    seconds: float
    straight: bool
    edges: int | None
    geometry: dict[str, Any] | None


class NextCamera(Model):
    """A camera to look at, `rank` from 1.

    `chance` that it is the next to see the target, `soon` that it does within the horizon. Look at
    it from `from` to `to`, nine times of ten it is then, if it is; most likely around `likely`.
    `usual_s` is how long it takes from the last stop, 5th to 95th percentile; `learnt`: from
    certain trips. `passed` is how many other cameras lie on the way.
    """

    rank: int
    camera: str
    camera_name: str
    position: LonLat | None
    chance: float
    soon: float
    from_: Annotated[Instant, Field(alias="from")]
    likely: Instant
    to: Instant
    usual_s: tuple[float, float]
    learnt: bool
    passed: int
    text: str

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)


class NextAnswer(Model):
    """Where the target can be, and who is likely to see it next.

    `last_seen` and `camera` are the last stop's. `cameras` less likely than 0.005 are left out.
    `unseen` is the chance that no camera here sees it next; it grows as nothing turns up. `note`
    says what was not known.
    """

    sighting_id: UUID
    camera: str
    last_seen: Instant
    now: Instant
    elapsed_s: float
    areas: list[ReachableArea]
    cameras: list[NextCamera]
    unseen: float
    note: str | None
