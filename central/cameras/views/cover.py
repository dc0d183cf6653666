"""How much of an area cameras see, and where nobody looks.

Everything is laid on one plane around the area, in an equal-area projection (Lambert's azimuthal,
Snyder, Map projections, USGS 1395, section 24), so that square metres are square metres.
"""

import json
from typing import Annotated, Any, NamedTuple, Self

from psycopg.errors import QueryCanceled
from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from central.cameras.polygons import Polygon, check_polygon
from central.errors import InputError
from central.values import LonLat, Model

MAX_RADIUS_M = 20_000.0
MAX_AREA_KM2 = 1_500.0
MAX_AROUND_KM = 1_000.0
MAX_VERTICES = 2_000
MAX_ASSUMED_M = 200.0
# Blind spots are drawn this exactly; what is smaller, or a gap narrower than a foot is long, is
# where two drawn edges do not quite meet.
_DETAIL_M = 0.5
_SMALLEST_M2 = 1.0
_NARROW_M = 0.15
_PIECE_M = 1_000
_M2_PER_KM2 = 1e6
_M_PER_KM = 1e3
_LONGEST_MS = 20_000

_EXAMPLE: JsonDict = {
    "radius": {"center": {"lon": 127.0276, "lat": 37.4979}, "metres": 500},
    "assumed_m": 30,
}

_AREA = text(
    """
    SELECT ST_Area(area), ST_Perimeter(area), ST_X(middle), ST_Y(middle)
    FROM (SELECT area, ST_Centroid(area)::geometry AS middle
        FROM (SELECT ST_GeomFromGeoJSON(:polygon)::geography AS area) AS given) AS measured
    """
)
_COVERED = text(
    f"""
    WITH asked AS (
        SELECT CAST(:lon AS float8) AS lon, CAST(:lat AS float8) AS lat,
            CAST(:metres AS float8) AS metres, CAST(:polygon AS text) AS polygon,
            CAST(:assumed_m AS float8) AS assumed_m
    ), given AS MATERIALIZED (
        SELECT ground, coalesce(metres, 0) AS metres, assumed_m, CASE WHEN polygon IS NULL
            THEN ST_Buffer(ST_MakePoint(0, 0), metres, 32)
            ELSE ST_SetSRID(ST_Transform(ground::geometry, :plane), 0) END AS area
        FROM asked, LATERAL (SELECT CASE WHEN polygon IS NULL
            THEN ST_MakePoint(lon, lat)::geography
            ELSE ST_Segmentize(ST_GeomFromGeoJSON(polygon)::geography, {_PIECE_M})
        END AS ground) AS drawn
    ), looking AS MATERIALIZED (
        SELECT id, coverage FROM cameras, given
        WHERE ST_DWithin(coverage, ground, metres)
    ), unknown AS MATERIALIZED (
        SELECT id, position, assumed_m, ST_DWithin(position, ground, metres) AS inside
        FROM cameras, given
        WHERE coverage IS NULL AND abs(ST_Y(position::geometry)) < 89.9
            AND ST_DWithin(position, ground, metres + assumed_m)
    ), seen AS (
        SELECT ST_Intersection(area, ST_UnaryUnion(ST_Collect(
            (SELECT ST_SetSRID(ST_Transform(ST_Collect(coverage::geometry), :plane), 0)
                FROM looking),
            (SELECT ST_Buffer(
                ST_SetSRID(ST_Transform(ST_Collect(position::geometry), :plane), 0), max(assumed_m)
            ) FROM unknown WHERE assumed_m > 0)
        ))) AS seen FROM given
    ), blind AS (
        SELECT area, coalesce(ST_Area(seen), 0) AS covered,
            CASE WHEN seen IS NULL THEN area ELSE ST_Difference(area, seen) END AS blind
        FROM given, seen
    ), spots AS (
        SELECT ST_Multi(ST_CollectionExtract(ST_Collect(
            ST_SimplifyPreserveTopology(spot.geom, {_DETAIL_M})), 3)) AS spots
        FROM blind, ST_Dump(ST_Buffer(
            ST_Buffer(blind, -{_NARROW_M}, 'join=mitre'), {_NARROW_M}, 'join=mitre'
        )) AS spot WHERE ST_Area(spot.geom) >= {_SMALLEST_M2}
    )
    SELECT ST_Area(area) AS area, covered,
        ST_AsGeoJSON(ST_Transform(spots, :plane, 4326), 7) AS spots,
        coalesce((SELECT array_agg(id ORDER BY id) FROM looking), '{{}}') AS looking,
        coalesce((SELECT array_agg(id ORDER BY id) FROM unknown WHERE inside), '{{}}') AS unknown,
        (SELECT count(*) FROM cameras WHERE position IS NULL) AS unplaced
    FROM blind, spots
    """  # noqa: S608 - constants
)


class CoverageRadius(Model):
    """Everything up to `metres` from `center`."""

    center: LonLat
    metres: Annotated[float, Field(ge=1, le=MAX_RADIUS_M, allow_inf_nan=False)]


class CoverageRequest(Model):
    """An area, as a polygon or a radius."""

    polygon: Polygon | None = None
    radius: CoverageRadius | None = None
    assumed_m: Annotated[
        float,
        Field(
            ge=0,
            le=MAX_ASSUMED_M,
            allow_inf_nan=False,
            description="cameras of unknown view count as circles of this radius; 0: not at all",
        ),
    ] = 0

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.polygon is None) == (self.radius is None):
            raise ValueError("give either a polygon or a radius")
        if self.polygon and sum(map(len, self.polygon.coordinates)) > MAX_VERTICES:
            raise ValueError(f"the polygon of an area has at most {MAX_VERTICES} vertices")
        return self


class Coverage(Model):
    """What of an area cameras see.

    `covered_m2` is the ground that one camera or more look at, `share` its share of `area_m2`, and
    `blind_spots` a GeoJSON MultiPolygon of the rest: drawn to half a metre, without those under a
    square metre or 0.3 m wide; null: there are none. `cameras` look at some of it. `unknown` stand
    in it, but nobody said what they see: they count only where `assumed_m` is given. `unplaced`
    are cameras without a place, wherever they are.
    """

    area_m2: float
    covered_m2: float
    share: float
    blind_spots: dict[str, Any] | None
    cameras: list[str]
    unknown: list[str]
    unplaced: int


class _Asked(NamedTuple):
    lon: float
    lat: float
    metres: float | None
    polygon: str | None


def covered(engine: Engine, request: CoverageRequest) -> Coverage:
    """How much of an area cameras see now.

    Raises:
        InputError: the polygon cannot be an area, or is larger than `MAX_AREA_KM2` or
            `MAX_AROUND_KM`, or has too many cameras.
    """
    with engine.connect() as connection:
        asked = _asked(connection, request)
        plane = f"+proj=laea +lat_0={asked.lat!r} +lon_0={asked.lon!r} +datum=WGS84 +units=m"
        values = {**asked._asdict(), "plane": plane, "assumed_m": request.assumed_m}
        connection.execute(text(f"SET LOCAL statement_timeout = {_LONGEST_MS}"))
        try:
            row = connection.execute(_COVERED, values).one()
        except OperationalError as error:
            if isinstance(error.orig, QueryCanceled):
                raise InputError(
                    f"the area has too many cameras to be told within {_LONGEST_MS / 1000:g} s; "
                    "choose a smaller one"
                ) from error
            raise
    return Coverage(
        area_m2=round(row.area, 1),
        covered_m2=round(row.covered, 1),
        share=round(min(row.covered / row.area, 1.0), 6),
        blind_spots=None if row.spots is None else json.loads(row.spots),
        cameras=row.looking,
        unknown=row.unknown,
        unplaced=row.unplaced,
    )


def _asked(connection: Connection, request: CoverageRequest) -> _Asked:
    if request.radius is not None:
        centre = request.radius.center
        return _Asked(centre.lon, centre.lat, request.radius.metres, None)
    polygon = request.polygon
    if polygon is None:
        raise InputError("give either a polygon or a radius")
    check_polygon(connection, polygon)
    written = polygon.model_dump_json()
    area, around, lon, lat = connection.execute(_AREA, {"polygon": written}).one()
    if area > MAX_AREA_KM2 * _M2_PER_KM2 or around > MAX_AROUND_KM * _M_PER_KM:
        raise InputError(
            f"the area has {area / _M2_PER_KM2:,.0f} km2 and an outline of "
            f"{around / _M_PER_KM:,.0f} km, over {MAX_AREA_KM2:,.0f} or {MAX_AROUND_KM:,.0f}; "
            "choose a part"
        )
    if area < _SMALLEST_M2:
        raise InputError("the polygon is smaller than a square metre; draw a larger one")
    return _Asked(lon, lat, None, written)
