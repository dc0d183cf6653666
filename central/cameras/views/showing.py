"""What a camera sees, as the API gives it."""

import json
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field
from sqlalchemy import Connection, Engine, text

from central.cameras import repository
from central.cameras.model import Azimuth, Camera
from central.cameras.views import derive, keeping
from central.cameras.views.model import View
from central.errors import InputError
from central.values import LonLat, Model

Source = Literal["polygon", "ground_points", "fov"]

_GEOJSON = text("SELECT ST_AsGeoJSON(area, 7), ST_Area(area) FROM ST_GeogFromText(:area) AS area")


class Seen(Model):
    """The ground a camera sees, and by what it is known.

    `coverage` is a GeoJSON Polygon, to be edited and sent back as the view's `polygon`; null: not
    known. Across the date line it is written plainly, from longitude 179 to -179. `off_m` says of
    each ground point how far it lies from where they all together put it, in metres.
    """

    source: Source | None
    coverage: dict[str, Any] | None
    area_m2: float | None
    off_m: list[float] | None


class Preview(Model):
    """A view to try. Position and azimuth are the camera's, unless said."""

    view: View
    position: LonLat | None = None
    azimuth_deg: Annotated[Azimuth | None, Field(description="clockwise from north")] = None

    model_config = {"json_schema_extra": {"examples": [{"view": {"fov_deg": 90, "far_m": 40}}]}}


def seen(engine: Engine, camera: str) -> Seen:
    """What `camera` sees.

    Raises:
        NotFoundError: there is none of that id.
    """
    with engine.connect() as connection:
        return _seen(connection, repository.one(connection, camera))


def preview(engine: Engine, camera: str, tried: Preview) -> Seen:
    """What `camera` would see; nothing is kept.

    Raises:
        NotFoundError: there is none of that id.
        InputError: the view cannot be, or the camera is not placed.
    """
    said = {name: getattr(tried, name) for name in tried.model_fields_set}
    with engine.connect() as connection:
        wanted = repository.one(connection, camera).model_copy(update=said)
        if wanted.position is None:
            raise InputError(f"camera {camera} is not placed; give a position to try the view at")
        return _seen(connection, wanted)


def _seen(connection: Connection, camera: Camera) -> Seen:
    view = camera.view
    (area,) = derive.areas(connection, [keeping.standing(camera)])
    if view is None or area is None:
        return Seen(source=None, coverage=None, area_m2=None, off_m=None)
    coverage, square_metres = connection.execute(_GEOJSON, {"area": area}).one()
    return Seen(
        source=_source(view),
        coverage=json.loads(coverage),
        area_m2=round(square_metres, 1),
        off_m=_off(view),
    )


def _source(view: View) -> Source:
    if view.polygon is not None:
        return "polygon"
    return "fov" if view.ground_points is None else "ground_points"


def _off(view: View) -> list[float] | None:
    calibration = view.calibration
    if calibration is None:
        return None
    off = calibration.metres(view.pictured) - calibration.plane.metres(view.places)
    return [round(float(metres), 2) for metres in np.hypot(*off.T)]
