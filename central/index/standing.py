"""An index that may be away: the process that uses it starts and goes on without it."""

import threading
from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

import structlog

from central.index.identity import IndexGone, IndexInUse
from central.index.port import IndexHit, IndexPoint, IndexQuery, VectorIndex
from shared.errors import StorageError

_UNKNOWN = UUID(int=0)

_log = structlog.get_logger(__name__)


class StandingIndex:
    """The port `VectorIndex` over one that `opener` opens, now or when it can be.

    While it is away, every call tries to open it and raises StorageError when that fails;
    `index_id` is the nil UUID, which no index has, so nothing counts as indexed.
    """

    def __init__(self, opener: Callable[[], VectorIndex]) -> None:
        """Open it if that can be done.

        Raises:
            IndexInUse: another process has it.
        """
        self._opener = opener
        self._lock = threading.RLock()
        self._index: VectorIndex | None = None
        self._closed = False
        try:
            self._opened()
        except IndexInUse:
            raise
        except StorageError as error:
            _log.error("the index is away; searches use the database", error=str(error))

    @property
    def index_id(self) -> UUID:
        """Made when the index is; nil while it is away."""
        try:
            return self._opened().index_id
        except StorageError:
            return _UNKNOWN

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Keep `points`; one with a known id replaces it, in whatever part that was."""
        self._while_there(lambda index: index.upsert(points))

    def search(self, query: IndexQuery) -> list[IndexHit]:
        """The `query.limit` best in scope, best first."""
        return self._opened().search(query)

    def count(self, day: date | None = None) -> int:
        """Points kept, or those of one part."""
        return self._opened().count(day)

    def days(self) -> list[date]:
        """The parts there are, oldest first."""
        return self._opened().days()

    def drop_day(self, day: date) -> None:
        """Forget a part; nothing happens if there is none."""
        self._opened().drop_day(day)

    def forget(self, day: date, ids: Sequence[UUID]) -> None:
        """Remove the points with `ids` from the part `day`; those that are not there are fine."""
        self._while_there(lambda index: index.forget(day, ids))

    def lacking(self) -> frozenset[date]:
        """Days whose parts may have fewer points than were flushed."""
        return self._opened().lacking()

    def set_lacking(self, day: date, *, lacking: bool) -> None:
        """Say that the part `day` lacks points, or that it is whole again."""
        self._opened().set_lacking(day, lacking=lacking)

    def flush(self) -> None:
        """Return when everything upserted so far would survive a loss of power."""
        self._while_there(lambda index: index.flush())

    def close(self) -> None:
        """Flush and let go of files and connections."""
        with self._lock:
            self._closed = True
            if self._index is not None:
                self._index.close()
                self._index = None

    def _opened(self) -> VectorIndex:
        with self._lock:
            if self._closed:
                raise StorageError("the index is closed")
            if self._index is None:
                self._index = self._opener()
            return self._index

    def _while_there(self, act: Callable[[VectorIndex], None]) -> None:
        index = self._opened()
        try:
            act(index)
        except IndexGone:
            with self._lock:
                if self._index is index:
                    self._index = None
                    _let_go(index)
            raise


def _let_go(index: VectorIndex) -> None:
    try:
        index.close()
    except StorageError as error:
        _log.warning("what is left of the index cannot be closed", error=str(error))
