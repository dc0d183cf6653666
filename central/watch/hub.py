"""Those who listen to the watch list, and the latest events, held once for all of them.

Nothing is queued for a subscriber: each has a number up to which it was told, and reads on from
here, or from the database when it is further behind. So one that never reads costs nothing but its
connection, and that is ended.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from central.watch import events
from central.watch.events import Event
from shared.errors import StorageError

MAX_SUBSCRIBERS = 100
_HELD = 1_000


class Hub:
    """The latest events and who waits for more. Safe to use from threads.

    `patience_s`: how long a subscriber may take nothing before it is dropped. `look_again_s`: how
    long one waits to be woken before it looks by itself.
    """

    def __init__(self, patience_s: float = 30.0, look_again_s: float = 5.0) -> None:
        self.patience_s = patience_s
        self.look_again_s = look_again_s
        self._lock = threading.Lock()
        self._held: deque[Event] = deque(maxlen=_HELD)
        # Everything after this number is held; None: nothing is known yet.
        self._since: int | None = None
        self._wakes: set[Callable[[], None]] = set()

    @property
    def subscribers(self) -> int:
        """How many listen."""
        return len(self._wakes)

    @property
    def newest(self) -> int | None:
        """The number of the last event that is held; None: it is not known yet."""
        with self._lock:
            return self._held[-1].id if self._held else self._since

    def begin(self, number: int) -> None:
        """All events after `number` will be handed in."""
        with self._lock:
            self._held.clear()
            self._since = number
            wakes = list(self._wakes)
        # What came between a subscriber's look at the database and this will not be handed in.
        for wake in wakes:
            wake()

    def publish(self, found: list[Event]) -> None:
        """Take the next events, in order, and wake everybody."""
        with self._lock:
            for event in found:
                if len(self._held) == _HELD:
                    self._since = self._held[0].id
                self._held.append(event)
            wakes = list(self._wakes)
        for wake in wakes:
            wake()

    def after(self, number: int) -> list[Event] | None:
        """The events after `number`; None: they are not all held, the database has them."""
        with self._lock:
            if self._since is None or number < self._since:
                return None
            return [event for event in self._held if event.id > number]

    @contextmanager
    def joined(self) -> Iterator[asyncio.Event]:
        """An event of the running loop, set whenever there is something new.

        Raises:
            StorageError: there are too many subscribers already.
        """
        loop, waking = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            # A loop that is closing has nobody left to tell.
            if not loop.is_closed():
                loop.call_soon_threadsafe(waking.set)

        with self._lock:
            if len(self._wakes) >= MAX_SUBSCRIBERS:
                raise StorageError(
                    f"{MAX_SUBSCRIBERS} subscribers listen already; end one and come again"
                )
            self._wakes.add(wake)
        try:
            yield waking
        finally:
            with self._lock:
                self._wakes.discard(wake)


async def follow(
    hub: Hub, engine: Engine, number: int, waking: asyncio.Event
) -> AsyncIterator[Event]:
    """Every event after `number`, in order, for ever.

    Raises:
        StorageError: the database is away.
    """
    while True:
        waking.clear()
        found = hub.after(number)
        if found is None:
            found = await run_in_threadpool(events.after, engine, number)
        for event in found:
            number = event.id
            yield event
        if not found:
            with suppress(TimeoutError):
                await asyncio.wait_for(waking.wait(), hub.look_again_s)
