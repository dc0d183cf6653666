"""What only the index of files must bear: sealing, crashes, damage, a directory that goes."""

import shutil
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from central.days import day_of
from central.index.flat.index import FlatIndex
from central.index.identity import IndexGone, IndexInUse
from central.index.port import UNDATED, IndexPoint, IndexQuery, VectorIndex
from central.index.standing import StandingIndex
from shared.clock import MS_PER_DAY
from shared.errors import StorageError
from shared.vectors import normalised
from tests.central.index.test_contract import (
    DAY,
    SIZE,
    brute_force,
    int8,
    make_point,
    make_points,
    random_query,
    same,
)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tail is sealed at 40 rows, three segments of up to 100 become one."""
    for name, value in (("SEALED_AT", 40), ("MERGED_AT", 3), ("MERGED_BELOW", 100)):
        monkeypatch.setattr(f"central.index.flat.part.{name}", value)


def renewed(rng: np.random.Generator, point: IndexPoint) -> IndexPoint:
    """A later revision of `point`: another camera and vector, and its day has a part by now."""
    return point._replace(
        camera=f"cam-{rng.integers(5)}",
        last_seen_ms=point.last_seen_ms + 5_000,
        vector=int8(rng.standard_normal(SIZE)),
        day=day_of(point.first_seen_ms),
    )


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def segments(root: Path) -> list[Path]:
    return sorted((root / "parts").rglob("*.segment"))


@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize("seed", range(6))
def test_search_is_exact_whatever_was_sealed_merged_replaced_and_opened_again(
    root: Path, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    index = FlatIndex(root, threads=1 + seed % 2, open_parts=2)
    truth: dict[object, IndexPoint] = {}
    for _ in range(40):
        batch = make_points(rng, int(rng.integers(1, 30)), days=3)
        batch[0] = batch[0]._replace(day=UNDATED)
        known = list(truth.values())
        if known:
            chosen = rng.choice(len(known), size=min(len(known), 10), replace=False)
            batch += [renewed(rng, known[n]) for n in chosen]
        index.upsert(batch)
        truth |= {point.id: point for point in batch}
        if rng.random() < 0.8:
            index.flush()
        if rng.random() < 0.2:
            index.close()
            index = FlatIndex(root, threads=1 + seed % 2, open_parts=2)
        points = list(truth.values())
        for _ in range(4):
            query = random_query(rng, points)
            assert same(index.search(query), brute_force(points, query)), query
        assert index.count() == len(points)
    assert len(segments(root)) >= 3
    index.close()


def test_many_that_are_nearly_alike_are_told_apart(root: Path, rng: np.random.Generator) -> None:
    # Closer together than rounding the query to int8 can tell.
    centre = 100 * rng.standard_normal(SIZE)
    points = [
        make_point(rng, vector=int8(centre + 2 * rng.standard_normal(SIZE))) for _ in range(5000)
    ]
    points += [make_point(rng, vector=points[0].vector) for _ in range(50)]
    index = FlatIndex(root)
    index.upsert(points)
    for limit in (1, 20, 200):
        vector = normalised(centre + rng.standard_normal(SIZE))
        query = IndexQuery("s", vector, limit=limit)
        hits = index.search(query)
        expected = brute_force(points, query)
        assert np.allclose([h.score for h in hits], [score for _, score in expected], atol=1e-6)
    index.close()


def test_a_second_process_is_told_to_wait(root: Path) -> None:
    index = FlatIndex(root)
    with pytest.raises(IndexInUse, match="in use by another process"):
        StandingIndex(lambda: FlatIndex(root))
    index.close()
    FlatIndex(root).close()


def test_what_was_flushed_survives_a_kill_in_the_middle_of_more(
    root: Path, rng: np.random.Generator
) -> None:
    program = (
        "import os, sys, pathlib, numpy as np; import central.index.flat.part as part; "
        "part.SEALED_AT = 60; "
        "from central.index.flat.index import FlatIndex; "
        "from tests.central.index.test_contract import make_points; "
        "index = FlatIndex(pathlib.Path(sys.argv[1])); "
        "points = make_points(np.random.default_rng(5), 300); "
        "index.upsert(points[:200]); index.flush(); index.upsert(points[200:]); "
        "os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", program, str(root)]
    here = Path(__file__).parents[3]
    assert subprocess.run(command, cwd=here, check=False).returncode == -signal.SIGKILL
    points = make_points(rng, 300)
    index = FlatIndex(root)
    assert index.count() >= 200
    assert index.lacking() == frozenset()
    index.upsert(points)
    query = random_query(rng, points)
    assert same(index.search(query), brute_force(points, query))
    assert index.count() == 300
    index.close()


@pytest.mark.parametrize("torn", [b"\x00" * 4096, b"\xff" * 7, b"half"])
def test_a_log_with_a_torn_end_loses_only_what_was_not_flushed(
    root: Path, rng: np.random.Generator, torn: bytes
) -> None:
    points = make_points(rng, 40, days=1)
    index = FlatIndex(root)
    index.upsert(points[:30])
    index.close()
    (log,) = (root / "parts").rglob("*.log")
    with log.open("ab") as file:
        file.write(torn)
    again = FlatIndex(root)
    assert again.count() == 30
    again.upsert(points[30:])
    again.close()
    once_more = FlatIndex(root)
    assert once_more.count() == 40
    assert once_more.lacking() == frozenset()
    once_more.close()


@pytest.mark.usefixtures("small_segments")
@pytest.mark.parametrize("damage", ["manifest.json", "*.segment", "*.log", "*.dead", "cut"])
def test_a_part_that_cannot_be_read_is_set_aside_and_said_to_be_lacking(
    root: Path, rng: np.random.Generator, damage: str
) -> None:
    points = make_points(rng, 100, days=1)
    index = FlatIndex(root)
    for some in (points[:50], points[:5], points[50:]):
        index.upsert(some)
        index.flush()
    index.upsert([make_point(rng)._replace(day=DAY + timedelta(days=1))])
    index.close()
    part = root / "parts" / DAY.isoformat() / "s"
    for file in part.glob("*.segment" if damage == "cut" else damage):
        if damage == "*.log":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[:-8192] if damage == "cut" else b"?")
    again = FlatIndex(root)
    assert again.count() == 1
    assert again.lacking() == {DAY}
    assert len(list((root / "aside").iterdir())) == 1
    again.upsert(points)
    assert again.count() == 101
    again.close()


def test_an_index_whose_name_is_lost_begins_anew(root: Path, rng: np.random.Generator) -> None:
    index = FlatIndex(root)
    index.upsert(make_points(rng, 10))
    identity = index.index_id
    index.close()
    (root / "index_id").write_text("?")
    again = FlatIndex(root)
    assert again.index_id != identity
    assert (again.count(), len(list((root / "aside").iterdir()))) == (0, 2)
    again.close()


def test_a_vector_of_another_length_is_refused_and_harms_nothing(
    root: Path, rng: np.random.Generator
) -> None:
    index = FlatIndex(root)
    index.upsert([make_point(rng)])
    with pytest.raises(StorageError, match="32 values"):
        index.upsert([make_point(rng, vector=int8(np.ones(8)))])
    with pytest.raises(StorageError, match="8 in the query"):
        index.search(IndexQuery("s", normalised(np.ones(8))))
    assert index.count() == 1
    for space in ("../../x", "", ".", "a/b"):
        with pytest.raises(StorageError):
            index.upsert([make_point(rng, space=space)])
    index.close()


def test_only_so_many_parts_stay_open(root: Path, rng: np.random.Generator) -> None:
    before = open_files()
    index = FlatIndex(root, open_parts=4)
    points = []
    for day in range(40):
        point = make_point(rng)
        point = point._replace(
            day=DAY + timedelta(days=day),
            first_seen_ms=point.first_seen_ms + day * MS_PER_DAY,
            last_seen_ms=point.last_seen_ms + day * MS_PER_DAY,
        )
        points.append(point)
        index.upsert([point])
        index.flush()
    query = IndexQuery("s", normalised(np.ones(SIZE)), limit=100)
    assert same(index.search(query), brute_force(points, query))
    assert open_files() - before <= 10
    assert index.count() == 40
    index.close()


def test_a_directory_that_goes_is_noticed_and_made_again(
    root: Path, rng: np.random.Generator
) -> None:
    index = StandingIndex(lambda: FlatIndex(root))
    points = make_points(rng, 50)
    index.upsert(points)
    identity = index.index_id
    shutil.rmtree(root)
    with pytest.raises(IndexGone):
        index.upsert(points)
    assert index.index_id != identity
    assert index.count() == 0
    index.upsert(points)
    query = random_query(rng, points)
    assert same(index.search(query), brute_force(points, query))
    index.close()


def test_an_index_that_cannot_be_opened_is_opened_when_it_can_be(
    root: Path, rng: np.random.Generator
) -> None:
    root.write_text("a file where the directory should be")
    index = StandingIndex(lambda: FlatIndex(root))
    assert index.index_id.int == 0
    for act in (index.days, index.count, index.flush, index.lacking):
        with pytest.raises(StorageError):
            act()
    root.unlink()
    index.upsert(make_points(rng, 3))
    assert index.count() == 3
    assert index.index_id.int != 0
    index.close()
    with pytest.raises(StorageError, match="closed"):
        index.count()


@pytest.mark.usefixtures("small_segments")
def test_searches_go_on_while_points_arrive_and_are_sealed(
    root: Path, rng: np.random.Generator
) -> None:
    index: VectorIndex = FlatIndex(root, threads=2)
    points = make_points(rng, 2000, days=1)
    index.upsert(points[:100])
    done = threading.Event()
    failures: list[int] = []

    def search() -> None:
        query = IndexQuery("s", normalised(np.ones(SIZE)), limit=20)
        while not done.is_set():
            found = len({h.id for h in index.search(query)})
            if found != 20:
                failures.append(found)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for start in range(100, 2000, 50):
        index.upsert(points[start : start + 50] + points[:20])
        index.flush()
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.count() == 2000
    index.close()
