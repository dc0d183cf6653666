"""A fleet beside a test, in a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.broker import Broker
from deploy.sim.fleet.fleet import Fleet
from deploy.sim.fleet.options import FleetOptions
from deploy.sim.fleet.tally import Progress
from shared.clock import SystemClock
from tests.waiting import LONG_S


class RunningFleet:
    """What it has said so far, and its figures when it has ended."""

    def __init__(self) -> None:
        self.last = Progress(0.0, 0, 0, 0)
        self.figures: dict[str, object] = {}

    def show(self, progress: Progress) -> None:
        """Take note."""
        self.last = progress

    def number(self, name: str) -> int:
        """One of the figures in the end."""
        return int(str(self.figures[name]))


@contextmanager
def running_fleet(broker: Broker, **options: object) -> Iterator[RunningFleet]:
    """A fleet that sends while the block runs; the block's end waits for its last answer."""
    told = RunningFleet()
    given = {"host": broker.host, "port": broker.port, "drain_s": 3 * LONG_S, **options}
    chosen = FleetOptions(**given)  # type: ignore[arg-type]

    def run() -> None:
        told.figures = Fleet(chosen, SystemClock(), told.show).run()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield told
    finally:
        thread.join()
