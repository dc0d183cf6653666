"""Names of cameras and groups, for places in a sentence."""

import re
from collections.abc import Mapping, Sequence

from geoalchemy2 import Geometry
from sqlalchemy import Connection, Engine, Select, cast, func, or_, select

from central.asking.text.places import Place
from central.db.tables import camera_group_members, camera_groups, cameras
from central.values import LonLat

MAX_NAMES = 60
MAX_CAMERAS = 20_000
"""Cameras that one name may stand for, which is what a search may name."""


def find_places(engine: Engine, names: Sequence[str]) -> Mapping[str, Place]:
    """The first of `names` (in lower case) that is a group, or in the names of cameras.

    Only the first `MAX_NAMES` are looked up. Addresses count as names; a name that more than
    `MAX_CAMERAS` have is none.
    """
    asked = list(names)[:MAX_NAMES]
    with engine.connect() as connection:
        groups = _groups(connection, asked)
        for name in asked:
            place = groups.get(name) or _cameras(connection, name)
            if place is not None:
                return {name: place}
    return {}


def _groups(connection: Connection, names: list[str]) -> dict[str, Place]:
    lowered = func.lower(camera_groups.c.name)
    query = select(camera_groups.c.name).where(lowered.in_(names))
    groups = list(connection.execute(query).scalars())
    return {name.lower(): _group(connection, name) for name in groups}


def _group(connection: Connection, name: str) -> Place:
    members = select(camera_group_members.c.camera).where(camera_group_members.c.group_name == name)
    ids, middle = _located(connection, _located_query().where(cameras.c.id.in_(members)))
    return Place(name, ids, middle)


def _cameras(connection: Connection, name: str) -> Place | None:
    pattern = "%" + re.sub(r"([\\%_])", r"\\\1", name) + "%"
    query = _located_query().where(
        or_(cameras.c.name.ilike(pattern), cameras.c.address.ilike(pattern), cameras.c.id == name)
    )
    ids, middle = _located(connection, query)
    return Place(None, ids, middle) if 0 < len(ids) <= MAX_CAMERAS else None


def _located_query() -> Select[str, float | None, float | None]:
    point = cast(cameras.c.position, Geometry("POINT", srid=4326))
    return (
        select(cameras.c.id, func.ST_X(point), func.ST_Y(point))
        .order_by(cameras.c.id)
        .limit(MAX_CAMERAS + 1)
    )


def _located(
    connection: Connection, query: Select[str, float | None, float | None]
) -> tuple[tuple[str, ...], LonLat | None]:
    """Ids, and the middle of those that are placed.

    The middle of degrees: a name spans a quarter, not the date line.
    """
    rows = list(connection.execute(query))
    placed = [(lon, lat) for _, lon, lat in rows if lon is not None and lat is not None]
    if not placed:
        return tuple(row[0] for row in rows), None
    lon = sum(each[0] for each in placed) / len(placed)
    lat = sum(each[1] for each in placed) / len(placed)
    return tuple(row[0] for row in rows), LonLat(lon=lon, lat=lat)
