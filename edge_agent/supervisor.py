"""Keeps the box's threads going: the one place that catches whatever a channel may raise."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

import structlog

from edge_agent.uplink.pace import BackOff
from shared.clock import Clock
from shared.errors import ConfigError, DependencyMissing, DongseonError

_FIRST_BACK_OFF_S = 1.0
# A camera that is back is watched again within half a minute: minutes decide.
_MAX_BACK_OFF_S = 20.0
# Work that held this long was going well: the next wait is short again.
_HELD_S = 60.0
# A person has to mend these; trying again does not.
_FINAL = (ConfigError, DependencyMissing)

log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to keep going.

    Args:
        name: for the log.
        run: works until it has ended or the event is set.
        endless: it ends only by mistake, so it is started again; otherwise it is done when it
            ends, and failed when it raises: a clip begun anew would send everything twice.
        on_failure: told of each failure.
        on_restart: told before each new start.
    """

    name: str
    run: Callable[[Event], None]
    endless: bool
    on_failure: Callable[[], None] = lambda: None
    on_restart: Callable[[], None] = lambda: None


class Supervisor:
    """Runs tasks, a thread each, until `stop` is set.

    Args:
        stop: ends every task.
        clock: its stopwatch.
        source: randomness for the back-off.
    """

    def __init__(self, stop: Event, clock: Clock, source: random.Random) -> None:
        self._stop = stop
        self._clock = clock
        self._source = source
        self._threads: dict[str, Thread] = {}
        self.failed: set[str] = set()

    def start(self, task: Task) -> None:
        """Begin `task` in a thread of its own."""
        # Daemons: a decoder stuck in a driver must not keep the program from ending.
        thread = Thread(target=self._keep, args=(task,), name=task.name, daemon=True)
        self._threads[task.name] = thread
        thread.start()

    @property
    def done(self) -> bool:
        """Whether every task has ended for good."""
        return not any(thread.is_alive() for thread in self._threads.values())

    def join(self, seconds: float) -> list[str]:
        """Wait for every task, `seconds` at most together; give the names of those still busy."""
        until = self._clock.monotonic() + seconds
        for thread in self._threads.values():
            thread.join(max(0.0, until - self._clock.monotonic()))
        return [name for name, thread in self._threads.items() if thread.is_alive()]

    def _keep(self, task: Task) -> None:
        back_off = BackOff(_FIRST_BACK_OFF_S, _MAX_BACK_OFF_S, self._source)
        while True:
            began = self._clock.monotonic()
            again = self._once(task) and task.endless
            if not again or self._stop.is_set():
                return
            if self._clock.monotonic() - began >= _HELD_S:
                back_off.reset()
            wait_s = back_off.next_s()
            log.info("it starts again", task=task.name, wait_s=round(wait_s, 1))
            if self._stop.wait(wait_s):
                return
            task.on_restart()

    def _once(self, task: Task) -> bool:
        """Run `task` to its end; whether starting it again could help."""
        try:
            task.run(self._stop)
        except _FINAL as error:
            log.critical("given up until it is mended", task=task.name, error=str(error))
            self._fail(task)
            return False
        except DongseonError as error:
            log.warning("failed", task=task.name, error=str(error))
            self._fail(task)
        except Exception:
            log.exception("failed unexpectedly", task=task.name)
            self._fail(task)
        return True

    def _fail(self, task: Task) -> None:
        if not task.endless:
            self.failed.add(task.name)
        task.on_failure()
