"""Choosing cameras: by radius, polygon, corridor, group, ids, or several of these together."""

from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple, Self
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import ColumnElement, Connection, Engine, Select, func, or_, select, text

from central.cameras import repository
from central.cameras.model import Camera
from central.cameras.polygons import MAX_VERTICES, Polygon, Position, check_polygon
from central.db.tables import camera_group_members, camera_groups, cameras, routes
from central.errors import NotFoundError
from central.values import Line, LonLat, Model
from shared.ids import CameraId

MAX_IDS = 20_000
MAX_GROUPS = 200
# Half the way around the earth: every camera there is.
MAX_METRES = 20_040_000.0
# Wider than any city: more is a radius or a polygon.
MAX_ASIDE = 50_000.0


class Radius(Model):
    """Everything up to `metres` from `center`, over the ellipsoid."""

    center: LonLat
    metres: Annotated[float, Field(gt=0, le=MAX_METRES, allow_inf_nan=False)]


class LineString(Model):
    """A GeoJSON LineString; its edges are the shortest ways over the earth."""

    type: Literal["LineString"]
    coordinates: Annotated[list[Position], Field(min_length=2, max_length=MAX_VERTICES)]


class Corridor(Model):
    """Everything up to `metres` on either side of a way, and as far around its ends.

    The way is a line, or what is kept of a route: its stops, and what of it was travelled.
    """

    line: LineString | None = None
    route: Annotated[UUID | None, Field(description="a kept route, in its newest version")] = None
    metres: Annotated[float, Field(gt=0, le=MAX_ASIDE, allow_inf_nan=False)]

    @model_validator(mode="after")
    def _is_along_one_way(self) -> Self:
        if (self.line is None) == (self.route is None):
            raise ValueError("a corridor is along a line or along a route: give one of them")
        return self


class CameraScope(Model):
    """Which cameras: those in each of the things that are named, together (the union)."""

    ids: Annotated[list[CameraId] | None, Field(max_length=MAX_IDS)] = None
    groups: Annotated[
        list[Line] | None, Field(max_length=MAX_GROUPS, description="names of camera groups")
    ] = None
    radius: Radius | None = None
    polygon: Polygon | None = None
    corridor: Corridor | None = None

    model_config = {
        "json_schema_extra": {
            "examples": [
                {"radius": {"center": {"lon": 127.0276, "lat": 37.4979}, "metres": 500}},
                {"ids": ["gangnam-017", "gangnam-018"]},
                {
                    "corridor": {
                        "line": {
                            "type": "LineString",
                            "coordinates": [[127.0276, 37.4979], [127.0276, 37.5040]],
                        },
                        "metres": 100,
                    }
                },
            ]
        }
    }

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if all(each is None for each in (self.ids, self.groups, *self.shapes)):
            raise ValueError("choose cameras by ids, groups, radius, polygon or corridor")
        return self

    @property
    def shapes(self) -> tuple[Radius | None, Polygon | None, Corridor | None]:
        """What is drawn on the map."""
        return self.radius, self.polygon, self.corridor


class Selection(NamedTuple):
    """Ids of the cameras in a scope, sorted, and those that were named but do not exist."""

    ids: list[str]
    unknown: list[str]


def resolve(engine: Engine, scope: CameraScope) -> Selection:
    """The cameras in `scope`.

    Raises:
        InputError: the polygon crosses itself, holds a pole or is too wide.
        NotFoundError: there is no such group, or no such route.
    """
    with engine.connect() as connection:
        if scope.groups:
            _check_groups(connection, scope.groups)
        if scope.corridor is not None and scope.corridor.route is not None:
            _check_route(connection, scope.corridor.route)
        if scope.polygon is not None:
            check_polygon(connection, scope.polygon)
        query = select(cameras.c.id).where(or_(*_conditions(scope)))
        ids = sorted(connection.execute(query).scalars())
    return Selection(ids, sorted(set(scope.ids or ()).difference(ids)))


def describe(engine: Engine, ids: list[str]) -> list[Camera]:
    """The cameras `ids`, in that order."""
    with engine.connect() as connection:
        found = repository.by_ids(connection, ids)
    return [found[camera] for camera in ids if camera in found]


def members_of(groups: Sequence[str]) -> Select[str]:
    """The cameras of `groups`, for an IN."""
    members = camera_group_members.c
    return select(members.camera).where(members.group_name == func.any(list(groups)))


def _conditions(scope: CameraScope) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if scope.radius is not None:
        center = func.ST_GeogFromText(repository.to_ewkt(scope.radius.center))
        conditions.append(func.ST_DWithin(cameras.c.position, center, scope.radius.metres))
    if scope.polygon is not None:
        area = func.ST_GeomFromGeoJSON(scope.polygon.model_dump_json())
        conditions.append(func.ST_Covers(func.geography(area), cameras.c.position))
    if scope.corridor is not None:
        conditions.append(_along(scope.corridor))
    if scope.ids is not None:
        conditions.append(cameras.c.id == func.any(scope.ids))
    if scope.groups is not None:
        conditions.append(cameras.c.id.in_(members_of(scope.groups)))
    return conditions


# A contradiction was never travelled, and a route of one moment has no path: stops count anyway.
_ALONG_ROUTE = text(
    """
    SELECT beside.id FROM (
        SELECT path::geography AS way
        FROM routes JOIN route_paths ON route = routes.id AND route_paths.version = routes.version
        WHERE routes.id = :route
        UNION ALL
        SELECT ST_MakePoint((stop #>> '{position,lon}')::float8,
            (stop #>> '{position,lat}')::float8)::geography
        FROM routes JOIN route_versions AS made
                ON made.route = routes.id AND made.version = routes.version,
            jsonb_array_elements(made.stops) AS stop
        WHERE routes.id = :route AND stop #>> '{position,lon}' IS NOT NULL
    ) AS known JOIN cameras AS beside ON ST_DWithin(beside.position, way, :aside_m)
    """
)


def _along(corridor: Corridor) -> ColumnElement[bool]:
    if corridor.line is None:
        asked = {"route": corridor.route, "aside_m": corridor.metres}
        return cameras.c.id.in_(_ALONG_ROUTE.bindparams(**asked).columns(id=cameras.c.id.type))
    way = func.geography(func.ST_GeomFromGeoJSON(corridor.line.model_dump_json()))
    return func.ST_DWithin(cameras.c.position, way, corridor.metres)


def _check_route(connection: Connection, route: UUID) -> None:
    if connection.execute(select(routes.c.id).where(routes.c.id == route)).first() is None:
        raise NotFoundError(f"there is no route {route}")


def _check_groups(connection: Connection, names: list[str]) -> None:
    """A group that is not there would silently leave its cameras out."""
    known = select(camera_groups.c.name).where(camera_groups.c.name == func.any(names))
    if absent := set(names).difference(connection.execute(known).scalars()):
        shown = ", ".join(sorted(absent)[:5])
        raise NotFoundError(f"there is no group of cameras called {shown}")
