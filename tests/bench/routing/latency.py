"""How long a suggestion takes with its database: 400 candidates at 60 cameras on known streets.

The request names its candidates, so neither the index nor the search's filters are in it.
"""

import statistics
from pathlib import Path
from uuid import UUID

import numpy as np
from sqlalchemy import insert, text

from central.db.engine import make_engine
from central.db.migrate import migrate
from central.db.tables import travel_times
from central.index.flat.index import FlatIndex
from central.roads.model import Mode
from central.routes.suggest.model import MAX_CANDIDATES, SuggestAnswer, SuggestRequest
from central.routes.suggest.paths import Floats
from central.routes.suggest.suggest import suggest
from central.search.model import SearchRequest
from central.services import Services
from central.settings import CentralSettings
from deploy.local.stack import LocalStack
from shared.clock import SystemClock
from shared.messages import Embedding
from shared.vectors import Vector, normalised, quantise
from tests.central.asking import FixedReader
from tests.central.keeping import NOON_MS, Keeping, open_keeping, received
from tests.factories import SPACE, make_sighting, unit_vector

CAMERAS = 60
WINDOW_S = 2_400
WALKED = 12
_APART_M = 120.0
_SIDE = 8
_BATCH = 100
_TIMES = 15


def measure(stack: LocalStack, home: Path) -> dict[str, float]:
    """Median milliseconds: of the whole answer, and of its steps. Files go below `home`."""
    url = stack.database.create("bench")
    migrate(url)
    engine = make_engine(url)
    keeping = open_keeping(engine, home)
    ids = _sightings(keeping, _cameras(keeping))
    index = FlatIndex(home / "index")
    services = Services(
        settings=CentralSettings(database_url=url, data_dir=home),
        engine=engine,
        crops=keeping.crops,
        index=index,
        pictures=FixedReader(unit_vector(np.random.default_rng(1))),
        clock=SystemClock(),
    )
    try:
        answers = [_ask(services, ids) for _ in range(_TIMES)]
    finally:
        index.close()
        keeping.crops.close()
        engine.dispose()
    assert all(each.candidates + each.unreachable == MAX_CANDIDATES for each in answers)
    return _medians(answers[1:])


def _medians(answers: list[SuggestAnswer]) -> dict[str, float]:
    took = [{**each.took_ms, "all": sum(each.took_ms.values())} for each in answers]
    return {name: round(statistics.median(each[name] for each in took), 1) for name in took[0]}


def _ask(services: Services, ids: list[UUID]) -> SuggestAnswer:
    search = SearchRequest.model_validate({"by": {"sighting_id": str(ids[0])}})
    return suggest(services, SuggestRequest(search=search, candidates=ids[1:], k=3))


def _cameras(keeping: Keeping) -> Floats:
    """A grid of them, with times on streets that lead straight along it."""
    numbers = np.arange(CAMERAS)
    xy: Floats = np.stack([numbers % _SIDE, numbers // _SIDE], axis=1).astype(np.float64) * _APART_M
    metres = np.abs(xy[:, None] - xy[None]).sum(axis=-1)
    with keeping.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO cameras (id, name, position) VALUES (:id, :id, "
                "ST_MakePoint(127 + :x / 88300.0, 37.5 + :y / 111000.0)::geography)"
            ),
            [{"id": f"cam-{n}", "x": xy[n, 0], "y": xy[n, 1]} for n in numbers.tolist()],
        )
        rows = [
            {
                "from_camera": f"cam-{one}",
                "to_camera": f"cam-{two}",
                "mode": mode.value,
                "seconds": float(metres[one, two] / speed),
            }
            for mode, speed in ((Mode.WALK, 1.34), (Mode.DRIVE, 8.0))
            for one in range(CAMERAS)
            for two in range(CAMERAS)
            if one != two
        ]
        connection.execute(insert(travel_times), rows)
    return np.asarray(xy)


def _sightings(keeping: Keeping, xy: Floats) -> list[UUID]:
    """Somebody who walks along the grid, and many who look a little like them."""
    rng = np.random.default_rng(4)
    person = unit_vector(rng)
    seen = [(n, 90.0 * n, 0.6) for n in range(WALKED)]
    others = MAX_CANDIDATES - WALKED
    seen += [
        (int(camera), float(at), 1.4)
        for camera, at in zip(
            rng.integers(len(xy), size=others), rng.uniform(0, WINDOW_S, others), strict=True
        )
    ]
    made = [
        make_sighting(
            rng,
            camera=f"cam-{camera}",
            first_seen_ms=NOON_MS + round(at * 1000),
            shot_ms=NOON_MS + round(at * 1000),
            last_seen_ms=NOON_MS + round(at * 1000) + 6_000,
            embedding=_embedding(_near(person, noise, rng)),
        )
        for camera, at, noise in seen
    ]
    messages = [received(each, seq) for seq, each in enumerate(made, start=1)]
    for start in range(0, len(messages), _BATCH):
        keeping.send(*messages[start : start + _BATCH])
    return [each.id for each in made]


def _near(person: Vector, noise: float, rng: np.random.Generator) -> Vector:
    return normalised(person + noise * rng.standard_normal(person.size) / np.sqrt(person.size))


def _embedding(vector: Vector) -> Embedding:
    values, scale = quantise(vector)
    return Embedding(space=SPACE, values=values, scale=scale)
