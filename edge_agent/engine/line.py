"""A channel's way into the engine: a mailbox of one."""

from collections.abc import Callable, Hashable, Sequence
from threading import Condition, Lock
from typing import NamedTuple

from edge_agent.engine.errand import Errand
from edge_agent.engine.schedule import STILL, Queue, Schedule, Stages
from edge_agent.source.frame import Frame

__all__ = ["Line", "Mailroom", "Pace", "Stages"]


class Pace(NamedTuple):
    """How often a channel wants to be looked at, and whether `every` frame of it must be.

    A camera's newest frame replaces one that still waits; a clip that goes as fast as it can
    waits instead, and loses none.
    """

    fps: float
    every: bool


class Mailroom:
    """What lines and workers share: the schedule, its lock, and who waits for what."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.lock = Lock()
        self.work = Condition(self.lock)
        self.closed = False
        self.replaced = 0


class Line:
    """One channel's; its thread calls `put`, then `finish`.

    Both raise what the channel's stages raised since they were last called.
    """

    def __init__(
        self, room: Mailroom, queue: Queue, pace: Pace, shape: Callable[[Frame], Hashable]
    ) -> None:
        self._room = room
        self._queue = queue
        self._every = pace.every
        self._shape = shape
        self._moved = Condition(room.lock)
        queue.moved = self._moved.notify_all
        self.replaced = 0

    def put(self, frame: Frame, *, look: bool = True) -> None:
        """Hand over the newest frame; see `Pace`. Nothing in it has moved where not to `look`."""
        shape = self._shape(frame) if look else STILL
        with self._room.lock:
            while self._every and self._queue.frame is not None and self._going():
                self._moved.wait()
            self._raise()
            if self._room.schedule.offer(self._queue, frame, shape):
                self.replaced += 1
                self._room.replaced += 1
            self._room.work.notify()

    def finish(self, last: Callable[[], Sequence[Errand]]) -> None:
        """Do `last` once all that was handed over is done, and what comes of it; wait for it."""
        with self._room.lock:
            self._queue.last = last
            self._room.work.notify()
            while not (self._queue.ended or self._room.closed):
                self._moved.wait()
            self._raise()

    def _going(self) -> bool:
        return self._queue.error is None and not self._room.closed

    def _raise(self) -> None:
        error, self._queue.error = self._queue.error, None
        if error is not None:
            raise error
