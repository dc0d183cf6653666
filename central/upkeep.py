"""What is looked after now and then: what waits in vain, and what was kept long enough."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
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
from central.routes.links.learning import mend_links
from central.routes.links.plates import follow as follow_plates
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
        self._links_mended: date | None = None

    def with_purges(self, purging: Purging) -> "Upkeep":
        """This, purging too when that is due."""
        self._purging = purging
        return self

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        while not stop.is_set():
            try:
                self.step()
            except Stopped as stopped:
                _log.info("stopped", reason=str(stopped))
            stop.wait(_EVERY_S)

    def health(self) -> PartHealth:
        """Whether the last look went well, and the last purge proved what it should."""
        wrong = self._trouble or self._unproven
        return PartHealth(wrong is None, wrong or "nothing is kept for too long")

    def step(self) -> None:
        """Look once. What database or disk refuse is told by `health`, and done the next time.

        Raises:
            Stopped: the process is to end.
        """
        now = to_datetime(self._clock.now_ms())
        troubles: list[str] = []
        done = {name: self._try(name, job, troubles) for name, job in self._jobs(now).items()}
        if any(done.values()):
            _log.info("looked after", **done)
        if self._purging is not None:
            self._try("purge", partial(self._purge, self._purging), troubles)
        self._trouble = "; ".join(troubles) or None

    def _jobs(self, now: datetime) -> dict[str, Callable[[], int]]:
        """Each gives how much it did. First what people were promised is gone by now."""
        now_ms = self._clock.now_ms()
        return {
            "days_not_made_yet": lambda: not ensure_ahead(self._engine, now_ms),
            "pictures_forgotten": lambda: pictures.expire(self._engine, now),
            "keys_forgotten": lambda: kept_answers.expire(self._engine, now),
            "crops_kept": lambda: keep_waiting(self._engine, self._crops),
            "crops_dropped": lambda: drop_waiting(self._engine, now - _EARLY_CROPS_KEPT),
            "clips_expired": lambda: expire(self._engine, self._clips, now - self._clips_kept),
            # What may take long comes last.
            "links_mended": lambda: self._mend_links(now),
            "links_learnt": lambda: follow_plates(self._engine),
        }

    def _mend_links(self, now: datetime) -> int:
        """Once a day: it counts all trips that there are."""
        if self._links_mended == now.date():
            return 0
        done = mend_links(self._engine, now)
        self._links_mended = now.date()
        return done

    def _try(self, name: str, job: Callable[[], int], troubles: list[str]) -> int:
        """What `job` did. One that fails keeps no other from its work."""
        try:
            return job()
        except (DBAPIError, StorageError) as error:
            # Without the statement, which may hold pictures.
            reason = str(error.orig if isinstance(error, DBAPIError) else error)
            _log.warning("what waits and what is old stays for now", job=name, error=reason)
            troubles.append(f"{name}: {reason}")
            return 0

    def _purge(self, purging: Purging) -> int:
        self._unproven = _wrong_with(_purged(purging))
        return 0


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
