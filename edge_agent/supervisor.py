"""Keeps the box's threads going: the one place that catches whatever a channel may raise."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

import structlog

from edge_agent.source import SourceRefused
from edge_agent.uplink.pace import BackOff
from shared.clock import Clock
from shared.errors import ConfigError, DependencyMissing, DongseonError

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
        on_failure: told of each failure, and why.
        on_restart: told before each new start.
    """

    name: str
    run: Callable[[Event], None]
    endless: bool
    on_failure: Callable[[str], None] = lambda _: None
    on_restart: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Patience:
    """How soon what failed is tried again, seconds; waits double from the first to the most.

    Args:
        first_s: the first wait is at most so long.
        most_s: no wait is longer. A camera that is back is to be watched within half a minute,
            and takes up to 10 s to answer and to show a key frame.
        held_s: work that held this long was going well: the next wait is short again.
        refused_s: the first wait after a camera refused the password: cameras lock a user out
            after some wrong ones (Hikvision: 7 within half an hour).
        refused_most_s: the longest such wait.
    """

    first_s: float = 1.0
    most_s: float = 15.0
    held_s: float = 60.0
    refused_s: float = 300.0
    refused_most_s: float = 600.0


class Supervisor:
    """Runs tasks, a thread each, until `stop` is set.

    Memory that ran out is one task's failure like any other: what the task held is freed, and it
    begins anew. A thread that died where nothing could be caught is replaced by `revive`.

    Args:
        stop: ends every task.
        clock: its stopwatch.
        source: randomness for the back-off.
        patience: how soon to try again.
    """

    def __init__(
        self,
        stop: Event,
        clock: Clock,
        source: random.Random,
        patience: Patience | None = None,
    ) -> None:
        self._stop = stop
        self._clock = clock
        self._source = source
        self._patience = patience or Patience()
        self._tasks: dict[str, Task] = {}
        self._threads: dict[str, Thread] = {}
        self._ended: set[str] = set()
        self.failed: set[str] = set()

    def start(self, task: Task) -> None:
        """Begin `task` in a thread of its own."""
        self._tasks[task.name] = task
        self._begin(task, after_s=0.0)

    def revive(self) -> None:
        """Replace threads that died: of an error while an error was handled, mostly.

        To be called from time to time.
        """
        for name, thread in list(self._threads.items()):
            if thread.is_alive() or name in self._ended or self._stop.is_set():
                continue
            task = self._tasks[name]
            log.critical("its thread died", task=name)
            self._fail(task, "its thread died; the log may say why")
            if task.endless:
                self._begin(task, after_s=self._patience.most_s)
            else:
                self._ended.add(name)

    @property
    def done(self) -> bool:
        """Whether every task has ended for good."""
        return self._ended.issuperset(self._tasks)

    def join(self, seconds: float) -> list[str]:
        """Wait for every task, `seconds` at most together; give the names of those still busy."""
        until = self._clock.monotonic() + seconds
        for thread in self._threads.values():
            thread.join(max(0.0, until - self._clock.monotonic()))
        return [name for name, thread in self._threads.items() if thread.is_alive()]

    def _begin(self, task: Task, after_s: float) -> None:
        # Daemons: a decoder stuck in a driver must not keep the program from ending.
        thread = Thread(target=self._keep, args=(task, after_s), name=task.name, daemon=True)
        self._threads[task.name] = thread
        thread.start()

    def _keep(self, task: Task, after_s: float) -> None:
        patience = self._patience
        soon = BackOff(patience.first_s, patience.most_s, self._source)
        slowly = BackOff(patience.refused_s, patience.refused_most_s, self._source)
        again = not after_s or self._wait(task, after_s)
        while again:
            began = self._clock.monotonic()
            error = self._once(task)
            if isinstance(error, _FINAL) or not task.endless or self._stop.is_set():
                break
            if self._clock.monotonic() - began >= patience.held_s:
                soon.reset()
            if isinstance(error, SourceRefused):
                again = self._wait(task, patience.refused_s + slowly.next_s())
            else:
                slowly.reset()
                again = self._wait(task, soon.next_s())
        self._ended.add(task.name)

    def _wait(self, task: Task, seconds: float) -> bool:
        """Whether `task` is to start again after that long."""
        log.info("it starts again", task=task.name, wait_s=round(seconds, 1))
        if self._stop.wait(seconds):
            return False
        task.on_restart()
        return True

    def _once(self, task: Task) -> Exception | None:
        """Run `task` to its end; the error that was it, if it was one."""
        try:
            task.run(self._stop)
        except _FINAL as error:
            log.critical("given up until it is mended", task=task.name, error=str(error))
            self._fail(task, str(error))
            return error
        except DongseonError as error:
            log.warning("failed", task=task.name, error=str(error))
            self._fail(task, str(error))
            return error
        except Exception as error:
            log.exception("failed unexpectedly", task=task.name)
            self._fail(task, type(error).__name__)
            return error
        return None

    def _fail(self, task: Task, why: str) -> None:
        if not task.endless:
            self.failed.add(task.name)
        task.on_failure(why)
