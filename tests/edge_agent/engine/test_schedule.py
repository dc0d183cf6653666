from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.engine import Errand
from edge_agent.engine.schedule import STILL, Ending, Looking, Queue, Running, Schedule
from models.preparation import Size
from shared.classes import ObjectClass
from tests.edge_agent.engine.frames import PERSON, Crop, Watcher, frame

ANY = "any shape"


def queues_of(schedule: Schedule, *rates: float) -> list[Queue]:
    schedule.queues = [Queue(Watcher(), 1 / rate) for rate in rates]
    return schedule.queues


def served(schedule: Schedule, queues: list[Queue], slots: int) -> Counter[int]:
    """How often each queue is looked at if every one always has a frame and time is short."""
    counts: Counter[int] = Counter()
    for slot in range(slots):
        for queue in queues:
            schedule.offer(queue, frame(slot), ANY)
        job = schedule.next(0.0)
        assert isinstance(job, Looking)
        for queue, _ in job.frames:
            counts[queues.index(queue)] += 1
            schedule.done(queue)
    return counts


@given(
    st.lists(st.sampled_from([1.0, 2.0, 5.0, 10.0, 25.0]), min_size=1, max_size=16),
    st.sampled_from([1, 2, 4]),
)
def test_a_slow_engine_lowers_every_channels_rate_by_the_same_share(
    rates: list[float], batch: int
) -> None:
    schedule = Schedule(batch=batch, crops=8)
    queues = queues_of(schedule, *rates)
    slots = 40 * len(rates)
    counts = served(schedule, queues, slots)
    if batch == 1:
        wanted = slots / sum(rates)
        for number, rate in enumerate(rates):
            assert counts[number] == pytest.approx(rate * wanted, abs=2 + 0.1 * rate * wanted)
    assert min(counts[number] for number in range(len(rates))) > 0


def test_a_channel_that_was_quiet_has_no_credit_and_no_debt() -> None:
    schedule = Schedule(batch=1, crops=8)
    busy, quiet = queues_of(schedule, 5, 5)
    served(schedule, [busy], 100)
    assert served(schedule, [busy, quiet], 20) == {0: 10, 1: 10}


def test_what_begins_anew_with_a_replaced_frame_begins_with_the_next() -> None:
    schedule = Schedule(batch=1, crops=8)
    [queue] = queues_of(schedule, 5)
    schedule.offer(queue, replace(frame(0), cut=True), ANY)
    schedule.offer(queue, frame(1), ANY)
    job = schedule.next(0.0)
    assert isinstance(job, Looking)
    [(_, taken)] = job.frames
    assert (taken.position_s, taken.cut) == (1.0, True)


def test_the_newest_frame_takes_the_place_and_the_turn_of_one_that_waits() -> None:
    schedule = Schedule(batch=1, crops=8)
    slow, fast = queues_of(schedule, 1, 10)
    assert not schedule.offer(slow, frame(0), ANY)
    assert schedule.offer(slow, frame(1), ANY)
    deadline = slow.deadline
    schedule.offer(fast, frame(0), ANY)
    assert schedule.offer(slow, frame(2), ANY)
    assert slow.deadline == deadline
    jobs = [schedule.next(0.0) for _ in range(2)]
    assert [[round(f.position_s) for _, f in job.frames] for job in jobs if job] == [[0], [2]]  # type: ignore[union-attr]


def test_frames_of_one_shape_share_a_call_and_others_do_not() -> None:
    schedule = Schedule(batch=4, crops=8)
    queues = queues_of(schedule, 5, 5, 5, 5)
    for number, queue in enumerate(queues):
        schedule.offer(queue, frame(0), Size(448, 256) if number != 1 else Size(416, 416))
    first, second = schedule.next(0.0), schedule.next(0.0)
    assert isinstance(first, Looking)
    assert isinstance(second, Looking)
    assert [queues.index(queue) for queue, _ in first.frames] == [0, 2, 3]
    assert [queues.index(queue) for queue, _ in second.frames] == [1]
    assert schedule.next(0.0) is None


def test_one_thing_of_a_channel_is_done_at_a_time() -> None:
    schedule = Schedule(batch=4, crops=8)
    (queue,) = queues_of(schedule, 5)
    schedule.offer(queue, frame(0), ANY)
    assert schedule.next(0.0) is not None
    schedule.offer(queue, frame(1), ANY)
    assert schedule.next(0.0) is None
    schedule.done(queue)
    assert schedule.next(0.0) is not None


def test_a_frame_in_which_nothing_moved_never_takes_the_place_of_one_to_look_at() -> None:
    schedule = Schedule(batch=4, crops=8)
    one, two = queues_of(schedule, 5, 5)
    assert not schedule.offer(one, frame(0), STILL)
    assert not schedule.offer(one, frame(1), ANY)
    assert not schedule.offer(one, frame(2), STILL)
    schedule.offer(two, frame(0), STILL)
    assert not schedule.offer(two, frame(1), STILL)
    looks = [job for job in (schedule.next(0.0), schedule.next(0.0)) if isinstance(job, Looking)]
    assert [(job.still, [round(f.position_s) for _, f in job.frames]) for job in looks] == [
        (False, [1]),
        (True, [1]),
    ]


def errand(due_s: float, kind: ObjectClass = PERSON, crops: int = 1) -> Errand:
    return Errand(due_s, kind, [Crop() for _ in range(crops)], lambda: None)


def test_an_errand_waits_for_a_quiet_moment_but_not_beyond_its_time() -> None:
    schedule = Schedule(batch=1, crops=8)
    (queue,) = queues_of(schedule, 5)
    schedule.done(queue, errands=[errand(5.0)])
    schedule.offer(queue, frame(0), ANY)
    assert isinstance(schedule.next(4.0), Looking)
    schedule.done(queue)
    schedule.offer(queue, frame(1), ANY)
    assert isinstance(schedule.next(5.0), Running)
    schedule.done(queue)
    assert isinstance(schedule.next(5.0), Looking)
    schedule.done(queue, errands=[errand(9.0)])
    assert isinstance(schedule.next(6.0), Running)


def test_crops_of_several_channels_share_a_call_of_their_embedder() -> None:
    schedule = Schedule(batch=1, crops=4)
    one, two, three = queues_of(schedule, 5, 5, 5)
    vehicle = errand(1.0, ObjectClass.VEHICLE)
    schedule.done(one, errands=[errand(3.0), errand(1.0)])
    schedule.done(two, errands=[errand(2.0), vehicle])
    schedule.done(three, errands=[errand(2.5, crops=3)])
    first = schedule.next(0.0)
    assert isinstance(first, Running)
    assert [(queue, [errand.due_s for errand in errands]) for queue, errands in first.errands] == [
        (one, [1.0]),
        (two, [2.0]),
        (three, [2.5]),
    ]
    for queue, _ in first.errands:
        schedule.done(queue)
    second = schedule.next(0.0)
    assert isinstance(second, Running)
    assert second.errands == [(two, [vehicle])]


def test_the_last_thing_of_a_channel_comes_after_all_that_waits() -> None:
    schedule = Schedule(batch=1, crops=8)
    (queue,) = queues_of(schedule, 5)
    schedule.offer(queue, frame(0), ANY)
    schedule.done(queue, errands=[errand(9.0)])
    queue.last = lambda: ()
    kinds = []
    while (job := schedule.next(0.0)) is not None:
        kinds.append(type(job))
        schedule.done(queue)
    assert kinds == [Looking, Running, Ending]
    assert queue.ended
