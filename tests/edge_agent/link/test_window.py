"""The window on its own: no network, no disk, a clock that is moved by hand."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.uplink.window import MAX_SILENCE_S, Window
from shared.clock import ManualClock
from shared.outbox_id import OutboxId

EPOCH = UUID(int=1)
SILENCE_S = 30.0


def row(seq: int) -> OutboxId:
    return OutboxId(EPOCH, seq)


def window_with(clock: ManualClock, *seqs: int) -> Window:
    window = Window(16, SILENCE_S, clock)
    for seq in seqs:
        window.sent(row(seq))
    return window


def test_an_answer_makes_room() -> None:
    window = window_with(ManualClock(), *range(1, 17))
    assert window.room == 0
    window.answered([row(3), row(99)])
    assert window.room == 1


def test_rows_wait_as_long_as_answers_come() -> None:
    clock = ManualClock()
    window = window_with(clock, *range(1, 9))
    for seq in range(1, 8):
        clock.advance(SILENCE_S - 1)
        window.answered([row(seq)])
        assert window.overdue() == []


def test_silence_lets_one_row_go_then_waits_twice_as_long() -> None:
    clock = ManualClock()
    window = window_with(clock, 1, 2, 3)
    clock.advance(SILENCE_S)
    assert window.overdue() == [row(1)]
    window.sent(row(1))
    clock.advance(2 * SILENCE_S - 1)
    assert window.overdue() == []
    clock.advance(1)
    assert window.overdue() == [row(2)]


def test_silences_do_not_grow_for_ever() -> None:
    clock = ManualClock()
    window = window_with(clock, 1)
    for _ in range(20):
        clock.advance(MAX_SILENCE_S)
        for gone in window.overdue():
            window.sent(gone)
    clock.advance(MAX_SILENCE_S)
    assert window.overdue() == [row(1)]


def test_an_answered_probe_lets_everything_go_that_was_sent_before_it() -> None:
    clock = ManualClock()
    window = window_with(clock, 1, 2, 3)
    clock.advance(SILENCE_S)
    window.overdue()
    window.sent(row(1))
    assert window.overdue() == []
    window.answered([row(1)])
    assert window.overdue() == [row(2), row(3)]


def test_a_row_lost_alone_is_let_go_when_later_ones_are_answered() -> None:
    clock = ManualClock()
    window = window_with(clock, 1)
    for seq in range(2, 10):
        clock.advance(SILENCE_S / 3)
        window.sent(row(seq))
        window.answered([row(seq)])
        assert window.overdue() == ([row(1)] if seq == 5 else [])


def test_a_lost_connection_lets_everything_go() -> None:
    window = window_with(ManualClock(), 1, 2)
    assert window.clear() == [row(1), row(2)]
    assert window.room == 16


def test_only_a_row_sent_once_tells_the_time() -> None:
    clock = ManualClock(now_ms=5_000)
    window = window_with(clock, 1, 2)
    first = window.sent_once(row(2))
    assert first is not None
    assert first.wall_ms == 5_000
    window.clear()
    for seq in (1, 2, 3):
        window.sent(row(seq))
    assert [window.sent_once(row(seq)) is None for seq in (1, 2, 3)] == [True, True, False]
    assert window.sent_once(row(4)) is None


@settings(deadline=None)
@given(st.data())
def test_over_a_line_that_loses_messages_every_row_arrives_within_the_window(
    data: st.DataObject,
) -> None:
    """Messages and answers are lost, delayed and shuffled; the connection breaks at times."""
    clock = ManualClock()
    size = data.draw(st.integers(1, 16))
    window = Window(size, SILENCE_S, clock)
    waiting = set(range(1, data.draw(st.integers(1, 40)) + 1))
    arrived: set[int] = set()
    on_the_line: list[int] = []
    for step in range(2000):
        if not waiting:
            break
        # The line is bad for a while, then well: only then can it be asked to deliver.
        fate = (
            data.draw(st.sampled_from(["lose", "keep", "keep", "break"])) if step < 30 else "keep"
        )
        if fate == "break":
            window.clear()
            on_the_line.clear()
        window.overdue()
        for seq in sorted(waiting - {known.seq for known in window.in_flight})[: window.room]:
            window.sent(row(seq))
            if fate != "lose":
                on_the_line.append(seq)
        assert len(window.in_flight) <= size
        answers = data.draw(st.permutations(on_the_line)) if step < 30 else on_the_line[:]
        arrived |= set(answers)
        if fate != "lose":
            window.answered(row(seq) for seq in answers)
            waiting -= set(answers)
        on_the_line.clear()
        clock.advance(5.0)
    assert not waiting, "a row was never sent again"
