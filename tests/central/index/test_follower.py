"""The index against the database: nothing skipped, nothing lost, healed by itself."""

import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from central.crops.store import CropStore
from central.db.engine import make_engine
from central.index.changes import Cursor
from central.index.flat.index import FlatIndex
from central.index.follower import IndexFollower
from central.index.marks import expected_points, lacking_days
from central.index.port import UNDATED, IndexQuery, VectorIndex
from central.ingest.reading import read
from central.ingest.writer import BatchWriter
from central.search.finding import find
from shared.clock import MS_PER_DAY
from shared.errors import StorageError
from tests.central.keeping import NOON_MS, OTHER_EPOCH, Keeping, index_state, received, utc
from tests.factories import SPACE, dimensions, make_sighting, unit_vector
from tests.waiting import LONG_S

DAY = utc(NOON_MS).date()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(13)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "follow"


def fill(keeping: Keeping, rng: np.random.Generator, count: int, first_seq: int = 1) -> None:
    sightings = [make_sighting(rng) for _ in range(count)]
    keeping.send(*(received(s, seq) for seq, s in enumerate(sightings, start=first_seq)))


def follow(engine: Engine, index: VectorIndex, batch: int = 7) -> int:
    follower = IndexFollower(engine, index, batch=batch)
    follower.heal()
    total = 0
    while rows := follower.step():
        total += rows
    return total


def test_what_is_committed_can_be_searched(
    keeping: Keeping, root: Path, rng: np.random.Generator
) -> None:
    index = FlatIndex(root)
    early = make_sighting(rng, first_seen_ms=NOON_MS, revision=0)
    keeping.send(received(early, 1))
    assert follow(keeping.engine, index) == 1
    (found,) = index.search(IndexQuery(SPACE, early.embedding.vector()))
    assert (found.id, found.day) == (early.id, DAY)
    assert found.score == pytest.approx(1, abs=1e-5)
    final = make_sighting(rng, id=early.id, first_seen_ms=NOON_MS, revision=1)
    keeping.send(received(final, 2))
    assert follow(keeping.engine, index) == 1
    (found,) = index.search(IndexQuery(SPACE, final.embedding.vector()))
    assert found.score == pytest.approx(1, abs=1e-5)
    assert follow(keeping.engine, index) == 0
    index.close()


def test_a_transaction_that_commits_late_is_not_passed_over(
    keeping: Keeping, root: Path, rng: np.random.Generator
) -> None:
    index = FlatIndex(root)
    with keeping.engine.connect() as slow, slow.begin() as transaction:
        slow.execute(text("SELECT pg_current_xact_id()"))
        fill(keeping, rng, 5)
        assert follow(keeping.engine, index) == 0
        transaction.commit()
    assert follow(keeping.engine, index) == 5
    index.close()


def test_two_writers_at_once_and_a_follower_that_skips_nothing(
    keeping: Keeping, root: Path, tmp_path: Path, rng: np.random.Generator
) -> None:
    index, done = FlatIndex(root), threading.Event()
    follower = IndexFollower(keeping.engine, index, batch=50)
    sightings = [make_sighting(rng) for _ in range(400)]

    def write(rows: range) -> None:
        writer = BatchWriter(keeping.engine, CropStore(tmp_path / "crops"), keeping.clock)
        for start in rows:
            # Each row goes through both writers, and two batches share a ledger.
            batch = [received(sightings[n], n + 1) for n in range(start, start + 10)]
            writer.write([read(message, dimensions) for message in batch])

    def keep_following() -> None:
        while not done.is_set():
            follower.step()

    with ThreadPoolExecutor(3) as pool:
        following = pool.submit(keep_following)
        writers = [
            pool.submit(write, range(0, 400, 10)),
            pool.submit(write, range(390, -10, -10)),
        ]
        try:
            for writer in writers:
                writer.result()
        finally:
            done.set()
        following.result()
    while follower.step():
        pass
    assert keeping.count("sightings") == 400
    assert index.count() == 400
    hits = index.search(IndexQuery(SPACE, sightings[0].embedding.vector(), limit=500))
    assert {h.id for h in hits} == {sighting.id for sighting in sightings}
    index.close()


def test_a_crash_between_index_and_cursor_heals_itself(
    keeping: Keeping, root: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = FlatIndex(root)
    fill(keeping, rng, 20)
    follower = IndexFollower(keeping.engine, index, batch=7)

    def dies(*_: object) -> None:
        raise StorageError("the lights went out")

    with monkeypatch.context() as broken:
        broken.setattr("central.index.follower.write_cursor", dies)
        with pytest.raises(StorageError):
            follower.step()
    assert index.count() == 7
    assert follow(keeping.engine, index) == 20
    assert index.count() == 20
    index.close()


def lose_everything(root: Path) -> None:
    shutil.rmtree(root)


def lose_a_day(root: Path) -> None:
    shutil.rmtree(root / "parts" / DAY.isoformat())


def damage_a_day(root: Path) -> None:
    (manifest,) = (root / "parts" / DAY.isoformat()).rglob("manifest.json")
    manifest.write_text("?")


@pytest.mark.parametrize("harm", [lose_everything, lose_a_day, damage_a_day])
def test_a_lost_or_damaged_index_comes_back_by_itself(
    keeping: Keeping, root: Path, rng: np.random.Generator, harm: Callable[[Path], None]
) -> None:
    fill(keeping, rng, 30)
    later = [make_sighting(rng, first_seen_ms=NOON_MS + MS_PER_DAY) for _ in range(5)]
    keeping.send(*(received(s, seq) for seq, s in enumerate(later, start=100)))
    index = FlatIndex(root)
    follow(keeping.engine, index)
    before = index_state(index)
    index.close()
    harm(root)
    again = FlatIndex(root)
    follow(keeping.engine, again)
    assert index_state(again) == before
    again.close()


def test_a_rebuilt_index_equals_the_one_that_followed(
    keeping: Keeping, root: Path, rng: np.random.Generator
) -> None:
    index = FlatIndex(root)
    for batch in range(5):
        fill(keeping, rng, 10, first_seq=1 + 10 * batch)
        follow(keeping.engine, index)
    before = index_state(index)
    progress: list[int] = []
    assert IndexFollower(keeping.engine, index, batch=20).rebuild(progress.append) == 50
    assert progress == [20, 40, 50]
    assert index_state(index) == before
    assert follow(keeping.engine, index) == 0
    index.close()


def test_unlikely_days_share_one_part_until_they_get_their_own(
    keeping: Keeping, root: Path, rng: np.random.Generator
) -> None:
    index = FlatIndex(root)
    days = [NOON_MS + n * MS_PER_DAY for n in (5, 6, 2000)]
    for seq, first in enumerate(days, start=1):
        keeping.send(received(make_sighting(rng, first_seen_ms=first), seq))
    follow(keeping.engine, index)
    assert (index.days(), index.count()) == ([UNDATED], 3)
    keeping.clock.set_wall(days[0])
    keeping.send(received(make_sighting(rng, first_seen_ms=days[0]), 4))
    follow(keeping.engine, index)
    assert index.count(UNDATED) == 2
    assert index.count(utc(days[0]).date()) == 2
    index.close()


def test_a_rebuild_that_was_killed_is_known_to_the_next_process_and_done_again(
    keeping: Keeping, root: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = FlatIndex(root)
    fill(keeping, rng, 30)
    follow(keeping.engine, index)
    before = index_state(index)

    def dies(*_: object) -> None:
        raise StorageError("the lights went out")

    with monkeypatch.context() as broken:
        broken.setattr(FlatIndex, "flush", dies)
        with pytest.raises(StorageError):
            IndexFollower(keeping.engine, index, batch=10).rebuild_day(DAY)
    index.close()
    again = FlatIndex(root)
    assert again.lacking() == frozenset()
    found = find(keeping.engine, again, IndexQuery(SPACE, unit_vector(rng), limit=500))
    assert (found.source, len(found.hits)) == ("both", 30)
    assert IndexFollower(keeping.engine, again).heal() == [DAY]
    assert index_state(again) == before
    with keeping.engine.connect() as connection:
        assert lacking_days(connection, again.index_id) == frozenset()
    again.close()


def test_a_day_is_counted_again_only_after_it_changed(
    keeping: Keeping, root: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, counted = FlatIndex(root), []

    def count(connection: Connection, day: date, cursor: Cursor) -> int:
        counted.append(day)
        return expected_points(connection, day, cursor)

    monkeypatch.setattr("central.index.follower.expected_points", count)
    fill(keeping, rng, 10)
    follow(keeping.engine, index)
    counted.clear()
    follow(keeping.engine, index)
    assert counted == [DAY]
    follow(keeping.engine, index)
    assert counted == [DAY]
    fill(keeping, rng, 5, first_seq=50)
    follow(keeping.engine, index)
    follow(keeping.engine, index)
    assert counted == [DAY, DAY]
    index.close()


def test_a_dropped_day_leaves_the_index(
    keeping: Keeping, root: Path, rng: np.random.Generator
) -> None:
    index = FlatIndex(root)
    fill(keeping, rng, 3)
    follow(keeping.engine, index)
    with keeping.engine.begin() as connection:
        connection.execute(text("DROP TABLE sightings_20260720"))
    follow(keeping.engine, index)
    assert (index.days(), index.count()) == ([], 0)
    index.close()


def test_a_database_restored_from_a_dump_is_followed_again(
    keeping: Keeping, root: Path, rng: np.random.Generator
) -> None:
    index = FlatIndex(root)
    fill(keeping, rng, 5)
    follow(keeping.engine, index)
    with keeping.engine.begin() as connection:
        # What a dump brings along: numbers of a database that had done much more.
        connection.execute(text("UPDATE sightings SET change_xid = '99999999'::xid8"))
        connection.execute(text("UPDATE index_cursor SET xid = '99999999'::xid8"))
    late = make_sighting(rng, first_seen_ms=NOON_MS)
    keeping.send(received(late, 6, epoch=OTHER_EPOCH))
    assert follow(keeping.engine, index) == 6
    assert index.count() == 6
    index.close()


def test_the_follower_waits_for_a_database_that_is_away(root: Path) -> None:
    index = FlatIndex(root)
    engine = make_engine("postgresql://nobody@127.0.0.1:1/none")
    follower, stop = IndexFollower(engine, index), threading.Event()
    with pytest.raises(StorageError, match="cannot read the database"):
        follower.step()
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    stop.set()
    thread.join(LONG_S)
    assert not thread.is_alive()
    assert not follower.health().ready
    index.close()
