"""Areas that somebody drew on the map."""

import json
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from sqlalchemy import Connection, func, select

from central.errors import InputError
from central.values import Latitude, Longitude, Model

MAX_VERTICES = 10_000
_HALF_TURN = 180.0
_CLOSED_RING = 4

Position = tuple[Longitude, Latitude]
Ring = Annotated[list[Position], Field(min_length=_CLOSED_RING, max_length=MAX_VERTICES)]


class Polygon(Model):
    """A GeoJSON Polygon, its border included.

    Its edges are the shortest ways over the earth, so one that crosses the date line is written
    plainly, e.g. from longitude 179 to -179. It is narrower than 180 degrees and holds no pole.
    """

    type: Literal["Polygon"]
    coordinates: Annotated[list[Ring], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(ring[0] != ring[-1] for ring in self.coordinates):
            raise ValueError("a ring must end where it begins")
        if sum(map(len, self.coordinates)) > MAX_VERTICES:
            raise ValueError(f"a polygon has at most {MAX_VERTICES} vertices, all rings together")
        return self


def check_polygon(connection: Connection, polygon: Polygon) -> None:
    """Refuse what cannot be an area; judged on a plane, longitudes unrolled over the date line.

    Raises:
        InputError: the polygon crosses itself (the message says where), holds a pole or is too
            wide.
    """
    start = polygon.coordinates[0][0][0]
    rings = [_unrolled(ring, start) for ring in polygon.coordinates]
    longitudes = [longitude for ring in rings for longitude, _ in ring]
    if max(longitudes) - min(longitudes) >= _HALF_TURN:
        raise InputError("the polygon is 180 degrees wide or more; choose a narrower one")
    plane = json.dumps({"type": "Polygon", "coordinates": rings})
    reason = connection.execute(
        select(func.ST_IsValidReason(func.ST_GeomFromGeoJSON(plane)))
    ).scalar_one()
    if reason != "Valid Geometry":
        raise InputError(f"the polygon is not valid: {reason}; draw it so that no edges cross")


def _unrolled(ring: list[Position], near: float) -> list[tuple[float, float]]:
    """`ring` with each longitude within half a turn of the one before (of `near`, the first)."""
    unrolled: list[tuple[float, float]] = []
    before = near
    for longitude, latitude in ring:
        turns = round((longitude - before) / 360)
        before = longitude - 360 * turns
        unrolled.append((before, latitude))
    if unrolled[0] != unrolled[-1]:
        raise InputError("the polygon goes around a pole; choose by radius there")
    return unrolled
