import json
import random
import subprocess
import sys
from collections.abc import Callable
from threading import Event

import pytest

from edge_agent.source import SourceRefused
from edge_agent.supervisor import Patience, Supervisor, Task
from shared.clock import SystemClock
from shared.errors import ConfigError, StorageError
from tests.waiting import LONG_S


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
    stop, told, again = Event(), list[str](), list[int]()
    kept = supervisor(stop)
    run = failing(3, StorageError("gone"), stop.set)
    kept.start(Task("gate", run, True, told.append, lambda: again.append(1)))
    assert kept.join(LONG_S) == []
    assert (told, len(again)) == (["gone"] * 3, 3)
    assert kept.failed == set()


def test_an_error_nobody_thought_of_ends_one_channel_and_not_the_rest() -> None:
    stop = Event()
    kept = supervisor(stop)
    kept.start(Task("clip", failing(1, ZeroDivisionError(), lambda: None), endless=False))
    kept.start(Task("gate", failing(2, ZeroDivisionError(), stop.set), endless=True))
    assert kept.join(LONG_S) == []
    assert kept.failed == {"clip"}


def test_a_clip_that_ended_is_done() -> None:
    kept, runs = supervisor(Event()), list[int]()
    kept.start(Task("clip", lambda _: runs.append(1), endless=False))
    assert kept.join(LONG_S) == []
    assert kept.done
    assert (runs, kept.failed) == ([1], set())


def test_what_a_person_must_mend_is_not_tried_again() -> None:
    kept, told = supervisor(Event()), list[str]()
    run = failing(9, ConfigError("crop"), lambda: None)
    kept.start(Task("gate", run, True, told.append))
    assert kept.join(LONG_S) == []
    assert told == ["crop"]


def test_a_channel_that_does_not_end_is_named() -> None:
    stop, release = Event(), Event()
    kept = supervisor(stop)
    kept.start(Task("stuck", lambda _: assert_waited(release), endless=True))
    stop.set()
    assert kept.join(0.1) == ["stuck"]
    release.set()
    assert kept.join(LONG_S) == []


def assert_waited(event: Event) -> None:
    assert event.wait(LONG_S)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_channel_whose_thread_died_gets_another() -> None:
    stop, told, runs = Event(), list[str](), list[int]()

    def run(_: Event) -> None:
        runs.append(1)
        if len(runs) == 1:
            raise SystemExit
        stop.set()

    kept = Supervisor(stop, SystemClock(), Quick(), Patience(most_s=0.1))
    kept.start(Task("gate", run, True, told.append))
    assert kept.join(LONG_S) == []
    assert not kept.done
    kept.revive()
    assert stop.wait(LONG_S)
    assert told == ["its thread died; the log may say why"]
    assert kept.join(LONG_S) == []
    kept.revive()
    assert kept.done


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_clip_whose_thread_died_has_failed_and_is_done() -> None:
    kept = supervisor(Event())

    def run(_: Event) -> None:
        raise SystemExit

    kept.start(Task("clip", run, endless=False))
    kept.join(LONG_S)
    kept.revive()
    assert kept.done
    assert kept.failed == {"clip"}


def test_a_refused_password_is_tried_again_slowly() -> None:
    stop, waits = Event(), list[float]()

    class Told(Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return len(waits) >= 4

    kept = Supervisor(Told(), SystemClock(), random.Random(1))  # noqa: S311
    kept.start(Task("gate", failing(9, SourceRefused("401"), stop.set), endless=True))
    assert kept.join(LONG_S) == []
    assert all(300 <= wait <= 900 for wait in waits)


def test_memory_that_ran_out_in_one_channel_is_that_channels_failure() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.edge_agent.link.box_in_need"],
        capture_output=True,
        text=True,
        timeout=3 * LONG_S,
        check=True,
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert len(found["failures"]) >= 2
    assert set(found["failures"]) == {"MemoryError"}
    assert min(found["turns"]) >= 20
    assert found["busy"] == []
