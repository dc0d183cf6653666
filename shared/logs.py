"""Structured logs: JSON lines for machines, coloured lines at a terminal."""

import logging
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, TextIO

import structlog

from shared.clock import Clock, SystemClock

STORM = 20
"""Lines of one kind in `STORM_S` seconds; what follows in that time is counted, not written."""

STORM_S = 60.0
_MOST_KINDS = 1000
_LIMITED = frozenset({"warning", "error", "critical"})


def configure_logs(
    *,
    json: bool,
    level: str = "info",
    stream: TextIO | None = None,
    clock: Clock | None = None,
) -> None:
    """Send every log line of the process to `stream` (standard error unless given).

    A broken disk or camera may complain a thousand times a second for months: of one kind of
    warning or error only the first `STORM` a minute are written. Other lines are never left out.

    Args:
        json: one JSON object a line; otherwise lines for people.
        level: `debug`, `info`, `warning` or `error`.
        stream: where to write.
        clock: its stopwatch; the machine's own unless given.
    """
    out = stream or sys.stderr
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            StormFilter(clock or SystemClock()),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=True,
    )


@dataclass(slots=True)
class _Kind:
    """Lines that say the same: since when they are counted, how many were written and not."""

    since_s: float
    written: int = 0
    left_out: int = 0


class StormFilter:
    """Leaves out what says the same too often; the next line that is written tells how many.

    A kind is a level and an event: what differs from line to line belongs into the other fields.
    Safe to use from several threads.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kinds: dict[tuple[str, str], _Kind] = {}
        self._lock = Lock()

    def __call__(
        self, _logger: object, level: str, line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Give `line` back, or raise `DropEvent`."""
        if level not in _LIMITED:
            return line
        with self._lock:
            return self._limited((level, str(line.get("event"))), line)

    def _limited(
        self, name: tuple[str, str], line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        now = self._clock.monotonic()
        kind = self._kinds.get(name)
        if kind is None or now - kind.since_s >= STORM_S:
            self._make_room(now)
            if kind is not None and kind.left_out:
                line["left_out"] = kind.left_out
            kind = self._kinds[name] = _Kind(now)
        if kind.written >= STORM:
            kind.left_out += 1
            raise structlog.DropEvent
        kind.written += 1
        return line

    def _make_room(self, now: float) -> None:
        if len(self._kinds) >= _MOST_KINDS:
            fresh = {n: k for n, k in self._kinds.items() if now - k.since_s < STORM_S}
            self._kinds = fresh if len(fresh) < _MOST_KINDS else {}
