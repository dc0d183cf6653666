"""How long choosing cameras by radius takes among 10,000, as the API does it.

Cameras stand at random over 30 by 30 km, which is a city; half of them have a view. What is timed
is `central.cameras.selection.resolve` for a radius of 500 m around one place after another.
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, text

from central.cameras.selection import CameraScope, Radius, resolve
from central.db.engine import make_engine
from central.db.migrate import migrate
from central.values import LonLat
from deploy.local.stack import LocalStack

CAMERAS = 10_000
METRES = 500.0
ROUNDS = 500
_WARM_UP = 20
_WEST, _SOUTH, _WIDE, _HIGH = 126.85, 37.43, 0.34, 0.27
_FILL = text(
    """
    INSERT INTO cameras (id, name, position, coverage)
    SELECT 'camera-' || number, 'name', place, CASE WHEN number % 2 = 0
        THEN ST_Buffer(place, 30) END
    FROM (SELECT number, ST_MakePoint(lon, lat)::geography AS place
        FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) WITH ORDINALITY
            AS given (lon, lat, number)) AS placed
    """
)


def fill(engine: Engine, rng: np.random.Generator, count: int = CAMERAS) -> None:
    """Put `count` cameras at random over a city into an empty database."""
    values = {
        "lons": (_WEST + _WIDE * rng.random(count)).tolist(),
        "lats": (_SOUTH + _HIGH * rng.random(count)).tolist(),
    }
    with engine.begin() as connection:
        connection.execute(_FILL, values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE cameras"))


def radius_10k_ms(engine: Engine, rng: np.random.Generator) -> dict[str, float]:
    """Milliseconds of `ROUNDS` choices in a database that `fill` filled: p50, p95, and found."""
    taken: list[float] = []
    found: list[int] = []
    for number in range(_WARM_UP + ROUNDS):
        lon = _WEST + _WIDE * (0.1 + 0.8 * rng.random())
        lat = _SOUTH + _HIGH * (0.1 + 0.8 * rng.random())
        scope = CameraScope(radius=Radius(center=LonLat(lon=lon, lat=lat), metres=METRES))
        started = time.perf_counter()
        chosen = resolve(engine, scope)
        if number >= _WARM_UP:
            taken.append(1_000 * (time.perf_counter() - started))
            found.append(len(chosen.ids))
    p50, p95 = np.percentile(taken, [50, 95])
    return {
        "p50": round(float(p50), 2),
        "p95": round(float(p95), 2),
        "cameras_found": round(statistics.mean(found), 1),
    }


def main() -> None:
    """Measure in a private database."""
    with (
        tempfile.TemporaryDirectory(prefix="dongseon-radius-") as folder,
        LocalStack(Path(folder)) as stack,
    ):
        url = stack.database.create("radius")
        migrate(url)
        engine = make_engine(url)
        rng = np.random.default_rng(20_260_131)
        fill(engine, rng)
        json.dump({"radius_10k_ms": radius_10k_ms(engine, rng)}, sys.stdout)
        engine.dispose()


if __name__ == "__main__":
    main()
