"""The fleet's one loop: sockets and moments, in one thread."""

import heapq
import selectors
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from typing import NamedTuple
from uuid import UUID

import numpy as np

from deploy.sim.fleet.box import FleetBox, Surroundings
from deploy.sim.fleet.connection import Connection, LineError
from deploy.sim.fleet.messages import Messages
from deploy.sim.fleet.options import FleetOptions
from deploy.sim.fleet.tally import Progress, Tally
from shared.clock import Clock

_MAKE_EVERY_S = 0.01
_LOOK_EVERY_S = 1.0
_ASK_AGAIN_S = (0.5, 2.0)
_RUNS = 4096


class _Moment(NamedTuple):
    when: float
    order: int
    act: Callable[[], None]


class Fleet:
    """Boxes that send as told."""

    def __init__(
        self, options: FleetOptions, clock: Clock, report: Callable[[Progress], None]
    ) -> None:
        self._options = options
        self._clock = clock
        self._report = report
        self._rng = np.random.default_rng(options.seed)
        self._selector = selectors.DefaultSelector()
        self._moments: list[_Moment] = []
        self._order = count()
        self._tally = Tally()
        self._boxes = self._make_boxes()
        self._began = clock.monotonic()
        self._made = 0
        self._making_since = 0.0
        self._by_rate = 0
        self._made_all: float | None = None
        self._cut: float | None = None
        self._drained: float | None = None

    def run(self) -> dict[str, object]:
        """Send until all rows are answered for, or patience is over; sum up."""
        self._began = self._clock.monotonic()
        self._plan()
        while self._drained is None and not self._patience_over():
            self._wait()
        for box in self._boxes:
            with suppress(LineError):
                box.leave()
            box.lose_line()
        self._selector.close()
        return self._summary()

    def _plan(self) -> None:
        options = self._options
        for box in self._boxes:
            self._after(float(self._rng.random()) * options.start_within_s, self._connecting(box))
        if options.reconnect_within_s is None:
            self._keep_backlog()
        else:
            self._after(options.start_within_s + options.seconds / 2, self._cut_all)
        self._after(options.start_within_s, self._begin_making)
        self._after(_LOOK_EVERY_S, self._look_after)

    def _make_boxes(self) -> list[FleetBox]:
        options = self._options
        run = self._clock.now_ms() % _RUNS
        messages = Messages(self._rng, options.space, options.dimensions, run)
        around = Surroundings(options, messages, self._tally, self._clock, self._connection)
        each, more = divmod(options.cameras, options.boxes)
        return [
            FleetBox(number, each + (number < more), self._epoch(), around)
            for number in range(options.boxes)
        ]

    def _epoch(self) -> UUID:
        # The clock too: two runs with one seed are not one outbox.
        return UUID(bytes=self._rng.bytes(8) + self._clock.now_ms().to_bytes(8, "big"), version=4)

    def _connection(self, key: object) -> Connection:
        return Connection((self._options.host, self._options.port), self._selector, key)

    def _patience_over(self) -> bool:
        made_all, patience = self._made_all, self._options.drain_s
        return made_all is not None and self._clock.monotonic() > made_all + patience

    def _wait(self) -> None:
        """Until something arrives or the next moment is there; then do it."""
        timeout = max(0.0, self._moments[0].when - self._clock.monotonic())
        for key, events in self._selector.select(timeout):
            readable = bool(events & selectors.EVENT_READ)
            self._guard(key.data, partial(FleetBox.turn, readable=readable))
        now = self._clock.monotonic()
        while self._moments[0].when <= now:
            heapq.heappop(self._moments).act()
        if self._made_all is not None and self._tally.done == self._made:
            self._drained = now

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        moment = _Moment(self._clock.monotonic() + seconds, next(self._order), act)
        heapq.heappush(self._moments, moment)

    def _guard(self, box: FleetBox, act: Callable[[FleetBox], None]) -> None:
        """Do `act`; if the line breaks, try again in a moment."""
        try:
            act(box)
        except LineError:
            self._tally.lost_lines += 1
            box.lose_line()
            self._after(float(self._rng.uniform(*_ASK_AGAIN_S)), self._connecting(box))

    def _connecting(self, box: FleetBox) -> Callable[[], None]:
        return lambda: self._guard(box, FleetBox.connect)

    def _begin_making(self) -> None:
        self._making_since = self._clock.monotonic()
        self._make()

    def _make(self) -> None:
        """Make the rows that are due by now, box by box."""
        passed = self._clock.monotonic() - self._making_since
        wanted = int(min(passed, self._options.seconds) * self._options.rate)
        while self._by_rate < wanted:
            box = self._boxes[self._by_rate % len(self._boxes)]
            self._by_rate += 1
            box.make_row()
            self._made += 1
            self._guard(box, FleetBox.send)
        if passed < self._options.seconds:
            self._after(_MAKE_EVERY_S, self._make)
        else:
            self._made_all = self._clock.monotonic()

    def _keep_backlog(self) -> None:
        for box in self._boxes:
            for _ in range(self._options.backlog):
                box.make_row()
        self._made += self._options.backlog * len(self._boxes)

    def _cut_all(self) -> None:
        """Every line breaks at once; each comes back at a moment of its own."""
        self._cut = self._clock.monotonic()
        self._keep_backlog()
        within = self._options.reconnect_within_s or 0.0
        for box in self._boxes:
            box.lose_line()
            self._after(float(self._rng.random()) * within, self._connecting(box))

    def _look_after(self) -> None:
        """Once a second: progress, rows without an answer, and each box's counters in its turn."""
        elapsed = self._clock.monotonic() - self._began
        every = max(1, round(self._options.telemetry_s))
        for number, box in enumerate(self._boxes):
            tell = (int(elapsed) + number) % every == 0
            self._guard(box, partial(FleetBox.look_after, tell=tell))
        ready = sum(box.ready for box in self._boxes)
        self._report(Progress(elapsed, ready, self._made, self._tally.acked))
        self._after(_LOOK_EVERY_S, self._look_after)

    def _summary(self) -> dict[str, object]:
        made, end = self._made, self._drained
        figures: dict[str, object] = {
            "boxes": len(self._boxes),
            "cameras": self._options.cameras,
            "made": made,
            "objects": sum(box.outbox.objects for box in self._boxes),
            "unanswered": made - self._tally.done,
            "resent": sum(box.outbox.resent for box in self._boxes),
            "seconds": round(self._clock.monotonic() - self._began, 2),
            "drained_s": None if end is None else round(end - self._began, 2),
            "last_answer_ms": self._at_ms(self._tally.last_answer),
            **self._tally.summary(),
        }
        if self._cut is not None and end is not None:
            figures["cut_to_drained_s"] = round(end - self._cut, 2)
        return figures

    def _at_ms(self, moment: float) -> int:
        """UTC milliseconds of a moment of the monotonic clock."""
        return self._clock.now_ms() - round(1000 * (self._clock.monotonic() - moment))
