import random
from collections.abc import Callable
from threading import Event

from edge_agent.supervisor import Supervisor, Task
from shared.clock import SystemClock
from shared.errors import ConfigError, StorageError


class Quick(random.Random):
    """No waiting."""

    def uniform(self, a: float, b: float) -> float:
        assert a <= b
        return 0.0


def supervisor(stop: Event) -> Supervisor:
    return Supervisor(stop, SystemClock(), Quick())


def failing(times: int, error: Exception, then: Callable[[], None]) -> Callable[[Event], None]:
    left = [error] * times

    def run(_: Event) -> None:
        if left:
            raise left.pop()
        then()

    return run


def test_a_channel_that_fails_is_started_again() -> None:
    stop, told, again = Event(), list[int](), list[int]()
    kept = supervisor(stop)
    run = failing(3, StorageError("gone"), stop.set)
    kept.start(Task("gate", run, True, lambda: told.append(1), lambda: again.append(1)))
    assert kept.join(10) == []
    assert (len(told), len(again)) == (3, 3)
    assert kept.failed == set()


def test_an_error_nobody_thought_of_ends_one_channel_and_not_the_rest() -> None:
    stop = Event()
    kept = supervisor(stop)
    kept.start(Task("clip", failing(1, ZeroDivisionError(), lambda: None), endless=False))
    kept.start(Task("gate", failing(2, ZeroDivisionError(), stop.set), endless=True))
    assert kept.join(10) == []
    assert kept.failed == {"clip"}


def test_a_clip_that_ended_is_done() -> None:
    kept, runs = supervisor(Event()), list[int]()
    kept.start(Task("clip", lambda _: runs.append(1), endless=False))
    assert kept.join(10) == []
    assert kept.done
    assert (runs, kept.failed) == ([1], set())


def test_what_a_person_must_mend_is_not_tried_again() -> None:
    kept, told = supervisor(Event()), list[int]()
    run = failing(9, ConfigError("crop"), lambda: None)
    kept.start(Task("gate", run, True, lambda: told.append(1)))
    assert kept.join(10) == []
    assert told == [1]


def test_a_channel_that_does_not_end_is_named() -> None:
    stop, release = Event(), Event()
    kept = supervisor(stop)
    kept.start(Task("stuck", lambda _: assert_waited(release), endless=True))
    stop.set()
    assert kept.join(0.1) == ["stuck"]
    release.set()
    assert kept.join(10) == []


def assert_waited(event: Event) -> None:
    assert event.wait(10)
