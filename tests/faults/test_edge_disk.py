"""A box whose disk is full, read-only or failing keeps the line in use and comes back by itself."""

import errno
import random
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox, WaitingCrop
from edge_agent.uplink.delivery import Delivery
from shared.clock import ManualClock
from shared.errors import StorageError
from shared.messages import Ack, encode
from shared.topics import Lane
from tests.faults.disk import RecordedDisk

CAP = 64 * 1024 * 1024
FAULTS = {
    "full": apsw.FullError,
    "read-only": apsw.ReadOnlyError,
    "failing": apsw.IOError,
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_780_000_000_000)


@pytest.fixture
def disk() -> RecordedDisk:
    return RecordedDisk()


@pytest.fixture
def outbox(disk: RecordedDisk, tmp_path: Path, clock: ManualClock) -> Iterator[Outbox]:
    with disk.installed(), Outbox(tmp_path / "box", CAP, clock) as opened:
        yield opened


def acked(outbox: Outbox, seqs: list[int]) -> list[bytes]:
    return [encode(Ack(epoch=outbox.epoch, accepted=seqs))]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("where", ["writes", "syncs"])
def test_what_a_disk_refuses_is_told_and_what_it_took_before_stays(
    disk: RecordedDisk, outbox: Outbox, fault: str, where: str
) -> None:
    for number in range(20):
        outbox.append(Lane.SIGHTING, b"%d" % number, WaitingCrop(b"%d" % number, b"picture"))
    setattr(disk, f"{where}_fail", FAULTS[fault])
    for _ in range(5):
        with pytest.raises(StorageError, match="free space"):
            outbox.append(Lane.SIGHTING, bytes(9000), WaitingCrop(b"lost", b"picture"))
    assert [row.payload for row in outbox.pending(99)] == [b"%d" % n for n in range(20)]
    count = outbox.count()
    assert (count.rows, count.crops, count.failed) == (20, 20, 5)
    setattr(disk, f"{where}_fail", None)
    assert outbox.append(Lane.SIGHTING, b"after").seq == 21


@pytest.mark.parametrize("fault", FAULTS)
def test_rows_that_cannot_be_deleted_are_sent_once_and_deleted_when_the_disk_is_back(
    disk: RecordedDisk, outbox: Outbox, clock: ManualClock, fault: str
) -> None:
    for number in range(60):
        outbox.append(Lane.SIGHTING, b"%d" % number)
    delivery = Delivery(outbox, UplinkSettings(host="centre"), clock)
    disk.writes_fail = FAULTS[fault]
    sent: list[int] = []
    for _ in range(100):
        rows = list(delivery.due(16))
        sent += [row.id.seq for row in rows]
        delivery.answered(acked(outbox, [row.id.seq for row in rows]))
        clock.advance(5)
    assert sent == list(range(1, 61)), "a broken disk is no reason to send anything twice"
    assert outbox.count().rows == 60
    disk.writes_fail = None
    clock.advance(10)
    assert list(delivery.due(16)) == []
    assert outbox.count().rows == 0
    assert delivery.count.acked == 60


def test_pictures_and_reports_wait_for_a_disk_that_refuses(
    disk: RecordedDisk, outbox: Outbox, clock: ManualClock
) -> None:
    first = outbox.append(Lane.SIGHTING, b"one", WaitingCrop(b"key", b"picture"))
    delivery = Delivery(outbox, UplinkSettings(host="centre"), clock)
    assert [row.payload for row in delivery.due(16)] == [b"one"]
    delivery.answered(acked(outbox, [first.seq]))
    disk.writes_fail = apsw.FullError
    for _ in range(10):
        assert list(delivery.due(16)) == []
        delivery.tell_gaps(lambda _: b"report")
        clock.advance(5)
    disk.writes_fail = None
    clock.advance(10)
    assert [row.payload for row in delivery.due(16)] == [b"picture"]


def test_a_power_cut_after_syncs_that_failed_loses_nothing_either(
    disk: RecordedDisk, tmp_path: Path, clock: ManualClock
) -> None:
    with disk.installed(), Outbox(tmp_path / "box", CAP, clock) as outbox:
        kept = {outbox.append(Lane.SIGHTING, b"%d" % n): b"%d" % n for n in range(10)}
        disk.syncs_fail = apsw.IOError
        for _ in range(3):
            with pytest.raises(StorageError):
                outbox.append(Lane.SIGHTING, b"never kept")
        disk.syncs_fail = None
        kept[outbox.append(Lane.SIGHTING, b"after")] = b"after"
        at = len(disk.events)
    fate = random.Random(5)  # noqa: S311
    for number in range(10):
        left = tmp_path / f"left-{number}"
        left.mkdir()
        for name, data in disk.after_power_cut(at, fate).items():
            (left / name).write_bytes(data)
        with Outbox(left, CAP, clock) as again:
            assert {row.id: row.payload for row in again.pending(99)} == kept


def test_a_folder_that_may_not_be_written_is_said_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(StorageError, match=r"outbox\.lock: .*Read-only.*may write"):
        Outbox(tmp_path, CAP, ManualClock())
