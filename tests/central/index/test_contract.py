"""What every adapter of the port `VectorIndex` must do."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from central.index.port import UNDATED, IndexHit, IndexPoint, IndexQuery, VectorIndex
from shared.clock import MS_PER_DAY
from shared.vectors import Vector, normalised, quantise
from tests.factories import MORNING_MS, make_id

# What the client's local mode, the double of a server, says about itself.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact:UserWarning"),
]

SIZE = 32
DAY = datetime.fromtimestamp(MORNING_MS / 1000, tz=UTC).date()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def int8(vector: NDArray[np.floating]) -> NDArray[np.int8]:
    """`vector` as it travels."""
    return np.frombuffer(quantise(vector).values, np.int8)


def direction(point: IndexPoint) -> Vector:
    return normalised(point.vector.astype(np.float32))


def make_points(rng: np.random.Generator, count: int, days: int = 2) -> list[IndexPoint]:
    return [make_point(rng, days=days) for _ in range(count)]


def make_point(rng: np.random.Generator, days: int = 1, **overrides: object) -> IndexPoint:
    first = MORNING_MS + int(rng.integers(days * MS_PER_DAY))
    point = IndexPoint(
        id=make_id(rng, first),
        day=datetime.fromtimestamp(first / 1000, tz=UTC).date(),
        space="s",
        camera=f"cam-{rng.integers(5)}",
        object_class=("person", "vehicle")[rng.integers(2)],
        first_seen_ms=first,
        last_seen_ms=first + int(rng.integers(30_000)),
        vector=int8(rng.standard_normal(SIZE)),
    )
    return point._replace(**overrides)  # type: ignore[arg-type]


def in_scope(point: IndexPoint, query: IndexQuery) -> bool:
    return (
        point.space == query.space
        and (query.cameras is None or point.camera in query.cameras)
        and (query.object_class is None or point.object_class == query.object_class)
        and (query.from_ms is None or point.last_seen_ms >= query.from_ms)
        and (query.to_ms is None or point.first_seen_ms <= query.to_ms)
        and point.id not in query.exclude
    )


def brute_force(points: list[IndexPoint], query: IndexQuery) -> list[tuple[UUID, float]]:
    unit = query.vector / np.linalg.norm(query.vector)
    scored = [(p.id, float(direction(p) @ unit)) for p in points if in_scope(p, query)]
    return sorted(scored, key=lambda pair: -pair[1])[: query.limit]


def same(hits: list[IndexHit], expected: list[tuple[UUID, float]]) -> bool:
    """The same answers; two whose scores differ by a rounding error may change places."""
    scores = [h.score for h in hits]
    return (
        {h.id for h in hits} == {identifier for identifier, _ in expected}
        and np.allclose(scores, [score for _, score in expected], atol=1e-5)
        and np.allclose(scores, [dict(expected)[h.id] for h in hits], atol=1e-5)
    )


def random_query(rng: np.random.Generator, points: list[IndexPoint]) -> IndexQuery:
    vector: Vector = rng.standard_normal(SIZE).astype(np.float32)
    edges = sorted(int(MORNING_MS + rng.integers(-MS_PER_DAY, 4 * MS_PER_DAY)) for _ in range(2))
    some = frozenset(f"cam-{n}" for n in rng.integers(0, 6, size=3))
    chosen = rng.choice(len(points), size=3)
    return IndexQuery(
        space="s",
        vector=vector,
        cameras=some if rng.random() < 0.5 else None,
        from_ms=edges[0] if rng.random() < 0.5 else None,
        to_ms=edges[1] if rng.random() < 0.5 else None,
        object_class="person" if rng.random() < 0.3 else None,
        limit=int(rng.integers(1, 60)),
        exclude=frozenset(points[n].id for n in chosen),
    )


def test_search_is_exact_in_every_scope(index: VectorIndex, rng: np.random.Generator) -> None:
    points = make_points(rng, 400, days=3)
    index.upsert(points)
    for _ in range(120):
        query = random_query(rng, points)
        assert same(index.search(query), brute_force(points, query)), query


def test_a_hit_carries_the_sightings_own_day(index: VectorIndex, rng: np.random.Generator) -> None:
    point = make_point(rng, day=UNDATED)
    index.upsert([point])
    (found,) = index.search(IndexQuery("s", direction(point)))
    assert found.day == DAY
    assert found.score == pytest.approx(1, abs=1e-5)


def test_upserting_again_replaces_and_doubles_nothing(
    index: VectorIndex, rng: np.random.Generator
) -> None:
    point = make_point(rng, camera="cam-1")
    moved = point._replace(camera="cam-2", vector=-point.vector)
    index.upsert([point, moved])
    index.upsert([moved])
    assert index.count() == 1
    assert index.search(IndexQuery("s", direction(point), frozenset({"cam-1"}))) == []
    (found,) = index.search(IndexQuery("s", direction(moved)))
    assert found.score == pytest.approx(1, abs=1e-5)


def test_a_point_that_changes_its_space_or_gets_its_day_leaves_the_old_part(
    index: VectorIndex, rng: np.random.Generator
) -> None:
    point = make_point(rng, day=UNDATED)
    index.upsert([point])
    index.upsert([point._replace(day=DAY)])
    assert (index.count(UNDATED), index.count(DAY)) == (0, 1)
    index.upsert([point._replace(day=DAY, space="t")])
    assert index.count() == 1
    assert index.search(IndexQuery("s", direction(point))) == []


def test_spaces_never_meet(index: VectorIndex, rng: np.random.Generator) -> None:
    index.upsert([make_point(rng), make_point(rng, space="t", vector=int8(np.ones(8)))])
    assert len(index.search(IndexQuery("s", normalised(np.ones(SIZE))))) == 1
    assert len(index.search(IndexQuery("t", normalised(np.ones(8))))) == 1
    assert index.search(IndexQuery("unknown", normalised(np.ones(8)))) == []


def test_no_cameras_is_not_all_cameras(index: VectorIndex, rng: np.random.Generator) -> None:
    index.upsert(make_points(rng, 3))
    assert index.search(IndexQuery("s", normalised(np.ones(SIZE)), cameras=frozenset())) == []


def test_a_sighting_over_midnight_is_found_from_both_days(
    index: VectorIndex, rng: np.random.Generator
) -> None:
    midnight = MORNING_MS + MS_PER_DAY
    point = make_point(rng)._replace(first_seen_ms=midnight - 5, last_seen_ms=midnight + 5)
    point = point._replace(id=make_id(rng, midnight - 5))
    index.upsert([point])
    for window in ((None, midnight - 5), (midnight + 5, None), (midnight, midnight)):
        assert index.search(IndexQuery("s", direction(point), None, *window)), window
    for window in ((None, midnight - 6), (midnight + 6, None)):
        assert not index.search(IndexQuery("s", direction(point), None, *window)), window


def test_dropping_a_day_drops_that_day(index: VectorIndex, rng: np.random.Generator) -> None:
    points = make_points(rng, 50, days=2)
    index.upsert(points)
    kept = [point for point in points if point.day != DAY]
    index.drop_day(DAY)
    index.drop_day(DAY)
    assert index.days() == [DAY + timedelta(days=1)]
    assert index.count() == len(kept)
    assert index.count(DAY) == 0
    index.upsert(points)
    assert index.count() == len(points)


def test_what_is_forgotten_of_a_day_is_found_no_more_and_the_rest_is(
    index: VectorIndex, rng: np.random.Generator
) -> None:
    points = make_points(rng, 60, days=2)
    points += [make_point(rng, space="t"), make_point(rng, day=UNDATED)]
    index.upsert(points)
    gone = [point for point in points if point.day == DAY][::2]
    index.forget(DAY, [*(point.id for point in gone), make_id(rng, MORNING_MS)])
    index.forget(DAY, [])
    index.forget(DAY - timedelta(days=1), [points[0].id])
    elsewhere = next(point for point in points if point.day not in {DAY, UNDATED})
    index.forget(DAY, [elsewhere.id])
    index.flush()
    kept = [point for point in points if point not in gone]
    assert index.count() == len(kept)
    query = IndexQuery("s", direction(elsewhere), limit=100)
    assert same(index.search(query), brute_force(kept, query))


def test_what_was_flushed_is_there_after_opening_again(
    open_index: Callable[[], VectorIndex], rng: np.random.Generator
) -> None:
    points = make_points(rng, 30)
    first = open_index()
    first.upsert(points)
    first.flush()
    identity = first.index_id
    first.close()
    second = open_index()
    assert second.index_id == identity
    query = IndexQuery("s", direction(points[0]), limit=10)
    assert same(second.search(query), brute_force(points, query))
    assert second.count() == len(points)
    second.close()


def test_an_empty_index_answers_nothing(index: VectorIndex) -> None:
    assert index.search(IndexQuery("s", normalised(np.ones(SIZE)))) == []
    assert (index.count(), index.days()) == (0, [])
    index.flush()
