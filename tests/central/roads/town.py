"""The made-up town of tests/fixtures/maps/town.osm, on the equator."""

from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine, text

from central.roads.importing import import_map
from central.roads.model import Network
from central.values import LonLat
from shared.clock import ManualClock
from tests.factories import MORNING_MS

TOWN = Path(__file__).parents[2] / "fixtures/maps/town.osm"

BLOCK_M = float(np.radians(0.001)) * 6_371_008.8
"""A thousandth of a degree of the equator, on the sphere of the mean radius."""
WALK = 1.34
STAIRS = 0.65
AT_25, AT_40 = 25 / 3.6, 40 / 3.6

PLACES = {
    "A": (0, 0),
    "B": (1, 0),
    "C": (2, 0),
    "D": (2, 1),
    "E": (0, 1),
    "F": (1, 1),
    "G": (4, 0),
    "K": (3, 1),
    "P": (4.5, 0.5),
    "Q": (5, 0),
    "R": (4.5, -0.5),
    "H": (6, 0),
    "I": (20, 0),
    "J": (21, 0),
}


def at(x: float, y: float) -> LonLat:
    """So many blocks east and north of A."""
    return LonLat(lon=127 + x / 1000, lat=y / 1000)


def place(name: str) -> LonLat:
    """Where a node of the town is."""
    return at(*PLACES[name])


def bring(engine: Engine, path: Path = TOWN) -> Network:
    """Import `path`."""
    return import_map(engine, path, ManualClock(MORNING_MS), lambda *_: None)


def put_camera(connection: Connection, name: str, where: LonLat) -> None:
    """Register a camera, or move it."""
    connection.execute(
        text(
            "INSERT INTO cameras (id, name, position) "
            "VALUES (:name, :name, ST_MakePoint(:lon, :lat)::geography) "
            "ON CONFLICT (id) DO UPDATE SET position = excluded.position, "
            "updated_at = clock_timestamp()"
        ),
        {"name": name, "lon": where.lon, "lat": where.lat},
    )
