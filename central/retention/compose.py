"""A purger, put together from the settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import Engine

from central.clips.store import ClipStore
from central.compose import open_index
from central.crops.store import CropStore
from central.db.engine import make_engine
from central.db.migrate import check_migrated
from central.errors import ConflictError
from central.index.port import VectorIndex
from central.retention.keepers import Stores
from central.retention.metrics import PurgeMetrics
from central.retention.purge import Purger
from central.retention.report import Purge
from central.settings import CentralSettings
from models.catalogue import load_catalogue
from shared.clock import Clock, SystemClock
from shared.errors import StorageError

_TURN_S = 15.0


class CountedPurger:
    """A purger whose reports are shown as metrics too."""

    def __init__(self, purger: Purger, metrics: PurgeMetrics) -> None:
        self._purger = purger
        self._metrics = metrics

    def is_due(self) -> bool:
        """Whether there may be something to do."""
        return self._purger.is_due()

    def last(self) -> Purge | None:
        """The newest report."""
        found = self._purger.last()
        if found is not None:
            self._metrics.show(found)
        return found

    def run(self, as_of: date | None = None) -> Purge:
        """Remove, look, report."""
        done = self._purger.run(as_of)
        self._metrics.note(done)
        return done


def stores_of(
    settings: CentralSettings,
    engine: Engine,
    crops: CropStore,
    index: VectorIndex | None,
    no_index: str = "",
) -> Stores:
    """Everything a purge visits, in this centre."""
    return Stores(
        engine=engine,
        crops=crops,
        clips=ClipStore(settings.clips_dir),
        index=index,
        data_dir=settings.data_dir,
        index_dir=settings.index_dir,
        spaces=dict(_spaces()),
        quarantine_rows=settings.quarantine_rows,
        no_index=no_index,
    )


def _spaces() -> Iterator[tuple[str, int]]:
    for entry in load_catalogue().models:
        if entry.embedding is not None:
            yield entry.embedding.space, entry.embedding.dimensions


@contextmanager
def open_purger(
    settings: CentralSettings, wait: Callable[[float], object], clock: Clock | None = None
) -> Iterator[Purger]:
    """A purger with stores of its own, for a process that does nothing else.

    Raises:
        StorageError: the database is away or has another schema.
    """
    clock = clock or SystemClock()
    engine = make_engine(settings.database_url)
    crops = CropStore(settings.crops_dir, clock)
    index: VectorIndex | None = None
    try:
        check_migrated(engine)
        why = ""
        try:
            index = open_index(settings)
        except StorageError as error:
            why = f"{error}; that process purges its index itself, within the hour"
        stores = stores_of(settings, engine, crops, index, why)
        yield Purger(stores, clock, settings.retention_days, wait)
    finally:
        if index is not None:
            index.close()
        crops.close()
        engine.dispose()


def purge_in_turn(purger: Purger, wait: Callable[[float], object]) -> Purge:
    """Today's purge, when whoever is at one has ended; theirs, where it has proved everything.

    Raises:
        StorageError: the database is away.
    """
    while True:
        last = purger.last()
        if last is not None and last.ok and not purger.is_due():
            return last
        try:
            return purger.run()
        except ConflictError:
            wait(_TURN_S)
