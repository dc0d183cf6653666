"""A box whose clock is wrong, jumps or steps back sends everything, and in the right order."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from deploy.local.stack import LocalStack
from edge_agent.outbox import LIVE_S, Outbox
from edge_agent.posting import Posting
from shared.clock import MS_PER_DAY, ManualClock, SystemClock
from shared.messages import encode
from shared.topics import Lane
from tests.edge_agent.link.centre import TinyCentre
from tests.edge_agent.link.uplinks import running, settings_of, wait_until_empty
from tests.factories import make_sighting

NOW_MS = 1_780_000_000_000
STEPS = {
    "1970": -NOW_MS,
    "a year ahead": 365 * MS_PER_DAY,
    "a year behind": -365 * MS_PER_DAY,
    "an hour back": -3_600_000,
}


class SteppedClock(SystemClock):
    """The machine's clock, with a wall clock that somebody has set."""

    def __init__(self) -> None:
        self.off_ms = 0

    def now_ms(self) -> int:
        return max(0, super().now_ms() + self.off_ms)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def outbox(tmp_path: Path, clock: SteppedClock) -> Iterator[Outbox]:
    with Outbox(tmp_path / "box", 16 * 1024 * 1024, clock) as opened:
        yield opened


@pytest.mark.parametrize("step", STEPS)
def test_order_and_age_of_rows_do_not_come_from_the_wall_clock(tmp_path: Path, step: str) -> None:
    clock = ManualClock(NOW_MS)
    with Outbox(tmp_path, 16 * 1024 * 1024, clock) as outbox:
        outbox.append(Lane.SIGHTING, b"old")
        clock.advance(LIVE_S + 1)
        outbox.append(Lane.SIGHTING, b"live")
        clock.set_wall(max(0, NOW_MS + STEPS[step]))
        outbox.append(Lane.SIGHTING, b"after the step")
        assert [row.payload for row in outbox.pending(9)] == [b"live", b"after the step", b"old"]


@pytest.mark.parametrize("step", STEPS)
def test_everything_arrives_over_a_step_and_the_offset_is_measured_anew(
    stack: LocalStack, outbox: Outbox, clock: SteppedClock, step: str
) -> None:
    box = f"box-{uuid4().hex[:12]}"
    rng = np.random.default_rng(9)
    posting = Posting(outbox, crops_later=True)
    with (
        TinyCentre(stack.broker.host, stack.broker.port) as centre,
        running(box, outbox, settings_of(stack), clock) as up,
    ):
        posting.keep(Lane.SIGHTING, encode(make_sighting(rng)))
        wait_until_empty(outbox)
        clock.off_ms = max(STEPS[step], -SystemClock().now_ms())
        assert up.clock_offset() is None, "what was measured before the step is worth nothing"
        for _ in range(5):
            seen = make_sighting(rng, first_seen_ms=clock.now_ms(), clock=up.clock_offset())
            posting.keep(Lane.SIGHTING, encode(seen))
        wait_until_empty(outbox)
        offset = up.clock_offset()
        # Rows, not arrivals: what is acked late comes again.
        centre.wait(lambda c: len({r for r, lane, _ in c.received if lane is Lane.SIGHTING}) == 6)
    assert offset is not None
    assert abs(offset.offset_ms + clock.off_ms) < 2000
