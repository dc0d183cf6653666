from dataclasses import dataclass

import pytest

from edge_agent.calibrate.bench import TURN, Ready, Stopwatch, measure
from edge_agent.calibrate.proposal import Candidate
from edge_agent.model_settings import RoleSettings


@dataclass
class MadeUpTime:
    """A clock that only work moves."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    calls: int = 0

    @property
    def watch(self) -> Stopwatch:
        return Stopwatch(lambda: self.wall_s, lambda: self.cpu_s)

    def ready(self, name: str, wall_s: float, threads: int = 1) -> Ready:
        def call() -> None:
            self.calls += 1
            self.wall_s += wall_s * (3 if self.busy else 1)
            self.cpu_s += wall_s * threads

        return Ready(Candidate("detector", RoleSettings(name=name)), call)

    @property
    def busy(self) -> bool:
        """Somebody else has the machine for a moment, every now and then."""
        return self.calls % 7 == 0


def test_each_call_is_told_in_milliseconds_of_waiting_and_of_all_cores() -> None:
    time = MadeUpTime()
    one, two = measure(
        [time.ready("one", 0.010), time.ready("two", 0.006, threads=2)], 1.0, watch=time.watch
    )
    assert (one.candidate.settings.name, two.candidate.settings.name) == ("one", "two")
    assert [one.wall_ms, one.cpu_ms] == pytest.approx([10, 10])
    assert [two.wall_ms, two.cpu_ms] == pytest.approx([6, 12])
    assert one.p90_ms >= one.wall_ms
    assert one.calls == two.calls > TURN


def test_it_ends_with_its_time_and_tells_how_far_it_is() -> None:
    time = MadeUpTime()
    told: list[float] = []
    measure([time.ready("a", 0.010)], 2.0, told.append, time.watch)
    assert 2.0 <= time.wall_s <= 2.2
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_however_short_the_time_each_is_called() -> None:
    time = MadeUpTime()
    (found,) = measure([time.ready("slow", 5.0)], 0.1, watch=time.watch)
    assert found.calls == TURN


def test_nothing_to_measure_takes_no_time() -> None:
    assert measure([], 60.0) == []
