"""The one supervisor of the process: its parts run in threads, and one that dies is restarted."""

import threading
from collections.abc import Callable
from typing import Protocol

import structlog

from central.services import PartHealth
from shared.clock import Clock, SystemClock

_FIRST_DELAY_S = 1.0
_LONGEST_DELAY_S = 30.0
_GOOD_LIFE_S = 60.0
_JOIN_S = 20.0

_log = structlog.get_logger(__name__)


class Part(Protocol):
    """Something that runs until it is told to stop."""

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""

    def health(self) -> PartHealth:
        """How it is, without blocking."""


class Supervised:
    """A part in a thread of its own, made anew after each death, with back-off.

    One that lived for a minute is made anew as soon as one that never died.
    """

    def __init__(self, name: str, make: Callable[[], Part], clock: Clock | None = None) -> None:
        self.name = name
        self._make = make
        self._clock = clock or SystemClock()
        self._part: Part | None = None
        self._death: str | None = None
        self._thread: threading.Thread | None = None

    def start(self, stop: threading.Event) -> None:
        """Begin; `stop` ends it."""
        self._thread = threading.Thread(
            target=self._keep_running, args=(stop,), name=self.name, daemon=True
        )
        self._thread.start()

    def join(self) -> None:
        """Wait until it has left."""
        if self._thread is not None:
            self._thread.join(_JOIN_S)
            if self._thread.is_alive():
                _log.error("a part does not stop; it is left behind", part=self.name)

    def health(self) -> PartHealth:
        """How the part is, or why it is not running."""
        if self._death is not None:
            return PartHealth(False, f"ended and is being restarted: {self._death}")
        return self._part.health() if self._part else PartHealth(False, "not started")

    def _keep_running(self, stop: threading.Event) -> None:
        delay = _FIRST_DELAY_S
        while not stop.is_set():
            born = self._clock.monotonic()
            try:
                self._part = self._make()
                self._death = None
                self._part.run(stop)
            except Exception as error:  # noqa: BLE001 - the supervisor: whatever it dies of
                self._death = f"{type(error).__name__}: {error}"
                _log.exception("a part of the centre died", part=self.name)
                if self._clock.monotonic() - born >= _GOOD_LIFE_S:
                    delay = _FIRST_DELAY_S
                stop.wait(delay)
                delay = min(delay * 2, _LONGEST_DELAY_S)
