"""The watcher: compares each committed sighting with the list, once, and tells what it found.

Hits, alerts, events and the cursor are one transaction: after a crash nothing is missing and
nothing is there twice. Who is told, and how slow they are, is no concern of it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from central.db.tables import watch_targets
from central.index.changes import Cursor
from central.services import PartHealth
from central.watch import changes, events
from central.watch.alerts import Batch, Book
from central.watch.changes import Place
from central.watch.events import News
from central.watch.likeness import Likeness
from central.watch.matching import Roster
from central.watch.roster import Loader
from central.watch.wake import EVERY_S, SIGHTINGS, Listener, listening
from shared.clock import Clock, to_datetime
from shared.errors import StorageError
from shared.ids import uuid7

BATCH = 1000
_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 10.0
_TIDY_EVERY_S = 600.0
# What was announced may have to wait for an older transaction, most of which end in no time.
_SOON_S = (0.02, 0.05, 0.1, 0.2)
_EXPIRED_KEPT = timedelta(days=30)

# Lost with the database's last milliseconds, the same changes are compared again.
_LAZY = text("SET LOCAL synchronous_commit = off")

_log = structlog.get_logger(__name__)


class Watcher:
    """The loop. Several may run on one database: they take turns."""

    def __init__(
        self, engine: Engine, likeness: Likeness, clock: Clock, *, batch: int = BATCH
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._batch = batch
        self._loader = Loader(engine, likeness, clock)
        self._roster: Roster | None = None
        self._version: int | None = None
        self._tidied_s: float | None = None
        self._trouble: str | None = "not started"
        self._compared = 0
        self._told = 0

    def step(self) -> int:
        """Compare the next sightings; gives their number, 0 when there are none.

        Raises:
            StorageError: the database is not there; the same sightings come again.
        """
        self._foresee()
        with self._begin() as connection:
            place = changes.read_place(connection)
            seen = changes.seen_after(connection, place.cursor, self._batch)
            if not seen:
                return 0
            roster = self._current(connection, place)
            if not roster.targets:
                changes.move(connection, changes.end(connection))
                connection.execute(_LAZY)
                return 0
            now = self._now()
            found = Batch(seen, roster.ids, roster.match(seen, now))
            news = Book(connection, now, self._new_id).keep(found)
            events.add(connection, news, now)
            changes.move(connection, Cursor(seen[-1].xid, seen[-1].day, seen[-1].id))
            if not news:
                connection.execute(_LAZY)
        self._compared += len(seen)
        self._told += len(news)
        _log_news(news)
        return len(seen)

    def tidy(self) -> None:
        """Forget old events, and entries that were over long ago with all they found.

        Raises:
            StorageError: the database is not there.
        """
        now = self._now()
        over = watch_targets.c.until < now - _EXPIRED_KEPT
        with self._begin() as connection:
            events.forget_before(connection, now - events.KEPT)
            gone = connection.execute(
                watch_targets.delete().where(over).returning(watch_targets.c.id)
            )
            for row in gone:
                _log.info("watch list", what="forgotten", entry=str(row.id))

    def run(self, stop: threading.Event) -> None:
        """Compare until `stop` is set; a database that is away is waited for, with back-off."""
        delay = _FIRST_DELAY_S
        while not stop.is_set():
            try:
                with listening(self._engine, SIGHTINGS) as listener:
                    self._trouble, delay = None, _FIRST_DELAY_S
                    self._follow(listener, stop)
            except StorageError as error:
                self._trouble = str(error)
                _log.warning("the watch list waits", error=str(error))
                stop.wait(delay)
                delay = min(delay * 2, _LONGEST_DELAY_S)

    def health(self) -> PartHealth:
        """Whether sightings are compared."""
        targets = len(self._roster.targets) if self._roster else 0
        figures = {"targets": targets, "compared": self._compared, "told": self._told}
        return PartHealth(self._trouble is None, self._trouble or "sightings are compared", figures)

    def _follow(self, listener: Listener, stop: threading.Event) -> None:
        soon = iter(_SOON_S)
        while not stop.is_set():
            if self.step():
                soon = iter(_SOON_S)
                continue
            self._look_after()
            if listener.wait(stop, next(soon, EVERY_S)):
                soon = iter(_SOON_S)

    def _look_after(self) -> None:
        if self._loader.renew_cameras():
            self._version = None
        now = self._clock.monotonic()
        if self._tidied_s is None or now - self._tidied_s > _TIDY_EVERY_S:
            self._tidied_s = now
            self.tidy()

    def _foresee(self) -> None:
        """Load a list that has changed before the turn is taken: all others wait for it."""
        with _read(self._engine) as connection:
            self._load(connection, changes.read_version(connection))

    def _current(self, connection: Connection, place: Place) -> Roster:
        return self._load(connection, place.version)

    def _load(self, connection: Connection, version: int) -> Roster:
        """Version first, then the list: one that changes in between is loaded once more."""
        if self._roster is None or version != self._version:
            self._roster = self._loader.load(connection)
            self._version = version
        return self._roster

    def _now(self) -> datetime:
        return to_datetime(self._clock.now_ms())

    def _new_id(self) -> UUID:
        return uuid7(self._clock.now_ms())

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with _storage(), self._engine.begin() as connection:
            events.take_turn(connection)
            yield connection


@contextmanager
def _read(engine: Engine) -> Iterator[Connection]:
    with _storage(), engine.connect() as connection:
        yield connection


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StorageError(f"the watch list has no database: {error.orig}") from error


def _log_news(news: list[News]) -> None:
    for kind, alert in news:
        _log.info(
            "watch hit",
            what=kind.value,
            entry=str(alert.target),
            alert=str(alert.id),
            sighting=str(alert.sighting),
            camera=alert.camera,
            found_by=alert.found_by,
            probability=alert.probability,
        )
