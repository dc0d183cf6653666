"""What is known between cameras: the street network's times, and how far apart they are."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from geoalchemy2 import Geometry
from numpy.typing import NDArray
from sqlalchemy import Connection, cast, func, select

from central.db.tables import cameras
from central.roads import matrix
from central.roads.model import Mode
from central.search.reach import distances
from shared.classes import ObjectClass

Floats = NDArray[np.float64]

_POINT = cast(cameras.c.position, Geometry("POINT", srid=4326))


class Network(NamedTuple):
    """Cameras in one order, and all between them; NaN where nothing is known.

    `lon_lat` (C, 2) degrees; `metres` (C, C) straight; `usual_s` (C, C) seconds on the network as
    those of the class go, `fastest_s` (C, C) by the fastest way.
    """

    cameras: list[str]
    lon_lat: Floats
    metres: Floats
    usual_s: Floats
    fastest_s: Floats


def mode_of(shows: ObjectClass) -> Mode:
    """How those of a class usually go."""
    return Mode.WALK if shows is ObjectClass.PERSON else Mode.DRIVE


def between(
    connection: Connection,
    names: Sequence[str],
    shows: ObjectClass,
    stood: Mapping[str, tuple[float, float]] | None = None,
) -> Network:
    """All between the cameras `names`, for those of a class.

    `stood`: places (longitude, latitude) of those names that are no camera's, but of where one
    stood that was moved since.
    """
    query = select(cameras.c.id, func.ST_X(_POINT), func.ST_Y(_POINT))
    query = query.where(cameras.c.id == func.any(list(names)), cameras.c.position.is_not(None))
    places = {name: (lon, lat) for name, lon, lat in connection.execute(query)} | dict(stood or {})
    lon_lat = np.array([places.get(name, (np.nan, np.nan)) for name in names]).reshape(-1, 2)
    known = matrix.seconds(connection, names, names)
    for each in (known.walk, known.drive):
        np.fill_diagonal(each, 0.0)
    on_foot = mode_of(shows) is Mode.WALK
    usual, fastest = (known.walk, known.fastest) if on_foot else (known.drive, known.drive)
    return Network(list(names), lon_lat, distances(lon_lat, lon_lat), usual, fastest)
