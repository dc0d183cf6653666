"""The best of those that meet certain conditions.

The index knows vectors, cameras and times; attributes, plates and hours are in the database. So
the index is asked for more than is wanted, and further until there are enough.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Engine

from central.index.port import IndexHit, IndexQuery, VectorIndex
from central.sightings import repository

_DEPTHS = (1_000, 10_000)
"""How many of the best are looked at, at first and at last."""


class Filtered(NamedTuple):
    """Hits that meet the conditions, best first.

    `looked_at`: there may be more beyond that many; None: these are the best there are.
    """

    hits: list[IndexHit]
    looked_at: int | None


def search_filtered(
    engine: Engine,
    index: VectorIndex,
    query: IndexQuery,
    conditions: Sequence[ColumnElement[bool]],
) -> Filtered:
    """The `query.limit` best of which `conditions` (over `sightings`) are true.

    Raises:
        StorageError: the index refused.
    """
    if not conditions:
        return Filtered(index.search(query), None)
    found: list[IndexHit] = []
    for depth in _DEPTHS:
        hits = index.search(query._replace(limit=depth))
        with engine.connect() as connection:
            ids = [hit.id for hit in hits]
            fitting = repository.fitting(connection, ids, conditions)
        found = [hit for hit in hits if hit.id in fitting][: query.limit]
        if len(found) == query.limit or len(hits) < depth:
            return Filtered(found, None)
    return Filtered(found, _DEPTHS[-1])
