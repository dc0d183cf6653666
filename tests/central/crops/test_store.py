import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from central.crops.store import CropStore, StoredCrop
from central.days import day_of
from shared.clock import MS_PER_DAY, ManualClock
from shared.errors import StorageError
from shared.ids import uuid7
from tests.factories import MORNING_MS

TODAY = day_of(MORNING_MS)
ID = uuid7(MORNING_MS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CropStore]:
    store = CropStore(tmp_path / "crops", ManualClock(MORNING_MS))
    yield store
    store.close()


def crop(revision: int, data: bytes = b"", identifier: UUID = ID) -> StoredCrop:
    return StoredCrop(TODAY, identifier, revision, data or f"picture {revision}".encode())


def test_a_crop_is_there_after_opening_again(store: CropStore, tmp_path: Path) -> None:
    store.put_many([crop(0)])
    store.close()
    again = CropStore(tmp_path / "crops", ManualClock(MORNING_MS))
    assert again.get(TODAY, ID) == b"picture 0"
    assert again.get(TODAY, uuid7(MORNING_MS)) is None
    assert again.get(day_of(0), ID) is None
    again.close()


def test_the_highest_revision_stays_whatever_the_order(store: CropStore) -> None:
    revisions = [crop(n) for n in (3, 0, 5, 1, 1, 4, 2, 5, 0, 2, 4, 3)]
    store.put_many(revisions[:6])
    for one in revisions[6:]:
        store.put_many([one])
    store.put_many([crop(5, b"another of the same revision")])
    assert store.get(TODAY, ID) == b"picture 5"


def test_dropping_a_day_deletes_its_file_only(store: CropStore, tmp_path: Path) -> None:
    tomorrow = day_of(MORNING_MS + MS_PER_DAY)
    other = StoredCrop(tomorrow, uuid7(MORNING_MS + MS_PER_DAY), 0, b"tomorrow")
    store.put_many([crop(0), other])
    assert store.days() == [TODAY, tomorrow]
    store.drop_day(TODAY)
    assert store.get(TODAY, ID) is None
    assert store.get(tomorrow, other.id) == b"tomorrow"
    assert store.days() == [tomorrow]
    assert not list((tmp_path / "crops").glob(f"{TODAY}*"))
    store.put_many([crop(0)])
    assert store.get(TODAY, ID) == b"picture 0"


def test_unlikely_days_share_one_file_and_can_be_dropped(store: CropStore, tmp_path: Path) -> None:
    odd = [StoredCrop(day_of(n * MS_PER_DAY), uuid7(n * MS_PER_DAY), 0, b"odd") for n in range(50)]
    store.put_many(odd)
    assert {path.name for path in (tmp_path / "crops").glob("*.sqlite")} == {"undated.sqlite"}
    assert all(store.get(one.day, one.id) == b"odd" for one in odd)
    store.drop_day(odd[0].day)
    assert store.get(odd[0].day, odd[0].id) is None
    assert store.get(odd[1].day, odd[1].id) == b"odd"


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_many_days_do_not_keep_many_files_open(store: CropStore) -> None:
    before = open_files()
    days = [MORNING_MS - n * MS_PER_DAY for n in range(60)]
    for ms in days:
        store.put_many([StoredCrop(day_of(ms), uuid7(ms), 0, b"x")])
    assert open_files() - before < 40
    assert len(store.days()) == 60


def test_readers_and_writers_at_once(store: CropStore) -> None:
    known = [uuid7(MORNING_MS) for _ in range(200)]
    store.put_many([crop(0, b"first", one) for one in known])
    wrong: list[bytes | None] = []

    def look() -> None:
        for one in known * 3:
            found = store.get(TODAY, one)
            if found not in {b"first", b"second"}:
                wrong.append(found)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for start in range(0, 200, 20):
        store.put_many([crop(1, b"second", one) for one in known[start : start + 20]])
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_damaged_file_is_an_error_that_names_it(store: CropStore, tmp_path: Path) -> None:
    (tmp_path / "crops").mkdir()
    (tmp_path / "crops" / f"{TODAY}.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(StorageError, match=str(TODAY)):
        store.get(TODAY, ID)
    with pytest.raises(StorageError, match="check the disk"):
        store.put_many([crop(0)])


def test_what_was_put_survives_a_kill(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys; from central.crops.store import *; from uuid import UUID; "
        "from datetime import date; s = CropStore(pathlib.Path(sys.argv[1])); "
        "s.put_many([StoredCrop(date.fromisoformat(sys.argv[2]), UUID(sys.argv[3]), 1, b'kept')]); "
        "os.kill(os.getpid(), 9)"
    )
    command = [sys.executable, "-c", program, str(tmp_path), str(TODAY), str(ID)]
    assert subprocess.run(command, check=False).returncode == -9
    store = CropStore(tmp_path)
    assert store.get(TODAY, ID) == b"kept"
    store.close()


def test_writes_are_synchronous(store: CropStore, tmp_path: Path) -> None:
    store.put_many([crop(0)])
    with store._writers.use(tmp_path / "crops" / f"{TODAY}.sqlite") as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert isinstance(db, sqlite3.Connection)


def test_a_day_that_another_process_deleted_and_made_again_is_one_file_for_both(
    store: CropStore, tmp_path: Path
) -> None:
    other = CropStore(tmp_path / "crops", ManualClock(MORNING_MS))
    store.put_many([crop(0)])
    assert store.get(TODAY, ID) == b"picture 0"
    other.drop_day(TODAY)
    assert store.get(TODAY, ID) is None
    ids = [uuid7(MORNING_MS) for _ in range(6)]
    for number, one in enumerate(ids):
        (other, store)[number % 2].put_many([crop(0, b"again", one)])
    for each in (store, other):
        assert [each.get(TODAY, one) for one in ids] == [b"again"] * 6
        assert each.get(TODAY, ID) is None
    other.close()
    assert store.count(TODAY) == 6


def test_a_file_that_another_process_deleted_gives_its_space_back(
    store: CropStore, tmp_path: Path
) -> None:
    tomorrow = MORNING_MS + MS_PER_DAY
    later = StoredCrop(day_of(tomorrow), uuid7(tomorrow), 0, b"tomorrow")
    store.put_many([crop(0), later])
    assert store.get(TODAY, ID) == b"picture 0"
    other = CropStore(tmp_path / "crops", ManualClock(MORNING_MS))
    other.drop_day(TODAY)
    other.close()
    store.put_many([later])
    assert store.get(later.day, later.id) == b"tomorrow"
    links = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    assert not [link for link in links if "(deleted)" in link and str(tmp_path) in link]
