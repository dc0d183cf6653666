"""Search goes on, and stays exact, whatever happens to the index."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from central.db.tables import sightings
from central.index.flat.index import FlatIndex
from central.index.follower import IndexFollower
from central.index.port import IndexHit, IndexQuery
from central.index.standing import StandingIndex
from central.search.checking import check_index
from central.search.database import compare
from central.search.finding import AWAY, BEHIND, Found, find
from shared.clock import MS_PER_DAY
from shared.errors import StorageError
from shared.messages import Attribute, Sighting
from tests.central.keeping import NOON_MS, Keeping, index_state, received, utc
from tests.factories import SPACE, make_sighting, unit_vector
from tests.waiting import wait_until

DAY = utc(NOON_MS).date()
WEEK_MS = 7 * MS_PER_DAY


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(21)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "standing"


@pytest.fixture
def index(root: Path) -> Iterator[StandingIndex]:
    index = StandingIndex(lambda: FlatIndex(root))
    yield index
    index.close()


def fill(keeping: Keeping, rng: np.random.Generator, count: int, first_seq: int = 1) -> list[UUID]:
    """`count` on two days and five cameras."""
    made = [one(rng) for _ in range(count)]
    keeping.send(*(received(s, seq) for seq, s in enumerate(made, start=first_seq)))
    return [sighting.id for sighting in made]


def one(rng: np.random.Generator, **fields: object) -> Sighting:
    colour = Attribute(value=("red", "blue")[rng.integers(2)], confidence=float(rng.random()))
    chosen: dict[str, object] = {
        "camera": f"cam-{rng.integers(5)}",
        "first_seen_ms": NOON_MS - int(rng.integers(MS_PER_DAY)),
        "attributes": {"upper_colour": colour},
    }
    return make_sighting(rng, **(chosen | fields))


def catch_up(keeping: Keeping, index: StandingIndex) -> None:
    follower = IndexFollower(keeping.engine, index)
    follower.heal()
    while follower.step():
        pass


def random_query(rng: np.random.Generator, ids: list[UUID]) -> IndexQuery:
    edges = sorted(NOON_MS - int(rng.integers(MS_PER_DAY)) for _ in range(2))
    some = frozenset(f"cam-{n}" for n in rng.integers(0, 6, size=3))
    return IndexQuery(
        space=SPACE,
        vector=unit_vector(rng),
        cameras=some if rng.random() < 0.5 else None,
        from_ms=edges[0] if rng.random() < 0.5 else None,
        to_ms=edges[1] if rng.random() < 0.5 else None,
        object_class="person" if rng.random() < 0.3 else None,
        limit=int(rng.integers(1, 60)),
        exclude=frozenset(ids[n] for n in rng.choice(len(ids), size=3)),
    )


def alike(hits: list[IndexHit], others: list[IndexHit]) -> bool:
    return {h.id for h in hits} == {h.id for h in others} and np.allclose(
        [h.score for h in hits], [h.score for h in others], atol=1e-5
    )


def test_the_database_finds_what_the_index_finds(
    keeping: Keeping, index: StandingIndex, rng: np.random.Generator
) -> None:
    ids = fill(keeping, rng, 300)
    catch_up(keeping, index)
    for _ in range(40):
        query = random_query(rng, ids)
        assert alike(compare(keeping.engine, query), index.search(query)), query


def test_any_condition_of_the_database_narrows_the_search_exactly(
    keeping: Keeping,
    index: StandingIndex,
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fill(keeping, rng, 200)
    catch_up(keeping, index)
    sources = set()
    for depths in ((1000, 10_000), (3, 9)):
        monkeypatch.setattr("central.search.finding.DEPTHS", depths)
        for least in (0.35, 0.9, 2.0):
            conditions = [sightings.c.quality >= least, sightings.c.rect[1] > 30]
            query = IndexQuery(SPACE, unit_vector(rng), limit=12)
            found = find(keeping.engine, index, query, conditions)
            assert alike(found.hits, compare(keeping.engine, query, conditions))
            assert found.exact
            sources.add(found.source)
    assert sources == {"index", "database"}


def test_what_changed_after_the_index_read_it_is_taken_from_the_database(
    keeping: Keeping, index: StandingIndex, rng: np.random.Generator
) -> None:
    fill(keeping, rng, 50)
    early = one(rng, revision=0, first_seen_ms=NOON_MS)
    keeping.send(received(early, 100))
    catch_up(keeping, index)
    final = one(rng, id=early.id, revision=1, first_seen_ms=NOON_MS)
    keeping.send(received(final, 101))
    late = fill(keeping, rng, 20, first_seq=200)
    for limit in (1, 5, 100):
        for vector in (early.embedding.vector(), final.embedding.vector()):
            query = IndexQuery(SPACE, vector, limit=limit)
            found = find(keeping.engine, index, query)
            assert alike(found.hits, compare(keeping.engine, query))
            assert (found.source, found.note) == ("both", BEHIND)
    everything = find(keeping.engine, index, IndexQuery(SPACE, unit_vector(rng), limit=500))
    assert set(late) < {h.id for h in everything.hits}
    assert len(everything.hits) == 71
    catch_up(keeping, index)
    assert find(keeping.engine, index, IndexQuery(SPACE, unit_vector(rng))).source == "index"


def test_without_an_index_the_database_answers_and_says_so(
    keeping: Keeping, root: Path, rng: np.random.Generator
) -> None:
    fill(keeping, rng, 30)
    root.write_text("a file where the directory should be")
    index = StandingIndex(lambda: FlatIndex(root))
    query = IndexQuery(SPACE, unit_vector(rng))
    found = find(keeping.engine, index, query)
    assert (found.source, found.note, found.exact) == ("database", AWAY, True)
    assert alike(found.hits, compare(keeping.engine, query))
    assert find(keeping.engine, index, query._replace(cameras=frozenset())) == Found([])
    root.unlink()
    catch_up(keeping, index)
    assert find(keeping.engine, index, query) == Found(index.search(query))
    index.close()


def test_a_day_that_the_index_lacks_is_taken_from_the_database_until_it_is_built_again(
    keeping: Keeping, root: Path, rng: np.random.Generator
) -> None:
    fill(keeping, rng, 60)
    index = StandingIndex(lambda: FlatIndex(root))
    catch_up(keeping, index)
    before = index_state(index)
    index.close()
    (part,) = (root / "parts").glob(f"{DAY.isoformat()}/*")
    (part / "manifest.json").write_text("?")
    again = StandingIndex(lambda: FlatIndex(root))
    query = IndexQuery(SPACE, unit_vector(rng), limit=100)
    whole = compare(keeping.engine, query)
    # It is this search that meets the damage.
    found = find(keeping.engine, again, query)
    assert alike(found.hits, whole)
    assert found.source == "both"
    assert again.lacking() == {DAY}
    assert IndexFollower(keeping.engine, again).heal() == [DAY]
    assert again.lacking() == frozenset()
    assert find(keeping.engine, again, query).source == "index"
    assert index_state(again) == before
    again.close()
    shutil.rmtree(part.parent)
    once_more = StandingIndex(lambda: FlatIndex(root))
    found = find(keeping.engine, once_more, query)
    assert (found.source, len(found.hits)) == ("both", 60)
    once_more.close()


def remove(root: Path) -> None:
    # In one step: it is written to meanwhile.
    root.rename(root.with_name("gone"))


def damage(root: Path) -> None:
    # All are found first: what is damaged is moved at once.
    for file in list(root.glob("parts/*/*/*.json")):
        file.write_text("?")


@pytest.mark.parametrize("harm", [remove, damage])
def test_searches_are_whole_while_the_directory_goes_under_a_running_follower(
    keeping: Keeping, root: Path, rng: np.random.Generator, harm: object
) -> None:
    assert callable(harm)
    fill(keeping, rng, 100)
    index = StandingIndex(lambda: FlatIndex(root, open_parts=1))
    stop, failures = threading.Event(), []
    follower = IndexFollower(keeping.engine, index, batch=10)
    query = IndexQuery(SPACE, unit_vector(rng), limit=500)

    def search() -> None:
        while not stop.is_set():
            least = keeping.count("sightings")
            try:
                found = len(find(keeping.engine, index, query).hits)
            except StorageError as error:
                failures.append(repr(error))
                return
            if found < least:
                failures.append(f"{found} of {least}")

    threads = [threading.Thread(target=follower.run, args=(stop,))]
    threads += [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_until(lambda: index.count() == 100)
    harm(root)
    fill(keeping, rng, 40, first_seq=500)
    wait_until(lambda: follower.health().ready and not index.lacking())
    wait_until(lambda: index.count() == 140)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    index.close()


def test_a_rebuilt_index_is_compared_with_an_exact_scan(
    keeping: Keeping, index: StandingIndex, rng: np.random.Generator
) -> None:
    fill(keeping, rng, 120)
    assert check_index(keeping.engine, index, 10).recall == 0
    follower = IndexFollower(keeping.engine, index, batch=50)
    assert follower.rebuild(lambda _: None) == 120
    compared = check_index(keeping.engine, index, 10)
    assert compared == (10, 20, 120, 1.0)
    index.drop_day(DAY)
    assert check_index(keeping.engine, index, 10).recall < 1
    assert follower.rebuild_day(DAY) == index.count(DAY) > 0
    assert check_index(keeping.engine, index, 10).recall == 1
    assert follower.step() == 0


def test_what_commits_during_a_rebuild_is_not_lost(
    keeping: Keeping, index: StandingIndex, rng: np.random.Generator
) -> None:
    fill(keeping, rng, 30)
    came: list[UUID] = []

    def meanwhile(_done: int) -> None:
        if not came:
            came.extend(fill(keeping, rng, 15, first_seq=300))

    IndexFollower(keeping.engine, index, batch=10).rebuild(meanwhile)
    assert index.count() == 45
    hits = index.search(IndexQuery(SPACE, unit_vector(rng), limit=100))
    assert set(came) < {h.id for h in hits}


def test_what_a_box_brings_after_a_week_away_lands_in_its_own_day(
    keeping: Keeping, index: StandingIndex, rng: np.random.Generator
) -> None:
    fill(keeping, rng, 20)
    catch_up(keeping, index)
    late = [one(rng, camera="far", first_seen_ms=NOON_MS - WEEK_MS + n) for n in range(10)]
    keeping.send(*(received(s, seq, box="box-2") for seq, s in enumerate(late, start=1)))
    then = utc(NOON_MS - WEEK_MS).date()
    window = IndexQuery(
        SPACE, late[0].embedding.vector(), None, NOON_MS - WEEK_MS, NOON_MS - WEEK_MS + 60_000
    )
    before = find(keeping.engine, index, window)
    catch_up(keeping, index)
    assert index.count(then) == 10
    after = find(keeping.engine, index, window)
    assert (before.source, after.source) == ("both", "index")
    assert alike(before.hits, after.hits)
    assert {h.id for h in after.hits} == {sighting.id for sighting in late}
