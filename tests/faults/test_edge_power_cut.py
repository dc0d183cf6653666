"""A box whose power goes at any moment has everything that it was told is kept."""

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from edge_agent.outbox import Outbox, WaitingCrop
from edge_agent.outbox.file import FILE_NAME
from shared.clock import ManualClock
from shared.messages import Gap
from shared.outbox_id import OutboxId
from shared.topics import Lane
from tests.faults.disk import RecordedDisk, Said
from tests.faults.figures import FaultFigures

CAP = 3 * 1024 * 1024
STEPS = 250


@dataclass
class Told:
    """What the program had told of itself when the power went.

    `kept`: rows whose append had returned, and `crops` that it had taken. `may_be_gone`: rows the
    centre had answered for, or of which it had the report that they were evicted.
    """

    epoch: UUID | None = None
    kept: dict[OutboxId, bytes] = field(default_factory=dict)
    may_be_gone: set[OutboxId] = field(default_factory=set)
    crops: dict[bytes, bytes] = field(default_factory=dict)


def tell_gone(keys: list[bytes]) -> bytes:
    return b"gone " + b"".join(keys)


class Life:
    """A box that writes, delivers, evicts, lets pictures go, and starts anew, by chance."""

    def __init__(self, disk: RecordedDisk, folder: Path, fate: random.Random) -> None:
        self._disk = disk
        self._folder = folder
        self._fate = fate
        self._clock = ManualClock(1_760_000_000_000)
        self._reported: dict[OutboxId, list[Gap]] = {}
        self._numbers = 0

    def live(self) -> None:
        """From the first start to a clean end."""
        left = STEPS
        while left > 0:
            with Outbox(self._folder, CAP, self._clock) as outbox:
                self._disk.say(lambda told, epoch=outbox.epoch: setattr(told, "epoch", epoch))
                for _ in range(self._fate.randint(1, left)):
                    left -= 1
                    self._step(outbox)

    def _step(self, outbox: Outbox) -> None:
        steps = [self._append, self._append, self._append, self._deliver, self._report, self._go]
        self._fate.choice(steps)(outbox)

    def _append(self, outbox: Outbox) -> None:
        self._numbers += 1
        lane = self._fate.choice([Lane.SIGHTING, Lane.SIGHTING, Lane.ALERT])
        payload = b"%d " % self._numbers + self._fate.randbytes(self._fate.randint(1, 30_000))
        crop = None
        if self._fate.random() < 0.5:
            key = b"%016d" % self._fate.randint(1, 40)
            crop = WaitingCrop(key, key + b" %d" % self._numbers + bytes(2000))
        row = outbox.append(lane, payload, crop)

        def kept(told: Told) -> None:
            told.kept[row] = payload
            if crop is not None:
                told.crops[crop.key] = crop.payload

        self._disk.say(kept)

    def _deliver(self, outbox: Outbox) -> None:
        rows = outbox.pending(self._fate.randint(1, 16))
        answered = {row.id for row in self._fate.sample(rows, self._fate.randint(0, len(rows)))}
        gone = answered | {
            OutboxId(outbox.epoch, seq)
            for row in answered
            for gap in self._reported.get(row, [])
            for seq in range(gap.first, gap.last + 1)
        }
        pictures = {row.payload[:16] for row in rows if row.lane is Lane.CROP}

        def may_be_gone(told: Told) -> None:
            told.may_be_gone |= gone
            for key in pictures:
                told.crops.pop(key, None)

        self._disk.say(may_be_gone)
        outbox.delete(answered)

    def _report(self, outbox: Outbox) -> None:
        found: list[Gap] = []

        def compose(gaps: list[Gap]) -> bytes:
            found.extend(gaps)
            return b"report"

        if row := outbox.append_report(compose):
            self._reported[row] = found

    def _go(self, outbox: Outbox) -> None:
        outbox.let_go(2, tell_gone)


def told_by(disk: RecordedDisk, at: int) -> Told:
    told = Told()
    for event in disk.events[:at]:
        if isinstance(event, Said):
            say: Callable[[Told], None] = event.what  # type: ignore[assignment]
            say(told)
    return told


def lost(folder: Path, told: Told) -> list[object]:
    """What was told and is not there when the box starts again."""
    missing: list[object] = []
    with Outbox(folder, CAP, ManualClock(1_760_000_000_000)) as outbox:
        if told.epoch is None:
            return missing
        if outbox.epoch != told.epoch or list(folder.glob("*damaged*")):
            return [told.epoch]
        rows = {row.id: row.payload for row in outbox.pending(99_999)}
        evicted = {
            OutboxId(outbox.epoch, seq)
            for gap in outbox.gaps()
            for seq in range(gap.first, gap.last + 1)
        }
        missing += [
            row
            for row, payload in told.kept.items()
            if rows.get(row) != payload and row not in evicted | told.may_be_gone
        ]
        missing += missing_crops(outbox, told.crops, rows.values())
        last = max((row.seq for row in told.kept), default=0)
        if outbox.append(Lane.SIGHTING, b"the next").seq <= last:
            missing.append("a sequence number was used twice")
    return missing


def missing_crops(
    outbox: Outbox, crops: dict[bytes, bytes], rows: Collection[bytes]
) -> list[bytes]:
    """Pictures that neither wait, nor are rows, nor are noted as given up."""
    waiting = dict(outbox._db.execute("SELECT key, payload FROM crops").fetchall())
    gone = {key for (key,) in outbox._db.execute("SELECT key FROM gone")}
    gone |= {row[i : i + 16] for row in rows if row[:5] == b"gone " for i in range(5, len(row), 16)}
    return [
        key
        for key, payload in crops.items()
        if waiting.get(key) != payload and payload not in rows and key not in gone
    ]


def cut(disk: RecordedDisk, folder: Path, at: int, fate: random.Random) -> list[object]:
    """Let the power go just before event `at`; what is lost then."""
    folder.mkdir()
    for name, data in disk.after_power_cut(at, fate).items():
        (folder / name).write_bytes(data)
    return lost(folder, told_by(disk, at))


def recorded(folder: Path, fate: random.Random) -> RecordedDisk:
    disk = RecordedDisk()
    with disk.installed():
        Life(disk, folder, fate).live()
    return disk


def rounds(tmp_path: Path, lives: int, cuts: int) -> list[object]:
    missing: list[object] = []
    for life in range(lives):
        fate = random.Random(life)  # noqa: S311 - the same fate each time
        disk = recorded(tmp_path / f"life-{life}", fate)
        for number in range(cuts):
            at = fate.randrange(len(disk.events))
            missing += cut(disk, tmp_path / f"cut-{life}-{number}", at, fate)
    return missing


def test_a_power_cut_at_any_moment_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    assert rounds(tmp_path, lives=2, cuts=5) == []


@pytest.mark.faults
def test_two_hundred_power_cuts_lose_nothing_that_was_kept(
    tmp_path: Path, fault_figures: FaultFigures
) -> None:
    missing = rounds(tmp_path, lives=20, cuts=10)
    fault_figures.note(powercut_rounds=200, powercut_lost=len(missing))
    assert missing == []


def test_without_syncs_the_same_cuts_do_lose_what_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof can fail: SQLite's own `synchronous=NORMAL` loses the last commits."""
    from edge_agent.outbox import file  # noqa: PLC0415 - only here it is changed

    prepare = file._prepare

    def careless(db: object, *rest: object) -> None:
        prepare(db, *rest)  # type: ignore[arg-type]
        db.execute("PRAGMA synchronous=NORMAL")  # type: ignore[attr-defined]

    monkeypatch.setattr(file, "_prepare", careless)
    assert rounds(tmp_path, lives=1, cuts=5) != []


def test_a_folder_whose_outbox_was_never_synced_begins_anew(tmp_path: Path) -> None:
    fate = random.Random(1)  # noqa: S311
    disk = recorded(tmp_path / "life", fate)
    for at in range(1, 30):
        assert cut(disk, tmp_path / f"cut-{at}", at, fate) == []
        assert (tmp_path / f"cut-{at}" / FILE_NAME).exists()
