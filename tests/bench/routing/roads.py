"""The street network's part of the benchmark of routes.

A made city of 200,000 edges, 31 km across, and the two real extracts: how long an import, an area,
the ways of a route and the travel times of cameras take. Every database is a new one.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

import numpy as np
from sqlalchemy import Connection, Engine, text

from central.db.engine import make_engine
from central.db.migrate import migrate
from central.roads import area, standing, times, ways
from central.roads.drawn import Drawn, Edges
from central.roads.importing import import_map, keep
from central.roads.model import Mode, Network, Trip
from central.roads.tags import DRIVE_KMH, KMH, WALK_M_S, Street, Use
from central.values import LonLat
from deploy.local.stack import LocalStack
from shared.clock import SystemClock
from tests.bench.data import shared_data

EXTRACTS = ("seoul_mapo_manri.osm", "andorra.osm.pbf")
SIDE = 317
"""Crossings each way: 2 x 317 x 316 = 200,344 edges."""
_STEP = 0.001
_ORIGIN = (126.9, 37.4)
_KINDS = {"residential": 0.7, "tertiary": 0.2, "primary": 0.1}
_TIMES = 20

Figures = dict[str, Any]


def measure(stack: LocalStack, cameras: int = 300) -> Figures:
    """All of it; `cameras` are those whose travel times are found."""
    with database(stack) as engine:
        extracts = {name: import_seconds(engine, name) for name in EXTRACTS}
    with database(stack) as engine:
        began = perf_counter()
        network = bring_city(engine)
        imported = perf_counter() - began
        areas = isochrones(engine)
        return {
            "isochrone_200k_ms": max(area["p95_ms"] for area in areas),
            "import_s": extracts | {f"made, {network.edges} edges": round(imported, 2)},
            "areas_200k": areas,
            "ways_of_20_legs_ms": twenty_legs(engine),
            "travel_times": travel_times(engine, cameras),
        }


@contextmanager
def database(stack: LocalStack) -> Iterator[Engine]:
    """A new database with the centre's schema."""
    name = f"roads_{uuid4().hex}"
    url = stack.database.create(name)
    migrate(url)
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()
        stack.database.drop(name)


def import_seconds(engine: Engine, name: str) -> float | None:
    """Seconds to import a real extract; None where there is none."""
    path = shared_data() / "geo" / name
    if not path.is_file():
        return None
    began = perf_counter()
    import_map(engine, path, SystemClock(), _untold)
    return round(perf_counter() - began, 2)


def bring_city(engine: Engine, side: int = SIDE) -> Network:
    """Import a made city of `side` x `side` crossings about 100 m apart."""
    return keep(engine, made_city(side), "made", SystemClock(), _untold)


def made_city(side: int = SIDE, seed: int = 1) -> Drawn:
    """A crooked grid of streets: 70 % residential, 20 % tertiary, 10 % primary."""
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(np.arange(side), np.arange(side), indexing="ij"), -1).reshape(-1, 2)
    lon_lat = np.array(_ORIGIN) + (at + rng.uniform(-0.2, 0.2, at.shape)) * _STEP
    number = np.arange(side * side).reshape(side, side)
    pairs = [(number[:-1], number[1:]), (number[:, :-1], number[:, 1:])]
    ends = np.concatenate([np.stack([a.ravel(), b.ravel()], axis=1) for a, b in pairs])
    walk = Use(WALK_M_S, WALK_M_S)
    kinds = [
        Street(kind, None, walk, Use(DRIVE_KMH[kind] * KMH, DRIVE_KMH[kind] * KMH), False, False)
        for kind in _KINDS
    ]
    chosen = rng.choice(len(kinds), len(ends), p=list(_KINDS.values()))
    edges = Edges(
        ends=[(int(a), int(b)) for a, b in ends],
        ways=list(range(len(ends))),
        streets=[kinds[kind] for kind in chosen],
        lines=[lon_lat[pair] for pair in ends],
    )
    return Drawn(np.arange(side * side), lon_lat, edges, {})


def isochrones(engine: Engine) -> list[Figures]:
    """Areas from different places near the middle; the first, which reads the graph, apart."""
    asked = [
        ("on foot, 15 min", Mode.WALK, 900.0, 1.0),
        ("on foot, 60 min", Mode.WALK, 3_600.0, 1.0),
        ("by bus, 15 min", Mode.DRIVE, 900.0, area.BUS_PACE),
        ("by car, 10 min", Mode.DRIVE, 600.0, 1.0),
        ("by car, 15 min", Mode.DRIVE, 900.0, 1.0),
        ("by car, 30 min", Mode.DRIVE, 1_800.0, 1.0),
    ]
    found = []
    with engine.connect() as connection:
        middles = _places(connection, _TIMES, share=0.1)
        began = perf_counter()
        area.reachable(connection, middles[0], Mode.WALK, 1.0)
        first = round((perf_counter() - began) * 1000)
        for what, mode, seconds, pace in asked:
            took, edges = [], 0
            for place in middles:
                began = perf_counter()
                reached = area.reachable(connection, place, mode, seconds, pace)
                took.append((perf_counter() - began) * 1000)
                edges = reached.edges if reached else 0
            found.append({"area": what, "edges": edges, **_quantiles(took), "first_ms": first})
    return found


def twenty_legs(engine: Engine) -> list[Figures]:
    """The ways of 20 trips, asked for together, by how far their ends lie apart."""
    found = []
    with engine.connect() as connection:
        for share, what in ((0.02, "0.5 km"), (0.1, "1.7 km"), (0.4, "6.5 km")):
            for mode in Mode:
                took, metres = [], []
                for turn in range(5):
                    places = _places(connection, 40, share, seed=turn)
                    trips = [
                        Trip(a, b, mode) for a, b in zip(places[::2], places[1::2], strict=True)
                    ]
                    began = perf_counter()
                    each = ways.find(connection, trips)
                    took.append((perf_counter() - began) * 1000)
                    metres += [way[0].metres for way in each if way]
                row = {"legs": what, "mode": mode.value, "mean_m": round(float(np.mean(metres)))}
                found.append(row | _quantiles(took))
    return found


def travel_times(engine: Engine, cameras: int) -> Figures:
    """Times between so many cameras, as densely as 20 on a square kilometre; then one moves."""
    share = min(1.0, (cameras / 20) ** 0.5 / 28)
    with engine.begin() as connection:
        for number, place in enumerate(_places(connection, cameras, share, seed=9)):
            _put(connection, f"bench-{number}", place)
    began = perf_counter()
    times.renew(engine, _untold)
    every = perf_counter() - began
    with engine.begin() as connection:
        (place,) = _places(connection, 1, share, seed=10)
        _put(connection, "bench-0", place)
    began = perf_counter()
    times.renew(engine, _untold)
    moved = perf_counter() - began
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT mode, count(*) FROM travel_times GROUP BY mode"))
        counted = {f"{mode}_rows": count for mode, count in rows}
        size = text("SELECT pg_total_relation_size('travel_times')")
        mib = round(connection.execute(size).scalar_one() / 2**20, 1)
    figures = {"cameras": cameras, "all_s": round(every, 2), "one_moved_s": round(moved, 2)}
    return figures | counted | {"mib": mib}


def _put(connection: Connection, name: str, place: LonLat) -> None:
    connection.execute(
        text(
            "INSERT INTO cameras (id, name, position) "
            "VALUES (:name, :name, ST_MakePoint(:lon, :lat)::geography) "
            "ON CONFLICT (id) DO UPDATE SET position = excluded.position, "
            "updated_at = clock_timestamp()"
        ),
        {"name": name, "lon": place.lon, "lat": place.lat},
    )


def _places(connection: Connection, count: int, share: float, seed: int = 0) -> list[LonLat]:
    """Places in the middle part of the network, `share` of its width and height."""
    network = standing.current(connection)
    if network is None:
        raise RuntimeError("import a network first")
    bounds = network.bounds
    corners = np.array([[bounds.west, bounds.south], [bounds.east, bounds.north]])
    middle, half = corners.mean(axis=0), np.diff(corners, axis=0)[0] * share / 2
    found = np.random.default_rng(seed).uniform(middle - half, middle + half, (count, 2))
    return [LonLat(lon=lon, lat=lat) for lon, lat in found]


def _quantiles(took: list[float]) -> Figures:
    p50, p95 = np.quantile(took, (0.5, 0.95))
    return {"p50_ms": round(float(p50), 1), "p95_ms": round(float(p95), 1)}


def _untold(_what: str, _done: int, _total: int | None) -> None:
    """Tell nobody."""


def main() -> None:
    """Measure this part alone; JSON goes to standard output."""
    home = Path(tempfile.mkdtemp(prefix="bench-roads-"))
    # The servers run as other users, who must be able to enter.
    home.chmod(0o755)
    try:
        with LocalStack(home) as stack:
            json.dump(measure(stack, int(sys.argv[1]) if len(sys.argv) > 1 else 300), sys.stdout)
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
