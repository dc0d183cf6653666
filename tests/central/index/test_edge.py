"""What only the embedded index must bear: damaged files, other processes, many points."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from central.index.port import IndexQuery
from central.index.qdrant_edge import QdrantEdgeIndex
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
def optimise_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central.index.qdrant_edge._OPTIMISE_AFTER", 1)


@pytest.mark.usefixtures("optimise_always")
def test_int8_with_rescoring_is_still_exact(root: Path, rng: np.random.Generator) -> None:
    # More than the engine's threshold for making int8 copies (10 MB of vectors a segment).
    vectors = rng.standard_normal((20_000, 256)).astype(np.float32)
    points = [make_point(rng, vector=int8(vector)) for vector in vectors]
    index = QdrantEdgeIndex(root)
    for start in range(0, len(points), 1000):
        index.upsert(points[start : start + 1000])
    index.flush()
    for _ in range(20):
        vector = rng.standard_normal(256).astype(np.float32)
        query = random_query(rng, points)._replace(vector=vector)
        assert same(index.search(query), brute_force(points, query))
    index.close()


def test_a_second_process_is_told_to_wait(root: Path) -> None:
    index = QdrantEdgeIndex(root)
    with pytest.raises(StorageError, match="in use by another process"):
        QdrantEdgeIndex(root)
    index.close()
    QdrantEdgeIndex(root).close()


def test_what_was_flushed_survives_a_kill_in_the_middle_of_more(
    root: Path, rng: np.random.Generator
) -> None:
    program = (
        "import os, sys, pathlib, numpy as np; "
        "from central.index.qdrant_edge import QdrantEdgeIndex; "
        "from tests.central.index.test_contract import make_points; "
        "index = QdrantEdgeIndex(pathlib.Path(sys.argv[1])); "
        "points = make_points(np.random.default_rng(5), 300); "
        "index.upsert(points[:200]); index.flush(); index.upsert(points[200:]); "
        "os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", program, str(root)]
    here = Path(__file__).parents[3]
    assert subprocess.run(command, cwd=here, check=False).returncode == -signal.SIGKILL
    points = make_points(rng, 300)
    index = QdrantEdgeIndex(root)
    assert index.count() >= 200
    index.upsert(points)
    query = random_query(rng, points)
    assert same(index.search(query), brute_force(points, query))
    assert index.count() == 300
    index.close()


@pytest.mark.parametrize("damage", ["segments", "edge_config.json", "panic", "everything"])
def test_a_part_that_cannot_be_read_is_set_aside(
    root: Path, rng: np.random.Generator, damage: str
) -> None:
    points = make_points(rng, 50, days=2)
    index = QdrantEdgeIndex(root)
    index.upsert(points)
    index.close()
    part = root / "parts" / DAY.isoformat() / "s"
    for file in sorted(path for path in part.rglob("*") if path.is_file()):
        if damage in {str(file.relative_to(part)).split("/")[0], "everything"}:
            file.write_bytes(b"?")
        if damage == "panic" and file.name == "status.dat":
            file.write_bytes(file.read_bytes()[:1])
    again = QdrantEdgeIndex(root)
    left = [point for point in points if point.day != DAY]
    assert again.count() == len(left)
    assert len(list((root / "aside").iterdir())) == 1
    again.upsert(points)
    assert again.count() == len(points)
    again.close()


def test_a_space_that_could_leave_the_directory_is_refused(
    root: Path, rng: np.random.Generator
) -> None:
    index = QdrantEdgeIndex(root)
    for space in ("../../x", "", ".", "a/b"):
        with pytest.raises(StorageError):
            index.upsert([make_point(rng, space=space)])
    index.close()


def test_searches_go_on_while_points_arrive(root: Path, rng: np.random.Generator) -> None:
    index = QdrantEdgeIndex(root)
    points = make_points(rng, 2000, days=1)
    index.upsert(points[:100])
    done, failures = threading.Event(), []

    def search() -> None:
        query = IndexQuery("s", normalised(np.ones(SIZE)), limit=20)
        while not done.is_set():
            hits = index.search(query)
            if len(hits) != 20 or len({h.id for h in hits}) != 20:
                failures.append(hits)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for start in range(100, 2000, 100):
        index.upsert(points[start : start + 100])
        index.flush()
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.count() == 2000
    index.close()
