import threading

from central.services import PartHealth
from central.supervisor import Supervised
from shared.clock import ManualClock
from tests.waiting import LONG_S, wait_until


class Clumsy:
    """Dies the first times it is run."""

    def __init__(self, deaths: list[str]) -> None:
        self._deaths = deaths

    def run(self, stop: threading.Event) -> None:
        if self._deaths:
            raise RuntimeError(self._deaths.pop())
        stop.wait()

    def health(self) -> PartHealth:
        return PartHealth(not self._deaths, "well")


class Patient(threading.Event):
    """Lets a delay last until a test has seen enough."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        if timeout is None:
            return super().wait()
        assert self.seen.wait(LONG_S)
        return self.is_set()


def test_a_part_that_dies_is_made_again_and_health_says_so() -> None:
    deaths, stop = ["tripped"], Patient()
    part = Supervised("clumsy", lambda: Clumsy(deaths))
    assert part.health() == PartHealth(False, "not started")
    part.start(stop)
    wait_until(lambda: "tripped" in part.health().detail)
    assert not part.health().ready
    stop.seen.set()
    wait_until(lambda: part.health() == PartHealth(True, "well"))
    stop.set()
    part.join()


class Mortal:
    """Lives for so many seconds, then dies; the last time it is told to stop."""

    def __init__(self, clock: ManualClock, lives: list[float]) -> None:
        self._clock = clock
        self._lives = lives

    def run(self, stop: threading.Event) -> None:
        if not self._lives:
            stop.set()
            return
        self._clock.advance(self._lives.pop(0))
        raise RuntimeError("its time had come")

    def health(self) -> PartHealth:
        return PartHealth(True, "well")


class Impatient(threading.Event):
    """Notes how long it is asked to wait, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.asked.append(timeout)
        return self.is_set()


def test_a_part_that_lived_for_a_minute_is_made_again_without_earlier_delays() -> None:
    clock, stop = ManualClock(), Impatient()
    lives = [1.0, 1.0, 59.0, 60.0, 1.0, 3_600.0]
    part = Supervised("mortal", lambda: Mortal(clock, lives), clock)
    part.start(stop)
    part.join()
    assert stop.asked == [1, 2, 4, 1, 2, 1]
