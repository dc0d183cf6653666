"""Names of cameras and groups, for places in a sentence."""

import re
from collections.abc import Mapping, Sequence

from geoalchemy2 import Geometry
from sqlalchemy import Connection, Engine, Select, cast, func, or_, select

from central.asking.text.places import Place
from central.db.tables import camera_group_members, camera_groups, cameras
from central.values import LonLat

MAX_NAMES = 200
MAX_CAMERAS = 2_000
"""Cameras that one name may stand for; more have hardly that name in common."""


def find_places(engine: Engine, names: Sequence[str]) -> Mapping[str, Place]:
    """Which of `names` are groups, or parts of the names or addresses of cameras."""
    asked = list(names)[:MAX_NAMES]
    with engine.connect() as connection:
        groups = _groups(connection, asked)
        found = {name: groups[name] for name in asked if name in groups}
        for name in asked:
            if name not in found and (place := _cameras(connection, name)) is not None:
                found[name] = place
    return found


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
    return Place(None, ids, middle) if ids else None


def _located_query() -> Select[str, float | None, float | None]:
    point = cast(cameras.c.position, Geometry("POINT", srid=4326))
    return (
        select(cameras.c.id, func.ST_X(point), func.ST_Y(point))
        .order_by(cameras.c.id)
        .limit(MAX_CAMERAS)
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
