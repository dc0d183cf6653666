"""What the index of files makes of disks that refuse, logs that are damaged, and days thinned."""

import errno
import os
import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from central.index.flat.files import Files
from central.index.flat.index import FlatIndex, PartKey
from central.index.flat.part import Part
from central.index.flat.tail import Tail
from central.index.port import UNDATED, IndexQuery
from shared.errors import StorageError
from shared.vectors import normalised
from tests.central.index.test_contract import DAY, SIZE, make_point, make_points
from tests.waiting import LONG_S

QUERY = IndexQuery("s", normalised(np.ones(SIZE)), limit=10_000)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(6)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tail is sealed at 40 rows, or when nobody writes to it any more, at 10."""
    monkeypatch.setattr("central.index.flat.part.SEALED_AT", 40)
    monkeypatch.setattr("central.index.flat.part.SEALED_IDLE", 10)


@contextmanager
def few_files(count: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def refuse(*_: object) -> None:
    raise StorageError("no space left on device")


def bytes_of(root: Path, kind: str) -> int:
    return sum(file.stat().st_size for file in (root / "parts").rglob(kind))


def test_too_many_open_files_are_no_damage(root: Path, rng: np.random.Generator) -> None:
    index = FlatIndex(root)
    for day in range(30):
        index.upsert([make_point(rng)._replace(day=DAY + timedelta(days=day))])
    index.close()
    again = FlatIndex(root)
    with few_files(8), pytest.raises(StorageError, match="Too many open files"):
        again.search(QUERY)
    assert len(again.search(QUERY)) == 30
    assert (again.lacking(), list(root.glob("aside/*"))) == (frozenset(), [])
    again.close()


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOMEM])
def test_what_cannot_be_read_now_stays_where_it_is(
    root: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    index = FlatIndex(root)
    index.upsert(make_points(rng, 5, days=1))
    index.close()
    again = FlatIndex(root)

    def fails(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as broken:
        broken.setattr(Path, "read_bytes", fails)
        with pytest.raises(StorageError, match="cannot be read"):
            again.count()
    with monkeypatch.context() as broken:
        broken.setattr(Path, "iterdir", fails)
        assert again.count() == 5
    assert again.lacking() == frozenset()
    again.close()


def test_a_part_that_could_not_be_made_is_made_later(
    root: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = FlatIndex(root)
    points = make_points(rng, 5, days=1)
    for step in ("central.index.flat.tail.Tail.create", "central.index.flat.files.Files.name"):
        with monkeypatch.context() as full:
            full.setattr(step, refuse)
            with pytest.raises(StorageError, match="no space"):
                index.upsert(points)
    index.upsert(points)
    assert index.count() == 5
    index.close()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("step", [(Files, "name"), (Tail, "create")])
def test_a_tail_that_cannot_be_sealed_goes_on_and_nothing_is_lost(
    root: Path,
    rng: np.random.Generator,
    monkeypatch: pytest.MonkeyPatch,
    step: tuple[type, str],
) -> None:
    index = FlatIndex(root)
    points = make_points(rng, 200, days=1)
    index.upsert(points[:5])
    index.flush()
    index.upsert(points[5:100])
    with monkeypatch.context() as full:
        full.setattr(*step, refuse)
        with pytest.raises(StorageError, match="no space"):
            index.flush()
    index.upsert(points[100:110])
    assert len(index.search(QUERY)) == 110
    index.flush()
    index.upsert(points[110:])
    index.close()
    again = FlatIndex(root)
    assert (again.count(), again.lacking()) == (200, frozenset())
    again.close()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"\x93NUMPY"])
def test_a_list_of_dead_rows_that_is_cut_off_is_damage(
    root: Path, rng: np.random.Generator, damage: bytes
) -> None:
    index = FlatIndex(root)
    points = make_points(rng, 100, days=1)
    for some in (points[:50], points[:3], points[50:]):
        index.upsert(some)
        index.flush()
    index.close()
    (dead,) = (root / "parts").rglob("*.dead")
    dead.write_bytes(damage)
    again = FlatIndex(root)
    assert again.search(QUERY) == []
    assert again.lacking() == {DAY}
    again.close()


@pytest.mark.parametrize("place", [0, 4, 30])
def test_a_damaged_record_with_whole_ones_behind_it_is_damage_and_no_torn_end(
    root: Path, rng: np.random.Generator, place: int
) -> None:
    index = FlatIndex(root)
    for _ in range(5):
        index.upsert(make_points(rng, 3, days=1))
        index.flush()
    index.close()
    (log,) = (root / "parts").rglob("*.log")
    data = bytearray(log.read_bytes())
    data[place] ^= 0xFF
    log.write_bytes(data)
    again = FlatIndex(root)
    assert again.count() == 0
    assert again.lacking() == {DAY}
    again.close()


@pytest.mark.usefixtures("small")
def test_a_log_of_forgets_is_sealed_and_thin_segments_give_their_bytes_back(
    root: Path, rng: np.random.Generator
) -> None:
    index = FlatIndex(root)
    points = make_points(rng, 400, days=1)
    index.upsert(points)
    index.flush()
    before = bytes_of(root, "*.segment")
    for start in range(0, 300, 5):
        index.forget(DAY, [point.id for point in points[start : start + 5]])
        index.flush()
    assert bytes_of(root, "*.segment") < before
    assert bytes_of(root, "*.log") < 80 * 24
    assert index.count() == 100
    index.close()
    again = FlatIndex(root)
    assert {hit.id for hit in again.search(QUERY)} == {point.id for point in points[300:]}
    again.close()


@pytest.mark.usefixtures("small")
def test_the_tail_of_a_day_that_is_over_is_sealed(root: Path, rng: np.random.Generator) -> None:
    index = FlatIndex(root)
    later = make_point(rng)._replace(day=DAY + timedelta(days=1))
    index.upsert([*make_points(rng, 20, days=1), later])
    index.flush()
    assert not list((root / "parts").rglob("*.segment"))
    index.upsert([later])
    index.flush()
    (segment,) = (root / "parts").rglob("*.segment")
    assert segment.parts[-3] == DAY.isoformat()
    assert len(index.search(QUERY)) == 21
    index.close()


def test_what_is_no_part_is_passed_over(root: Path, rng: np.random.Generator) -> None:
    index = FlatIndex(root)
    index.upsert([make_point(rng), make_point(rng, day=UNDATED)])
    index.close()
    for stray in ("lost+found/s", "20260720/s", f"{DAY}/a b"):
        (root / "parts" / stray).mkdir(parents=True)
    (root / "parts" / DAY.isoformat() / "file").touch()
    again = FlatIndex(root)
    assert (again.days(), again.count()) == ([UNDATED, DAY], 2)
    again.close()


def test_searches_of_other_days_go_on_while_a_part_is_read(
    root: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = FlatIndex(root)
    index.upsert([make_point(rng), make_point(rng)._replace(day=DAY + timedelta(days=1))])
    index.close()
    again = FlatIndex(root)
    assert again.count(DAY) == 1
    reading, go_on, load = threading.Event(), threading.Event(), Part.load

    def slow(*arguments: object) -> Part:
        reading.set()
        assert go_on.wait(LONG_S)
        return load(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Part, "load", slow)
    counted: list[int] = []
    thread = threading.Thread(target=lambda: counted.append(again.count()))
    thread.start()
    assert reading.wait(LONG_S)
    assert again.count(DAY) == 1
    assert len(again.days()) == 2
    assert PartKey(DAY, "s") in again._parts
    go_on.set()
    thread.join(LONG_S)
    assert counted == [2]
    again.close()
