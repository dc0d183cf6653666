import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.uplink.offset import ClockFilter
from edge_agent.uplink.pace import BackOff, TokenBucket
from edge_agent.uplink.window import SentAt
from shared.clock import ManualClock
from shared.messages import ClockEcho

NOW_MS = 1_760_000_000_000


def test_without_a_rate_there_is_no_wait() -> None:
    bucket = TokenBucket(None, ManualClock())
    bucket.spend(10**9)
    assert bucket.wait_s() == 0


def test_a_large_message_goes_and_the_next_waits_for_it() -> None:
    clock = ManualClock()
    bucket = TokenBucket(8.0, clock)
    assert bucket.wait_s() == 0
    bucket.spend(5000)
    assert bucket.wait_s() == 4.0
    clock.advance(4.0)
    assert bucket.wait_s() == 0


def test_a_long_rest_saves_up_one_second_only() -> None:
    clock = ManualClock()
    bucket = TokenBucket(8.0, clock)
    clock.advance(3600)
    bucket.wait_s()
    bucket.spend(2000)
    assert bucket.wait_s() == 1.0


@given(
    st.floats(1, 1000),
    st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 5)), min_size=1, max_size=50),
)
def test_the_rate_is_never_exceeded_by_more_than_a_second_and_a_message(
    kbit_per_s: float, traffic: list[tuple[int, float]]
) -> None:
    clock = ManualClock()
    bucket = TokenBucket(kbit_per_s, clock)
    sent = 0
    for size, pause in traffic:
        if bucket.wait_s() == 0:
            bucket.spend(size)
            sent += size
        clock.advance(pause)
        assert sent <= (clock.monotonic() + 1) * kbit_per_s * 125 + 5000


def test_waits_double_to_the_cap_with_full_jitter_and_start_anew() -> None:
    class Most(random.Random):
        def uniform(self, a: float, b: float) -> float:
            assert a == 0.0
            return b

    back_off = BackOff(1.0, 5.0, Most())
    assert [back_off.next_s() for _ in range(5)] == [1.0, 2.0, 4.0, 5.0, 5.0]
    back_off.reset()
    assert back_off.next_s() == 1.0


def exchange(
    clock: ManualClock, measured: ClockFilter, offset_ms: int, there_ms: int, back_ms: int
) -> None:
    """One row and its ack: the centre's clock is `offset_ms` ahead and takes 40 ms."""
    sent = SentAt(clock.monotonic(), clock.now_ms())
    clock.advance(there_ms / 1000)
    received = clock.now_ms() + offset_ms
    clock.advance(0.040 + back_ms / 1000)
    measured.add(sent, ClockEcho(seq=1, received_ms=received, sent_ms=received + 40))


@given(st.integers(-10_000_000, 10_000_000), st.integers(0, 5000))
def test_a_symmetric_line_gives_the_exact_offset(offset_ms: int, way_ms: int) -> None:
    clock = ManualClock(NOW_MS)
    measured = ClockFilter(clock)
    exchange(clock, measured, offset_ms, way_ms, way_ms)
    best = measured.best()
    assert best is not None
    assert best.offset_ms == offset_ms
    assert best.round_trip_ms == 2 * way_ms


def test_the_quickest_of_the_last_eight_is_believed() -> None:
    clock = ManualClock(NOW_MS)
    measured = ClockFilter(clock)
    exchange(clock, measured, 500, 10, 10)
    for _ in range(7):
        exchange(clock, measured, 500, 900, 100)
    quick = measured.best()
    assert quick is not None
    assert quick.offset_ms == 500
    exchange(clock, measured, 500, 900, 100)
    later = measured.best()
    assert later is not None
    assert later.offset_ms == 900, "the good one is ninth from last"


def test_before_the_first_ack_nothing_is_known() -> None:
    assert ClockFilter(ManualClock(NOW_MS)).best() is None


@pytest.mark.parametrize("step_ms", [-3_600_000, 3_600_000])
def test_a_step_of_the_boxs_clock_makes_measurements_worthless(step_ms: int) -> None:
    clock = ManualClock(NOW_MS)
    measured = ClockFilter(clock)
    exchange(clock, measured, 500, 10, 10)
    sent = SentAt(clock.monotonic(), clock.now_ms())
    clock.set_wall(clock.now_ms() + step_ms)
    measured.add(sent, ClockEcho(seq=1, received_ms=NOW_MS, sent_ms=NOW_MS))
    assert measured.best() is None


def test_a_lying_echo_is_ignored() -> None:
    clock = ManualClock(NOW_MS)
    measured = ClockFilter(clock)
    sent = SentAt(clock.monotonic(), clock.now_ms())
    measured.add(sent, ClockEcho(seq=1, received_ms=NOW_MS, sent_ms=NOW_MS + 10_000))
    measured.add(sent, ClockEcho(seq=1, received_ms=NOW_MS + 10_000, sent_ms=NOW_MS))
    assert measured.best() is None
