"""Routes of many stops on the made city of 200,000 edges: how long they take to build."""

import json
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Engine, text

from central.db.partitions import ensure_partitions
from central.routes import repository
from central.routes.model import RouteRequest, StopRequest
from central.values import LonLat
from deploy.local.stack import LocalStack
from shared.clock import ManualClock, to_ms
from shared.ids import uuid7
from shared.logs import configure_logs
from tests.bench.routing.roads import bring_city, database

Figures = dict[str, Any]

STOPS = (20, 60, 500)
CAMERAS = 300
_BEGIN = datetime(2026, 7, 20, tzinfo=UTC)
# Cameras are this far apart, in steps of a thousandth of a degree, about 100 m.
_APART = 4
_PAUSE_S = 170
_SIGHTING = text(
    """
    INSERT INTO sightings (
        day, id, revision, ended, box, channel, camera, object_class, first_seen, last_seen, shot,
        frame_width, frame_height, rect, first_rect, last_rect, confidence, quality, detections,
        crops_used, space, vector_scale, vector, crop_width, crop_height, crop_bytes,
        message_bytes, clock_offset_ms
    ) VALUES (
        :day, :id, 1, true, 'box-1', 'north', :camera, 'person', :first, :last, :first,
        1280, 720, '{0,0,1,1}', '{0,0,1,1}', '{0,0,1,1}', 0.5, 0.5, 1, 1, 'space', 1, '', 64, 64,
        99, 999, 0
    )
    """
)


def measure(stack: LocalStack) -> Figures:
    """Seconds to build and keep a route of each number of `STOPS`; `route_500_stops_s` besides."""
    with database(stack) as engine:
        bring_city(engine)
        ids = _walk(engine, max(STOPS))
        rows = [_build(engine, ids[:stops]) for stops in STOPS]
    return {"routes": rows, "route_500_stops_s": rows[-1]["seconds"]}


def route_500_stops_s(stack: LocalStack) -> float:
    """Seconds to build and keep a route of 500 stops, the most that is taken."""
    return float(measure(stack)["route_500_stops_s"])


def _build(engine: Engine, ids: list[UUID]) -> Figures:
    request = RouteRequest(stops=[StopRequest(sighting_id=each) for each in ids])
    clock = ManualClock(to_ms(_BEGIN) + 86_400_000)
    began = perf_counter()
    route = repository.create(engine, clock, request)
    took = perf_counter() - began
    types = [leg.type.value for leg in route.legs]
    return {
        "stops": len(ids),
        "seconds": round(took, 2),
        "ways": sum(len(leg.ways) for leg in route.legs),
        "mb": round(len(route.model_dump_json()) / 1e6, 2),
        **{kind: types.count(kind) for kind in sorted(set(types))},
    }


def _walk(engine: Engine, stops: int) -> list[UUID]:
    """Sightings of somebody who strolls from camera to camera, a few hundred metres each time."""
    rng = np.random.default_rng(4)
    side = int(CAMERAS**0.5)
    at, ids = np.array([side // 2, side // 2]), list[UUID]()
    days = [(_BEGIN + timedelta(days=day)).date() for day in range(3)]
    ensure_partitions(engine, days, to_ms(_BEGIN))
    with engine.begin() as connection:
        for x in range(side):
            for y in range(side):
                _camera(connection, x, y)
        for number in range(stops):
            first = _BEGIN + timedelta(seconds=number * (5 + 2 * _PAUSE_S))
            ids.append(_sighting(connection, f"bench-{at[0]}-{at[1]}", first))
            at = np.clip(at + rng.integers(-1, 2, 2), 0, side - 1)
    return ids


def _camera(connection: Connection, x: int, y: int) -> None:
    place = LonLat(lon=127.0 + x * _APART / 1000, lat=37.5 + y * _APART / 1000)
    connection.execute(
        text(
            "INSERT INTO cameras (id, name, position) "
            "VALUES (:name, :name, ST_MakePoint(:lon, :lat)::geography)"
        ),
        {"name": f"bench-{x}-{y}", "lon": place.lon, "lat": place.lat},
    )


def _sighting(connection: Connection, camera: str, first: datetime) -> UUID:
    identifier = uuid7(to_ms(first))
    values = {"day": first.date(), "id": identifier, "camera": camera, "first": first}
    connection.execute(_SIGHTING, {**values, "last": first + timedelta(seconds=5)})
    return identifier


def main() -> None:
    """Measure this part alone; JSON goes to standard output."""
    configure_logs(json=False, level="warning")
    home = Path(tempfile.mkdtemp(prefix="bench-legs-"))
    # The servers run as other users, who must be able to enter.
    home.chmod(0o755)
    try:
        with LocalStack(home) as stack:
            json.dump(measure(stack), sys.stdout, indent=1)
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
