"""Pictures that wait in the outbox until the line is idle or the centre asks."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.outbox import Outbox, WaitingCrop
from edge_agent.outbox.file import FILE_NAME, SCHEMA_VERSION
from shared.clock import ManualClock
from shared.topics import Lane

MIB = 1024 * 1024
SCHEMA_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE rows (seq INTEGER PRIMARY KEY AUTOINCREMENT, lane TEXT NOT NULL,
    payload BLOB NOT NULL, bytes INTEGER NOT NULL, created INTEGER NOT NULL);
CREATE INDEX rows_by_lane ON rows (lane, seq);
CREATE TABLE gaps (first INTEGER PRIMARY KEY, last INTEGER NOT NULL CHECK (last >= first),
    report INTEGER);
CREATE INDEX gaps_by_last ON gaps (last);
PRAGMA user_version = 1;
INSERT INTO meta VALUES ('epoch', '00000000000000000000000000000007'), ('evicted', 3);
INSERT INTO rows (lane, payload, bytes, created) VALUES ('sighting', x'6f6c64', 3, 1);
"""


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path, MIB, ManualClock(1_760_000_000_000)) as opened:
        yield opened


def picture(number: int, size: int = 10) -> WaitingCrop:
    return WaitingCrop(b"%016d" % number, b"%d-" % number + bytes(size))


def keep(outbox: Outbox, number: int, size: int = 10) -> None:
    outbox.append(Lane.SIGHTING, b"sighting", picture(number, size))


def tell(keys: list[bytes]) -> bytes:
    return b"gone " + b" ".join(keys)


def on_lane(outbox: Outbox, lane: Lane) -> list[bytes]:
    return [row.payload for row in outbox.pending(9999) if row.lane is lane]


def test_a_picture_is_no_row_until_it_is_let_go_the_newest_first(outbox: Outbox) -> None:
    for number in range(3):
        keep(outbox, number)
    assert (outbox.count().rows, outbox.count().crops) == (3, 3)
    assert outbox.let_go(2, tell) == 2
    assert (outbox.count().rows, outbox.count().crops) == (5, 1)
    assert on_lane(outbox, Lane.CROP) == [picture(2).payload, picture(1).payload]
    assert outbox.pending(1)[0].lane is Lane.CROP, "let go, it goes before the backlog"


def test_a_newer_picture_takes_the_place_of_an_older_one_without_a_hole(outbox: Outbox) -> None:
    keep(outbox, 7, size=10)
    keep(outbox, 7, size=20)
    assert outbox.count().crops == 1
    outbox.let_go(9, tell)
    assert [row.id.seq for row in outbox.pending(9)] == [3, 1, 2]
    assert on_lane(outbox, Lane.CROP) == [picture(7, 20).payload]


def test_pictures_that_are_asked_for_go_and_unknown_ones_are_ignored(outbox: Outbox) -> None:
    for number in range(4):
        keep(outbox, number)
    asked = [picture(1).key, picture(99).key]
    assert outbox.let_go(9, tell, asked) == 1
    assert on_lane(outbox, Lane.CROP) == [picture(1).payload]
    assert outbox.let_go(9, tell, asked) == 0


def test_pictures_wait_over_a_restart(tmp_path: Path) -> None:
    with Outbox(tmp_path, MIB, ManualClock()) as outbox:
        keep(outbox, 1)
    with Outbox(tmp_path, MIB, ManualClock()) as outbox:
        assert outbox.holds_crops
        assert outbox.let_go(1, tell) == 1
        assert not outbox.holds_crops


def test_at_the_cap_pictures_go_before_any_sighting_and_are_told(outbox: Outbox) -> None:
    for number in range(400):
        keep(outbox, number, size=4000)
    count = outbox.count()
    assert (count.rows, count.evicted) == (400, 0)
    assert count.crops + count.crops_evicted == 400
    assert count.crops_evicted > 0
    assert outbox.gaps() == []
    outbox.let_go(1, tell)
    told = [payload for payload in on_lane(outbox, Lane.CROP) if payload.startswith(b"gone")]
    gone = {picture(number).key for number in range(count.crops_evicted)}
    assert set(told[0].split()[1:]) == gone
    outbox.let_go(1, tell)
    assert len([p for p in on_lane(outbox, Lane.CROP) if p.startswith(b"gone")]) == 1, "told once"


def test_when_no_picture_is_left_sightings_go(outbox: Outbox) -> None:
    for number in range(100):
        outbox.append(Lane.SIGHTING, bytes(4000), picture(number, 4000))
    for _ in range(300):
        outbox.append(Lane.SIGHTING, bytes(4000))
    count = outbox.count()
    assert (count.crops, count.crops_evicted) == (0, 100)
    assert count.evicted > 0
    assert count.rows + count.evicted == 400


def test_a_refused_append_leaves_no_picture(outbox: Outbox) -> None:
    outbox._db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(Exception, match="free space"):
        outbox.append(Lane.SIGHTING, b"one", picture(1, 100_000))
    assert (outbox.count().rows, outbox.count().crops) == (0, 0)
    assert not outbox.holds_crops


def test_an_outbox_of_the_schema_before_is_brought_up_and_keeps_its_rows(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / FILE_NAME)
    db.executescript(SCHEMA_1)
    db.close()
    with Outbox(tmp_path, MIB, ManualClock()) as outbox:
        assert outbox.epoch.int == 7
        assert outbox.count().evicted == 3
        keep(outbox, 1)
        assert [row.payload for row in outbox.pending(9)] == [b"sighting", b"old"]
        assert outbox.count().crops == 1
        assert outbox._db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
