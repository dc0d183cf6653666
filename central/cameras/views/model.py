"""What a camera sees, as it is said by whoever installed it."""

from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, model_validator
from pydantic.config import JsonDict

from central.cameras.polygons import Polygon
from central.cameras.views.calibration import LEAST_POINTS, Calibration, fit
from central.values import Latitude, Longitude, Model

Floats = NDArray[np.float64]

# No camera of a city tells a person from a post farther away; a place that is, is a slip.
MAX_REACH_M = 5_000.0
MAX_POINTS = 20
MAX_VERTICES = 1_000
_MAX_SIDE = 32_768
_QUARTER = 90
# To be given to `View.model_validate`: what is read was checked on its way in.
STORED = {"stored": True}

_EXAMPLE: JsonDict = {"fov_deg": 90, "near_m": 3, "far_m": 40}

Side = Annotated[int, Field(ge=1, le=_MAX_SIDE)]
Metres = Annotated[float, Field(ge=0, le=MAX_REACH_M, allow_inf_nan=False)]


class PictureSize(Model):
    """A picture's size in pixels."""

    width: Side
    height: Side


class GroundPoint(Model):
    """A spot of the ground, in the picture and on the map.

    `x` is counted from the left and `y` from the top: as shares of the picture, 0 to 1, or in
    pixels where the view has a `picture`.
    """

    x: Annotated[float, Field(ge=0, le=_MAX_SIDE, allow_inf_nan=False)]
    y: Annotated[float, Field(ge=0, le=_MAX_SIDE, allow_inf_nan=False)]
    lon: Longitude
    lat: Latitude


class View(Model):
    """What ground a camera sees.

    Of several descriptions the first there is counts:

    1. `polygon`, drawn or edited by hand;
    2. `ground_points`, four or more (no three of four on one line): the picture laid on the
       ground as far as `far_m` (twice as far as the farthest point, unless said) and below the
       horizon. They alone give sightings a ground position;
    3. `fov_deg` around the camera's azimuth, from `near_m` (0 unless said) to `far_m`: a piece of
       a ring; with 360 degrees all around, where no azimuth is needed.

    Without any, or without the azimuth that the third needs, what it sees is not known.
    `polygon` and `ground_points` belong to a place: a camera that moves needs them anew.
    """

    fov_deg: Annotated[
        float | None,
        Field(ge=1, le=360, allow_inf_nan=False, description="horizontal field of view"),
    ] = None
    near_m: Annotated[
        Metres | None, Field(description="nearer ground it does not see; of a field of view")
    ] = None
    far_m: Annotated[Metres | None, Field(ge=1, description="how far it tells people apart")] = None
    ground_points: Annotated[
        list[GroundPoint] | None,
        Field(min_length=LEAST_POINTS, max_length=MAX_POINTS),
    ] = None
    picture: Annotated[
        PictureSize | None, Field(description="of what ground points are pixels; null: shares")
    ] = None
    polygon: Polygon | None = None

    model_config = {"json_schema_extra": {"examples": [_EXAMPLE]}}

    @model_validator(mode="before")
    @classmethod
    def _longitude_first(cls, values: Any) -> Any:  # noqa: ANN401 - before validation
        points = values.get("ground_points") if isinstance(values, dict) else None
        for number, point in enumerate(points if isinstance(points, list) else (), start=1):
            lat = point.get("lat") if isinstance(point, dict) else None
            if isinstance(lat, int | float) and abs(lat) > _QUARTER:
                raise ValueError(
                    f"ground point {number} has the latitude {lat}, outside the world: are "
                    "longitude and latitude swapped?"
                )
        return values

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> Self:
        if info.context != STORED:
            self._check_limits()
            self._check_points()
        return self

    @property
    def is_bound_to_place(self) -> bool:
        """Whether a camera that moves needs it anew."""
        return self.polygon is not None or self.ground_points is not None

    @property
    def places(self) -> Floats:
        """(N, 2) longitudes and latitudes of the ground points."""
        return np.array([(point.lon, point.lat) for point in self.ground_points or ()])

    @property
    def pictured(self) -> Floats:
        """(N, 2) shares of the picture at which the ground points are."""
        size = self.picture
        side = (size.width, size.height) if size else (1, 1)
        return np.array([(point.x, point.y) for point in self.ground_points or ()]) / side

    @property
    def calibration(self) -> Calibration | None:
        """How the picture lies on the ground; None: there are no ground points."""
        return None if self.ground_points is None else fit(self.pictured, self.places)

    def _check_limits(self) -> None:
        if self.near_m is not None and self.far_m is not None and self.near_m >= self.far_m:
            raise ValueError(f"near_m, {self.near_m:g}, must be less than far_m, {self.far_m:g}")
        if self.is_bound_to_place:
            return
        if self.fov_deg is None:
            raise ValueError("describe a view by fov_deg and far_m, ground_points, or a polygon")
        if self.far_m is None:
            raise ValueError("a view by fov_deg needs far_m, how far it reaches")

    def _check_points(self) -> None:
        size = self.picture
        width, height = (size.width, size.height) if size else (1, 1)
        for number, point in enumerate(self.ground_points or (), start=1):
            if point.x > width or point.y > height:
                raise ValueError(
                    f"ground point {number} lies at ({point.x:g}, {point.y:g}), outside the "
                    f"picture of {width} x {height}; for pixels give the size of the `picture`"
                )
        if self.polygon is not None and sum(map(len, self.polygon.coordinates)) > MAX_VERTICES:
            raise ValueError(f"a camera's polygon has at most {MAX_VERTICES} vertices")
        _ = self.calibration
