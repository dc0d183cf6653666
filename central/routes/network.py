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
    fastest = _seconds(connection, names, Mode.DRIVE)
    usual = fastest
    if mode_of(shows) is Mode.WALK:
        usual = _seconds(connection, names, Mode.WALK)
        # Whoever is on foot may take a car, so without its time the fastest is not known.
        fastest = np.where(np.isnan(fastest), np.nan, np.fmin(fastest, usual))
    return Network(list(names), lon_lat, distances(lon_lat, lon_lat), usual, fastest)


def _seconds(connection: Connection, names: Sequence[str], mode: Mode) -> Floats:
    found = matrix.seconds(connection, names, names, mode)
    np.fill_diagonal(found, 0.0)
    return found
