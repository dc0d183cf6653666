import threading

import pytest

from central.services import PartHealth
from central.supervisor import Supervised
from tests.waiting import wait_until


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


def test_a_part_that_dies_is_made_again_and_health_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("central.supervisor._FIRST_DELAY_S", 0.3)
    deaths, stop = ["tripped"], threading.Event()
    part = Supervised("clumsy", lambda: Clumsy(deaths))
    assert part.health() == PartHealth(False, "not started")
    part.start(stop)
    wait_until(lambda: "tripped" in part.health().detail, 5)
    assert not part.health().ready
    wait_until(lambda: part.health() == PartHealth(True, "well"), 10)
    stop.set()
    part.join()
