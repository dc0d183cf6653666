"""The part of the centre that follows the cameras' places and the network."""

import threading
from typing import NamedTuple

import structlog
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from central.errors import ConflictError
from central.roads import times
from central.services import PartHealth
from shared.errors import StorageError

_POLL_S = 5.0
_DELAY_S = 5.0

# Cheap beside a renewal. The sum, because the newest change may be committed before an older one.
_SEEN = text(
    "SELECT (SELECT max(id) FROM road_networks), count(*), "
    "sum(extract(epoch FROM updated_at))::text FROM cameras"
)

_log = structlog.get_logger(__name__)


class _Seen(NamedTuple):
    network: int | None
    cameras: int
    changed: str | None


class TimesFollower:
    """Keeps streets and travel times of cameras at the database's state. One of them a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: _Seen | None = None
        self._trouble: str | None = "not started"
        self._timed = 0

    def step(self) -> int:
        """Look once; gives for how many cameras times were found.

        Raises:
            StorageError: the database is not there, or refused.
            ConflictError: another renewal is running.
        """
        try:
            with self._engine.connect() as connection:
                # Before the renewal: what changes meanwhile is seen the next time.
                seen = _Seen(*connection.execute(_SEEN).one())
        except DBAPIError as error:
            raise StorageError(f"cameras cannot be looked at: {error.orig}") from error
        if seen == self._seen:
            return 0
        done = times.renew(self._engine, lambda *_: None)
        self._seen = seen
        self._timed += done.timed
        if done.timed:
            _log.info("travel times renewed", **done._asdict())
        return done.timed

    def run(self, stop: threading.Event) -> None:
        """Follow until `stop` is set; a database that is away is waited for."""
        while not stop.is_set():
            try:
                self.step()
            except (StorageError, ConflictError) as error:
                self._trouble = str(error)
                _log.warning("travel times wait", error=str(error))
                stop.wait(_DELAY_S)
                continue
            self._trouble = None
            stop.wait(_POLL_S)

    def health(self) -> PartHealth:
        """Whether it follows."""
        detail = self._trouble or "travel times follow the cameras"
        return PartHealth(self._trouble is None, detail, {"timed": self._timed})
