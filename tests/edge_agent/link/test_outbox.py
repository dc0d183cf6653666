import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from edge_agent.outbox import LIVE_S, Outbox, Row
from edge_agent.outbox.file import FILE_NAME, SCHEMA_VERSION
from shared.clock import ManualClock
from shared.errors import PayloadTooLarge, StorageError
from shared.messages import Gap
from shared.messages.base import MAX_PAYLOAD_BYTES
from shared.outbox_id import OutboxId
from shared.topics import Lane

MIB = 1024 * 1024


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(now_ms=1_760_000_000_000)


@pytest.fixture
def outbox(tmp_path: Path, clock: ManualClock) -> Iterator[Outbox]:
    with Outbox(tmp_path, MIB, clock) as opened:
        yield opened


def payloads(rows: list[Row]) -> list[bytes]:
    return [row.payload for row in rows]


def report(found: list[Gap]) -> bytes:
    return repr(found).encode()


def test_a_row_is_there_after_the_box_restarts(tmp_path: Path, clock: ManualClock) -> None:
    with Outbox(tmp_path, MIB, clock) as outbox:
        kept = outbox.append(Lane.SIGHTING, b"one")
    with Outbox(tmp_path, MIB, clock) as outbox:
        assert outbox.pending(9) == [Row(kept, Lane.SIGHTING, b"one", clock.now_ms())]


def test_a_sequence_number_is_never_used_again(tmp_path: Path, clock: ManualClock) -> None:
    with Outbox(tmp_path, MIB, clock) as outbox:
        first = outbox.append(Lane.SIGHTING, b"one")
        outbox.delete([first])
    with Outbox(tmp_path, MIB, clock) as outbox:
        assert outbox.append(Lane.SIGHTING, b"two") == OutboxId(first.epoch, first.seq + 1)


def test_alerts_go_before_live_before_backlog_before_reports(
    outbox: Outbox, clock: ManualClock
) -> None:
    outbox.append(Lane.TELEMETRY, b"report")
    outbox.append(Lane.SIGHTING, b"old")
    clock.advance(LIVE_S + 1)
    outbox.append(Lane.SIGHTING, b"live 1")
    outbox.append(Lane.SIGHTING, b"live 2")
    outbox.append(Lane.ALERT, b"alert")
    assert payloads(outbox.pending(9)) == [b"alert", b"live 1", b"live 2", b"old", b"report"]
    assert payloads(outbox.pending(2)) == [b"alert", b"live 1"]


def test_what_an_earlier_run_left_is_backlog(tmp_path: Path, clock: ManualClock) -> None:
    with Outbox(tmp_path, MIB, clock) as outbox:
        outbox.append(Lane.SIGHTING, b"old")
    with Outbox(tmp_path, MIB, clock) as outbox:
        outbox.append(Lane.SIGHTING, b"live")
        assert payloads(outbox.pending(9)) == [b"live", b"old"]


def test_rows_in_flight_are_passed_over(outbox: Outbox) -> None:
    first, _, third = (outbox.append(Lane.SIGHTING, b"%d" % n) for n in range(3))
    assert payloads(outbox.pending(9, {first, third})) == [b"1"]


def test_an_ack_of_another_epoch_deletes_nothing(outbox: Outbox, tmp_path: Path) -> None:
    kept = outbox.append(Lane.SIGHTING, b"one")
    with Outbox(tmp_path / "other", MIB, ManualClock()) as other:
        assert outbox.delete([OutboxId(other.epoch, kept.seq)]) == 0
    assert outbox.count().rows == 1


def test_deleting_twice_counts_once(outbox: Outbox) -> None:
    kept = outbox.append(Lane.SIGHTING, b"one")
    assert [outbox.delete([kept]), outbox.delete([kept])] == [1, 0]
    assert outbox.count().rows == 0


def test_a_payload_nobody_would_take_is_refused_at_once(outbox: Outbox) -> None:
    with pytest.raises(PayloadTooLarge, match="cap"):
        outbox.append(Lane.SIGHTING, bytes(MAX_PAYLOAD_BYTES + 1))


def test_at_the_cap_the_oldest_sightings_go_counted_and_alerts_stay(outbox: Outbox) -> None:
    outbox.append(Lane.ALERT, b"alert")
    for _ in range(1000):
        outbox.append(Lane.SIGHTING, bytes(2500))
    count = outbox.count()
    assert count.bytes <= MIB
    assert count.rows + count.evicted == 1001
    assert count.evicted > 0
    assert outbox.gaps() == [Gap(first=2, last=1 + count.evicted)]
    assert outbox.pending(1)[0].payload == b"alert"


def test_alerts_go_only_when_no_sighting_is_left(outbox: Outbox) -> None:
    for _ in range(1000):
        outbox.append(Lane.ALERT, bytes(2500))
    count = outbox.count()
    assert 0 < count.evicted == 1000 - count.rows
    assert outbox.gaps() == [Gap(first=1, last=count.evicted)]


def test_a_gap_is_kept_until_its_report_is_acknowledged(tmp_path: Path, clock: ManualClock) -> None:
    with Outbox(tmp_path, MIB, clock) as outbox:
        assert outbox.append_report(report) is None
        for _ in range(300):
            outbox.append(Lane.SIGHTING, bytes(5000))
        carried = outbox.gaps()
        first = outbox.append_report(report)
        assert first is not None
        assert outbox.append_report(report) is None, "one report at a time"
    with Outbox(tmp_path, MIB, clock) as outbox:
        assert outbox.gaps() == carried
        assert payloads(outbox.pending(999))[-1] == report(carried)
        for _ in range(20):
            outbox.append(Lane.SIGHTING, bytes(5000))
        outbox.delete([first])
        later = outbox.gaps()
        assert later[0].first == carried[0].last + 1
        assert outbox.append_report(report) is not None


def test_a_row_acknowledged_after_its_eviction_is_no_gap(outbox: Outbox) -> None:
    for _ in range(300):
        outbox.append(Lane.SIGHTING, bytes(5000))
    before = outbox.count().evicted
    outbox.delete([OutboxId(outbox.epoch, 5)])
    assert outbox.gaps()[:2] == [Gap(first=1, last=4), Gap(first=6, last=before)]
    assert outbox.count().evicted == before - 1


def test_a_second_agent_on_the_same_folder_is_refused(outbox: Outbox, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="another agent runs on this folder"):
        Outbox(tmp_path, MIB, ManualClock())
    outbox.append(Lane.SIGHTING, b"the first goes on")


@pytest.mark.parametrize("damage", [b"not a database at all" * 400, bytes(8192)])
def test_a_damaged_file_is_set_aside_and_a_new_epoch_begins(
    tmp_path: Path, clock: ManualClock, damage: bytes
) -> None:
    with Outbox(tmp_path, MIB, clock) as outbox:
        before = outbox.append(Lane.SIGHTING, b"one")
    (tmp_path / FILE_NAME).write_bytes(damage)
    with Outbox(tmp_path, MIB, clock) as outbox:
        assert outbox.epoch != before.epoch
        assert outbox.append(Lane.SIGHTING, b"two").seq == 1
    assert [kept.read_bytes() for kept in tmp_path.glob("*damaged*3")] == [damage]


def test_damage_inside_the_file_is_found(tmp_path: Path, clock: ManualClock) -> None:
    with Outbox(tmp_path, MIB, clock) as outbox:
        for n in range(100):
            outbox.append(Lane.SIGHTING, bytes([n]) * 3000)
    path = tmp_path / FILE_NAME
    data = bytearray(path.read_bytes())
    data[4096 * 3 : 4096 * 60] = b"\xaa" * (4096 * 57)
    path.write_bytes(data)
    with Outbox(tmp_path, MIB, clock) as outbox:
        assert outbox.count().rows == 0
    assert len(list(tmp_path.glob("*damaged*3"))) == 1


def test_damage_while_running_loses_no_new_row(outbox: Outbox, tmp_path: Path) -> None:
    before = outbox.epoch
    for _ in range(50):
        outbox.append(Lane.SIGHTING, bytes(3000))
    outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (tmp_path / FILE_NAME).open("r+b") as file:
        file.write(b"\xaa" * 4096 * 60)
    outbox._db.execute("PRAGMA shrink_memory")
    kept = outbox.append(Lane.SIGHTING, b"after the damage")
    assert kept.epoch == outbox.epoch != before
    assert payloads(outbox.pending(9)) == [b"after the damage"]


def test_a_full_disk_is_told_and_counted_and_the_outbox_goes_on(outbox: Outbox) -> None:
    pages = outbox._db.execute("PRAGMA page_count").fetchone()[0]
    outbox._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StorageError, match="free space"):
        outbox.append(Lane.SIGHTING, bytes(100_000))
    assert outbox.count().failed == 1
    assert outbox.count().rows == 0
    outbox._db.execute("PRAGMA max_page_count = 100000")
    assert outbox.append(Lane.SIGHTING, bytes(100_000)).seq == 1


def test_a_newer_schema_is_refused_with_the_mend(tmp_path: Path, clock: ManualClock) -> None:
    Outbox(tmp_path, MIB, clock).close()
    db = sqlite3.connect(tmp_path / FILE_NAME)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(StorageError, match="update Dongseon"):
        Outbox(tmp_path, MIB, clock)


def test_many_threads_append_and_nothing_is_lost(outbox: Outbox) -> None:
    def work(name: int) -> None:
        for n in range(25):
            outbox.append(Lane.SIGHTING, b"%d-%d" % (name, n))

    threads = [Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = outbox.pending(999)
    assert len({row.payload for row in found}) == len({row.id for row in found}) == 100


def test_appending_tells_the_listener(outbox: Outbox) -> None:
    told: list[int] = []
    outbox.on_append(lambda: told.append(1))
    outbox.append(Lane.SIGHTING, b"one")
    assert told == [1]


@hypothesis_settings(deadline=None, max_examples=50)  # each step waits for the disk
@given(st.lists(st.tuples(st.sampled_from(["alert", "sighting", "delete"]), st.integers(1, 60))))
def test_what_was_appended_is_kept_deleted_or_a_gap(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    appended: set[int] = set()
    acked: set[int] = set()
    with Outbox(tmp_path_factory.mktemp("box"), 200_000, ManualClock()) as outbox:
        for what, n in steps:
            if what == "delete":
                outbox.delete([OutboxId(outbox.epoch, n)])
                acked |= {n} & appended
            else:
                appended.add(outbox.append(Lane(what), bytes(n * 500)).seq)
        kept = {row.id.seq for row in outbox.pending(999)}
        gone = {seq for gap in outbox.gaps() for seq in range(gap.first, gap.last + 1)}
        assert kept | gone | acked == appended
        assert not kept & gone
        assert not gone & acked
        assert outbox.count().evicted == len(gone)
        assert outbox.count().rows == len(kept)
