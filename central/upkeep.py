"""What is looked after now and then: what waits in vain, and what was kept long enough."""

import threading
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from central.api import kept_answers
from central.asking import pictures
from central.clips.repository import expire
from central.clips.store import ClipStore
from central.crops.store import CropStore
from central.db.partitions import ensure_ahead
from central.errors import ConflictError
from central.ingest.crops import drop_waiting, keep_waiting
from central.retention.keepers import Stopped
from central.retention.report import Purge
from central.retention.waiting import EARLY_CROPS_DAYS
from central.services import PartHealth
from shared.clock import Clock, to_datetime
from shared.errors import StorageError

_EVERY_S = 600.0
_EARLY_CROPS_KEPT = timedelta(days=EARLY_CROPS_DAYS)

_log = structlog.get_logger(__name__)


class Purging(Protocol):
    """What removes what was kept long enough, as the upkeep knows it."""

    def is_due(self) -> bool:
        """Whether there may be something to do."""

    def last(self) -> Purge | None:
        """The newest report."""

    def run(self) -> Purge:
        """Remove, look, report."""


class Upkeep:
    """The loop. `clips_kept`: how long clips and snapshots are kept after they were asked for."""

    def __init__(
        self,
        engine: Engine,
        crops: CropStore,
        clips: ClipStore,
        clock: Clock,
        clips_kept: timedelta,
    ) -> None:
        self._engine = engine
        self._crops = crops
        self._clips = clips
        self._clock = clock
        self._clips_kept = clips_kept
        self._purging: Purging | None = None
        self._unproven: str | None = None
        self._trouble: str | None = None

    def with_purges(self, purging: Purging) -> "Upkeep":
        """This, purging too when that is due."""
        self._purging = purging
        return self

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        while not stop.is_set():
            try:
                self.step()
            except (DBAPIError, StorageError) as error:
                # Without the statement, which may hold pictures.
                self._trouble = str(error.orig if isinstance(error, DBAPIError) else error)
                _log.warning("what waits and what is old stays for now", error=self._trouble)
            except Stopped as stopped:
                _log.info("stopped", reason=str(stopped))
            else:
                self._trouble = None
            stop.wait(_EVERY_S)

    def health(self) -> PartHealth:
        """Whether the last look went well, and the last purge proved what it should."""
        wrong = self._trouble or self._unproven
        return PartHealth(wrong is None, wrong or "nothing is kept for too long")

    def step(self) -> None:
        """Look once.

        Raises:
            DBAPIError, StorageError: database or disk refuse; the next look finds the rest.
            Stopped: the process is to end.
        """
        now = to_datetime(self._clock.now_ms())
        ensure_ahead(self._engine, self._clock.now_ms())
        done = {
            "crops_kept": keep_waiting(self._engine, self._crops),
            "crops_dropped": drop_waiting(self._engine, now - _EARLY_CROPS_KEPT),
            "clips_expired": expire(self._engine, self._clips, now - self._clips_kept),
            "pictures_forgotten": pictures.expire(self._engine, now),
            "keys_forgotten": kept_answers.expire(self._engine, now),
        }
        if any(done.values()):
            _log.info("looked after", **done)
        if self._purging is not None:
            self._unproven = _wrong_with(_purged(self._purging))


def _purged(purging: Purging) -> Purge | None:
    try:
        return purging.run() if purging.is_due() else purging.last()
    except ConflictError:
        # Somebody else is at it.
        return purging.last()


def _wrong_with(purge: Purge | None) -> str | None:
    if purge is None or purge.ok:
        return None
    parts = "; ".join(f"{part.name}: {part.detail}" for part in purge.parts if not part.ok)
    return f"the purge of {purge.as_of} does not prove that what is old is gone: {parts}"
