"""Brings new events from the database to this process's subscribers."""

import threading

import structlog
from sqlalchemy import Engine

from central.services import PartHealth
from central.watch import events
from central.watch.hub import Hub
from central.watch.wake import EVENTS, Listener, listening
from shared.errors import StorageError

_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 10.0

_log = structlog.get_logger(__name__)


class Feed:
    """Reads new events for the hub, from whichever process they come."""

    def __init__(self, engine: Engine, hub: Hub) -> None:
        self._engine = engine
        self._hub = hub
        self._trouble: str | None = "not started"

    def run(self, stop: threading.Event) -> None:
        """Feed until `stop` is set; a database that is away is waited for, with back-off."""
        delay = _FIRST_DELAY_S
        while not stop.is_set():
            try:
                with listening(self._engine, EVENTS) as listener:
                    self._trouble, delay = None, _FIRST_DELAY_S
                    self._feed(listener, stop)
            except StorageError as error:
                self._trouble = str(error)
                _log.warning("subscribers wait", error=str(error))
                stop.wait(delay)
                delay = min(delay * 2, _LONGEST_DELAY_S)

    def health(self) -> PartHealth:
        """Whether events are handed on."""
        detail = self._trouble or "events are handed on"
        return PartHealth(self._trouble is None, detail, {"subscribers": self._hub.subscribers})

    def _feed(self, listener: Listener, stop: threading.Event) -> None:
        number = self._hub.newest
        if number is None:
            number = events.newest(self._engine)
            self._hub.begin(number)
        while not stop.is_set():
            found = events.after(self._engine, number)
            if found:
                self._hub.publish(found)
                number = found[-1].id
            else:
                listener.wait(stop)
