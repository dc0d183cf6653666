"""The whole of `POST /search` over the sightings of a database, as a centre answers it.

In a process of its own, with the settings of `serve`: what a benchmark has in memory beside does
not count, and neither core is kept from it. Cameras are placed over a city, and the mean of every
camera, class and hour is there to be read; all have the same, since only the time is told. Nothing
is said of the sightings in words.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Engine, text

from central.cameras.selection import CameraScope
from central.compose import open_index
from central.crops.store import CropStore
from central.db.engine import make_engine
from central.freed_memory import keep_freed_memory
from central.one_thread import one_thread_a_request
from central.search.means import ALL_CAMERAS, ALL_HOURS
from central.search.model import By, SearchRequest
from central.search.reader import make_reader
from central.search.search import ask
from central.services import Services
from central.settings import CentralSettings
from shared.clock import SystemClock
from shared.logs import configure_logs
from tests.bench.searching.cases import cases
from tests.bench.searching.measuring import timed
from tests.bench.searching.world import CLASSES, SIZE, SPACE

ASKED = ("no filter", "1,000 cameras")
_SEEN = 40.0
# Multiples of these leave remainders that lie evenly over a square, without randomness.
_EVENLY = (0.7548776662466927, 0.5698402909980532)
_PLACES = text(
    "UPDATE cameras SET position = ST_MakePoint("
    "126.85 + 0.3 * mod(CAST(right(id, -4) AS numeric) * CAST(:x AS numeric), 1), "
    "37.45 + 0.2 * mod(CAST(right(id, -4) AS numeric) * CAST(:y AS numeric), 1))"
)
_MEANS = text(
    "INSERT INTO camera_means (space, object_class, camera, hour, seen, total) "
    "SELECT :space, kind, camera, hour, :seen, :total "
    "FROM unnest(CAST(:kinds AS text[])) kind, generate_series(:all_hours, 23) hour, "
    "(SELECT id FROM cameras UNION ALL SELECT :all_cameras) place (camera)"
)

Figures = dict[str, Any]


def measure_posts(url: str, home: Path, ids: Sequence[UUID]) -> dict[str, Figures]:
    """Milliseconds by filter: p50 and p95 of the whole, and of each step of its `took_ms`.

    Args:
        url: a database whose sightings the index below `home` has.
        home: the centre's data directory.
        ids: the sightings that are asked for, one after the other.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_measured, url, home, ids).result()


@contextmanager
def services_over(url: str, home: Path) -> Iterator[Services]:
    """What the API calls, over a database and the data directory `home`."""
    clock, settings = SystemClock(), CentralSettings(database_url=url, data_dir=home)
    engine = make_engine(url)
    index, crops = open_index(settings), CropStore(settings.crops_dir, clock)
    try:
        yield Services(settings, engine, crops, index, make_reader(settings), clock)
    finally:
        crops.close()
        index.close()
        engine.dispose()


def percentiles(took: Sequence[Mapping[str, float]], step: str) -> dict[str, float]:
    """The median and the 95th percentile of one step, ms."""
    found = np.percentile([each[step] for each in took], (50, 95))
    return {key: round(float(ms), 1) for key, ms in zip(("p50", "p95"), found, strict=True)}


def _measured(url: str, home: Path, ids: Sequence[UUID]) -> dict[str, Figures]:
    configure_logs(json=False, level="warning")
    keep_freed_memory()
    one_thread_a_request()
    engine = make_engine(url)
    _furnish(engine)
    engine.dispose()
    with services_over(url, home) as services:
        return {name: _asked(services, _request(name), ids) for name in ASKED}


def _asked(services: Services, request: SearchRequest, ids: Sequence[UUID]) -> Figures:
    def one(number: int) -> Mapping[str, float]:
        by = By(sighting_id=ids[number % len(ids)])
        answer = ask(services, request.model_copy(update={"by": by}))
        if answer.source != "index" or not answer.candidates:
            raise SystemExit(f"answered from {answer.source}: {answer.note}")
        return answer.took_ms

    times, took = timed(one)
    return {**times, "took_ms": {name: percentiles(took, name) for name in took[0]}}


def _request(name: str) -> SearchRequest:
    cameras = cases()[name].cameras
    if cameras is None:
        return SearchRequest()
    return SearchRequest(cameras=CameraScope(ids=[f"cam-{number}" for number in cameras]))


def _furnish(engine: Engine) -> None:
    mean = np.random.default_rng(5).standard_normal(SIZE) * (0.3 * _SEEN / SIZE**0.5)
    values = {
        "space": SPACE,
        "seen": _SEEN,
        "total": mean.astype("<f4").tobytes(),
        "kinds": list(CLASSES),
        "all_hours": ALL_HOURS,
        "all_cameras": ALL_CAMERAS,
    }
    with engine.begin() as connection:
        connection.execute(_PLACES, {"x": _EVENLY[0], "y": _EVENLY[1]})
        connection.execute(_MEANS, values)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("VACUUM ANALYZE cameras, camera_means"))
