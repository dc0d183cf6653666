"""How long it takes to choose the cameras within 500 m, of 10,000."""

import statistics
from time import perf_counter

import numpy as np
from sqlalchemy import Engine

from central.cameras import repository
from central.cameras.model import NewCamera
from central.cameras.selection import CameraScope, Radius, resolve
from central.values import LonLat

CAMERAS = 10_000
METRES = 500.0
_TIMES = 50
_BATCH = 1_000
_CENTRE = (127.0, 37.5)
_SPREAD = (0.2, 0.16)
"""Degrees: about 18 by 18 km."""


def measure(engine: Engine) -> dict[str, float]:
    """Median and 95th percentile in milliseconds, and how many were found in the middle."""
    rng = np.random.default_rng(2)
    places = np.array(_CENTRE) + rng.uniform(-0.5, 0.5, (CAMERAS, 2)) * np.array(_SPREAD)
    made = [
        NewCamera(id=f"cam-{number}", name=f"cam-{number}", position=LonLat(lon=lon, lat=lat))
        for number, (lon, lat) in enumerate(places.tolist())
    ]
    with engine.begin() as connection:
        for start in range(0, CAMERAS, _BATCH):
            repository.upsert(connection, made[start : start + _BATCH])
    taken, found = [], 0
    for lon, lat in places[:_TIMES].tolist():
        scope = CameraScope(radius=Radius(center=LonLat(lon=lon, lat=lat), metres=METRES))
        began = perf_counter()
        found += len(resolve(engine, scope).ids)
        taken.append((perf_counter() - began) * 1000)
    return {
        "radius_10k_ms": round(statistics.median(taken), 2),
        "radius_10k_p95_ms": round(float(np.percentile(taken, 95)), 2),
        "radius_10k_found": round(found / _TIMES, 1),
    }
