"""The port to whatever keeps and compares vectors.

Days (and embedding spaces) are parts of the index, not filters on it: a search visits only the
parts its window can touch, and retention is dropping a part.
"""

import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from shared.clock import MS_PER_DAY
from shared.ids import uuid7_ms
from shared.vectors import Vector

UNDATED = date.min
"""The part for sightings of days that have no partition in the database (a box with a dead
clock): one part, however many such days there are, looked at by every search."""


class IndexPoint(NamedTuple):
    """A sighting's vector and what a search may be narrowed by.

    `day` names the part it is kept in: the sighting's own day, or `UNDATED`. `vector` is the
    direction as it travelled and as the database keeps it: shape (D,), int8, not all zeros. Times
    are UTC milliseconds.
    """

    id: UUID
    day: date
    space: str
    camera: str
    object_class: str
    first_seen_ms: int
    last_seen_ms: int
    vector: NDArray[np.int8]


class IndexQuery(NamedTuple):
    """What to look for.

    `vector`: shape (D,), float32, not zero. `cameras`: only these (None: all; empty: none).
    `from_ms`, `to_ms`: only sightings that were in view at some time in that window, both ends
    included. `exclude`: never these.
    """

    space: str
    vector: Vector
    cameras: frozenset[str] | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    object_class: str | None = None
    limit: int = 50
    exclude: frozenset[UUID] = frozenset()


class IndexHit(NamedTuple):
    """One answer. `day` is the sighting's own, `score` the cosine, -1 to 1."""

    id: UUID
    day: date
    score: float


class VectorIndex(Protocol):
    """Exact nearest neighbours by cosine inside the chosen cameras and window.

    Safe to call from several threads. All methods raise StorageError when the index refuses.
    """

    @property
    def index_id(self) -> UUID:
        """Made when the index is; a lost index comes back with another."""

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Keep `points`; one with a known id replaces it, in whatever part that was."""

    def search(self, query: IndexQuery) -> list[IndexHit]:
        """The `query.limit` best in scope, best first."""

    def count(self, day: date | None = None) -> int:
        """Points kept, or those of one part."""

    def days(self) -> list[date]:
        """The parts there are, oldest first."""

    def drop_day(self, day: date) -> None:
        """Forget a part; nothing happens if there is none."""

    def lacking(self) -> frozenset[date]:
        """Days whose parts may have fewer points than were flushed: damaged, or being rebuilt."""

    def set_lacking(self, day: date, *, lacking: bool) -> None:
        """Say that the part `day` lacks points, or that it is whole again."""

    def forget(self, day: date, ids: Sequence[UUID]) -> None:
        """Remove the points with `ids` from the part `day`; those that are not there are fine."""

    def flush(self) -> None:
        """Return when everything upserted so far would survive a loss of power."""

    def close(self) -> None:
        """Flush and let go of files and connections."""


class LackingDays:
    """What `VectorIndex` says of parts that lack points; for adapters to inherit."""

    def __init__(self) -> None:
        self._lacking: frozenset[date] = frozenset()
        self._lacking_lock = threading.Lock()

    def lacking(self) -> frozenset[date]:
        """Days whose parts may have fewer points than were flushed."""
        return self._lacking

    def set_lacking(self, day: date, *, lacking: bool) -> None:
        """Say that the part `day` lacks points, or that it is whole again."""
        with self._lacking_lock:
            self._lacking = self._lacking | {day} if lacking else self._lacking - {day}


def hit(identifier: UUID, score: float) -> IndexHit:
    """The answer for a point; its day is in its UUIDv7."""
    moment = datetime.fromtimestamp(uuid7_ms(identifier) / 1000, tz=UTC)
    return IndexHit(identifier, moment.date(), score)


def best(hits: Sequence[IndexHit], limit: int) -> list[IndexHit]:
    """The `limit` best of the parts' answers, one per id; ties in the order of ids."""
    ranked: dict[UUID, IndexHit] = {}
    for found in sorted(hits, key=lambda h: (-h.score, h.id)):
        ranked.setdefault(found.id, found)
    return list(ranked.values())[:limit]


class PartScope(NamedTuple):
    """The window as one part needs it: a bound that every point of the part meets is None."""

    from_ms: int | None
    to_ms: int | None


def scope_of(day: date, query: IndexQuery) -> PartScope | None:
    """What of `query`'s window must be asked of the part `day`; None if it cannot answer.

    Ingest takes no sighting that lasts more than a day, so one that began on `day` ended before
    the end of the day after.
    """
    if day == UNDATED:
        return PartScope(query.from_ms, query.to_ms)
    start = round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
    end = start + MS_PER_DAY
    if query.to_ms is not None and query.to_ms < start:
        return None
    if query.from_ms is not None and query.from_ms >= end + MS_PER_DAY:
        return None
    return PartScope(
        None if query.from_ms is None or query.from_ms <= start else query.from_ms,
        None if query.to_ms is None or query.to_ms >= end - 1 else query.to_ms,
    )
