"""A week without a line, in simulated time: 4 channels of 200 sightings an hour.

The outbox, what the uplink takes from it and what the centre's acks do to it are the real ones;
time stands still until it is told to move, and the line is a loop in this process. The folder is
in memory where the machine has enough: what a disk does is proven elsewhere.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox
from edge_agent.uplink.delivery import Delivery
from shared.clock import ManualClock
from shared.messages import Ack, ClockEcho, Gap, Telemetry, decode, encode
from shared.outbox_id import OutboxId
from shared.topics import Lane
from tests.faults.figures import FaultFigures

START_MS = 1_780_000_000_000
CHANNELS, AN_HOUR = 4, 200
# One alert for so many sightings; a final revision and its early one for each.
ALERTS_EVERY = 100
SIGHTING = 2500
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it
# A container has 64 MiB of it.
_ROOM = 2 * 1024**3


class Week(NamedTuple):
    """What was kept, what came, and what was told to be lost."""

    kept: dict[OutboxId, Lane]
    came: set[OutboxId]
    told: set[OutboxId]
    evicted: int

    @property
    def silent(self) -> set[OutboxId]:
        """Rows that neither came nor were told."""
        return set(self.kept) - self.came - self.told


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY, prefix="dongseon-") as made:
        yield Path(made)


def write(outbox: Outbox, clock: ManualClock, hours: float) -> dict[OutboxId, Lane]:
    """What the channels see while there is no line."""
    kept = {}
    for number in range(round(hours * CHANNELS * AN_HOUR)):
        clock.advance(3600 / (CHANNELS * AN_HOUR))
        for revision in (0, 1):
            payload = b"%d-%d" % (number, revision)
            kept[outbox.append(Lane.SIGHTING, payload.ljust(SIGHTING))] = Lane.SIGHTING
        if number % ALERTS_EVERY == 0:
            kept[outbox.append(Lane.ALERT, b"alert")] = Lane.ALERT
    return kept


def telemetry(outbox: Outbox, gaps: list[Gap]) -> bytes:
    count = outbox.count()
    return encode(
        Telemetry(
            epoch=outbox.epoch,
            sent_ms=START_MS,
            outbox_rows=count.rows,
            outbox_bytes=count.bytes,
            evicted=count.evicted,
            gaps=gaps,
        )
    )


def deliver(outbox: Outbox, clock: ManualClock) -> tuple[set[OutboxId], set[OutboxId]]:
    """The line is back: everything is sent and answered; what came, and the gaps told."""
    delivery = Delivery(outbox, UplinkSettings(host="centre"), clock)
    came: set[OutboxId] = set()
    told: set[OutboxId] = set()
    while outbox.count().rows or outbox.gaps():
        outbox.append_report(lambda gaps: telemetry(outbox, gaps))
        clock.advance(0.1)
        rows = list(delivery.due(16))
        came |= {row.id for row in rows}
        for row in rows:
            if row.lane is Lane.TELEMETRY:
                told |= rows_of(outbox, decode(Telemetry, row.payload).gaps)
        now = clock.now_ms()
        echo = ClockEcho(seq=rows[0].id.seq, received_ms=now, sent_ms=now)
        accepted = [row.id.seq for row in rows]
        delivery.answered([encode(Ack(epoch=outbox.epoch, accepted=accepted, echo=echo))])
    return came, told


def rows_of(outbox: Outbox, gaps: list[Gap]) -> set[OutboxId]:
    return {OutboxId(outbox.epoch, seq) for gap in gaps for seq in range(gap.first, gap.last + 1)}


def live(folder: Path, hours: float, max_bytes: int) -> Week:
    clock = ManualClock(START_MS)
    with Outbox(folder, max_bytes, clock) as outbox:
        kept = write(outbox, clock, hours)
        assert outbox.count().bytes <= max_bytes
        came, told = deliver(outbox, clock)
        return Week(kept, came, told, outbox.count().evicted)


def check_below_the_cap(week: Week) -> None:
    assert week.evicted == 0
    assert week.told == set()
    assert week.came == set(week.kept)


def check_above_the_cap(week: Week) -> None:
    assert week.silent == set()
    assert week.told.isdisjoint(week.came)
    assert len(week.told) == week.evicted > 0
    alerts = {row for row, lane in week.kept.items() if lane is Lane.ALERT}
    assert alerts <= week.came, "alerts are the last to go"
    sightings = sorted(row.seq for row in set(week.kept) - alerts)
    gone = sorted(row.seq for row in week.told)
    assert gone == sightings[: len(gone)], "the oldest go first"


@pytest.mark.parametrize("cap_mib", [64, 4])
def test_hours_without_a_line_lose_nothing_silently(folder: Path, cap_mib: int) -> None:
    week = live(folder, 2, cap_mib * 1024 * 1024)
    (check_below_the_cap if cap_mib == 64 else check_above_the_cap)(week)


@pytest.mark.faults
def test_seven_days_without_a_line_lose_nothing_silently(
    folder: Path, fault_figures: FaultFigures
) -> None:
    below = live(folder / "below", 7 * 24, 2048 * 1024 * 1024)
    above = live(folder / "above", 7 * 24, 256 * 1024 * 1024)
    fault_figures.note(
        outage_days=7,
        outage_rows=len(below.kept),
        outage_silent_loss=len(below.silent) + len(above.silent),
        outage_evicted_above_cap=above.evicted,
    )
    check_below_the_cap(below)
    check_above_the_cap(above)
