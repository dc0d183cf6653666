"""Who is most alike: asked of the index, and of the database for whatever the index cannot say.

The answer is exact either way. Sightings that the index has not read yet (they changed after its
cursor), or whose day it lacks, are compared in the database; so is everything in scope when the
index is away, or when filters that it does not know leave too few of the best.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Connection, Engine, exists, not_, or_, select

from central.db.tables import sightings
from central.index.changes import partition_days, read_cursor
from central.index.marks import lacking_days
from central.index.port import IndexHit, IndexQuery, VectorIndex, best
from central.search.database import after_cursor, compare, matching, of_days
from shared.errors import StorageError

DEPTHS = (1_000, 10_000)
"""How many of the best the index is asked for when filters follow, at first and at last."""

AWAY = "The index is away: what is in scope was compared in the database, which takes longer."
BEHIND = "Not all of it is in the index yet: the rest was compared in the database."
RARE = "Few of the most alike fit the filters: all that fit were compared in the database."

_TRIES = 3

Conditions = Sequence[ColumnElement[bool]]
Source = Literal["index", "database", "both"]

_log = structlog.get_logger(__name__)


class Found(NamedTuple):
    """Hits, best first.

    `source` is what was asked; `note` is a sentence when that was not the index alone; `exact`:
    nothing in scope was passed over.
    """

    hits: list[IndexHit]
    source: Source = "index"
    note: str | None = None
    exact: bool = True


def find(
    engine: Engine, index: VectorIndex, query: IndexQuery, conditions: Conditions = ()
) -> Found:
    """The `query.limit` best in scope of `query` that meet all `conditions` on `sightings`."""
    if query.cameras is not None and not query.cameras:
        return Found([])
    try:
        for _ in range(_TRIES):
            before = _Standing.of(engine, index)
            found = _with_index(engine, index, query, conditions, before)
            if _Standing.of(engine, index).has_all_of(before):
                return found
        _log.warning("the index keeps changing; the database is searched")
    except StorageError as error:
        _log.warning("the index is away; the database is searched", error=str(error))
    return Found(compare(engine, query, conditions), "database", AWAY)


def find_any(
    engine: Engine, index: VectorIndex, queries: Sequence[IndexQuery], conditions: Conditions = ()
) -> Found:
    """The best of each of `queries`, which differ in their vectors, each hit once.

    The second and later ones are not asked where the first found all in scope, nor while the
    database is scanned in the index's place: twice would take twice as long.
    """
    first, *others = queries
    found = find(engine, index, first, conditions)
    if found.source == "database" or len(found.hits) < first.limit:
        return found
    more = [find(engine, index, query, conditions) for query in others]
    hits = {hit.id: hit for each in (found, *more) for hit in each.hits}
    asked = {each.source for each in (found, *more)}
    return Found(
        list(hits.values()),
        found.source if len(asked) == 1 else "both",
        next((each.note for each in (found, *more) if each.note), None),
        all(each.exact for each in (found, *more)),
    )


class _Standing(NamedTuple):
    """What an index has: a search that meets damage, or a new index, is made again."""

    index_id: UUID
    days: frozenset[date]
    lacking: frozenset[date]

    @classmethod
    def of(cls, engine: Engine, index: VectorIndex) -> "_Standing":
        index_id, days, lacking = index.index_id, frozenset(index.days()), index.lacking()
        with engine.connect() as connection:
            # Another process may be building it again.
            return cls(index_id, days, lacking | lacking_days(connection, index_id))

    def has_all_of(self, other: "_Standing") -> bool:
        return (
            self.index_id == other.index_id
            and self.days >= other.days
            and self.lacking <= other.lacking
        )


def _with_index(
    engine: Engine,
    index: VectorIndex,
    query: IndexQuery,
    conditions: Conditions,
    standing: _Standing,
) -> Found:
    with engine.connect() as connection:
        unread = _unread(connection, standing)
    filters = [*conditions] if unread is None else [*conditions, not_(unread)]
    hits = _filtered(engine, index, query, filters) if filters else index.search(query)
    if hits is None:
        return Found(compare(engine, query, conditions), "database", RARE)
    if unread is None:
        return Found(hits)
    late = compare(engine, query, [*conditions, unread])
    return Found(best([*hits, *late], query.limit), "both", BEHIND)


def _unread(connection: Connection, standing: _Standing) -> ColumnElement[bool] | None:
    """What the index cannot answer for; None: nothing.

    The cursor is read before the index is searched, so what comes between is in both, once.
    """
    behind = after_cursor(read_cursor(connection, standing.index_id))
    lacking = standing.lacking | (partition_days(connection) - standing.days)
    found = [of_days(lacking)] if lacking else []
    if connection.execute(select(exists(select(sightings.c.id).where(behind)))).scalar_one():
        found.append(behind)
    return or_(*found) if found else None


def _filtered(
    engine: Engine, index: VectorIndex, query: IndexQuery, filters: Conditions
) -> list[IndexHit] | None:
    """The best that meet `filters`; None: there may be more than the index was asked for."""
    for depth in _depths(query.limit):
        hits = index.search(query._replace(limit=depth))
        with engine.connect() as connection:
            fitting = matching(connection, [hit.id for hit in hits], filters)
        found = [hit for hit in hits if hit.id in fitting][: query.limit]
        if len(found) == query.limit or len(hits) < depth:
            return found
    return None


def _depths(limit: int) -> Iterator[int]:
    yield from (max(depth, limit) for depth in DEPTHS)
