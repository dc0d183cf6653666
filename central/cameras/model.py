"""A camera as it is registered, asked for and changed."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator
from pydantic.config import JsonDict

from central.cameras.views.model import View
from central.values import Instant, Line, LonLat, Model, Properties
from shared.ids import BoxName, CameraId

# Kept as float4, which takes neither 1e-200 nor more than seven digits.
_Rounded = AfterValidator(lambda value: round(value, 3))
Height = Annotated[float, Field(ge=-500, le=9_000, allow_inf_nan=False), _Rounded]
Azimuth = Annotated[float, Field(ge=0, le=360, allow_inf_nan=False), _Rounded]

_EXAMPLE: JsonDict = {
    "id": "gangnam-017",
    "name": "Gangnam station, exit 3",
    "position": {"lon": 127.0276, "lat": 37.4979},
    "box": "box-1",
    "height_m": 5.5,
    "azimuth_deg": 120,
    "view": {"fov_deg": 90, "near_m": 3, "far_m": 40},
}


class NewCamera(Model):
    """A camera to register. A null `position` means: not placed on the map yet."""

    id: CameraId
    name: Line
    box: Annotated[BoxName | None, Field(description="null: any box may send for it")] = None
    position: LonLat | None = None
    height_m: Annotated[Height | None, Field(description="metres above the ground")] = None
    azimuth_deg: Annotated[
        Azimuth | None, Field(description="where it looks, clockwise from north")
    ] = None
    purpose: Line | None = None
    address: Line | None = None
    properties: Properties = {}
    view: Annotated[View | None, Field(description="what ground it sees; null: not known")] = None

    model_config = {"json_schema_extra": {"examples": [_EXAMPLE]}}


class Camera(NewCamera):
    """A registered camera. `sightings` is counted only where one camera is asked for."""

    sightings: int | None = None


class CameraChange(Model):
    """What to change; a key that is not there stays as it is, null empties.

    A camera that moves (by over a metre) takes its field of view along; a polygon by hand or ground
    points belong to a place, and are given anew, or null, with the new position. What was seen
    before keeps the place it had: `valid_from` says since when `position`, `azimuth_deg` and
    `view` are so, now unless given, and corrects what was said of the time since.
    """

    name: Line | None = None
    box: BoxName | None = None
    position: LonLat | None = None
    height_m: Height | None = None
    azimuth_deg: Azimuth | None = None
    purpose: Line | None = None
    address: Line | None = None
    properties: Properties | None = None
    view: View | None = None
    valid_from: Instant | None = None

    model_config = {"json_schema_extra": {"examples": [{"position": {"lon": 127.03, "lat": 37.5}}]}}

    @model_validator(mode="before")
    @classmethod
    def _keep_what_every_camera_has(cls, values: Any) -> Any:  # noqa: ANN401 - before validation
        for key in ("name", "properties"):
            if isinstance(values, dict) and key in values and values[key] is None:
                raise ValueError(f"{key} cannot be null")
        return values


class Rejected(Model):
    """A row that was not imported. `row` counts from 1, without the heading."""

    row: int
    reason: str
    values: dict[str, str]


class ImportReport(Model):
    """What an import did. At most `MAX_REJECTED` rejected rows are listed, all are counted."""

    created: int
    updated: int
    unchanged: int
    rejected: list[Rejected]
    rejected_total: int
