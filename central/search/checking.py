"""Whether the index finds what an exact scan of the database finds."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, func, select

from central.db.tables import sightings
from central.index.port import IndexQuery, VectorIndex
from central.search.database import blocks, cosines, vectors_in
from shared.vectors import Vector, normalised

DEPTH = 20
# Two float32 sums of the same products in another order.
_SAME = 1e-5


class Compared(NamedTuple):
    """`recall`: how many of the `depth` best of each query the index gave, 0 to 1."""

    queries: int
    depth: int
    sightings: int
    recall: float


def check_index(engine: Engine, index: VectorIndex, queries: int) -> Compared:
    """Search for `queries` stored vectors, taken at random, in the index and by an exact scan.

    Raises:
        StorageError: the index refused.
    """
    columns = (sightings.c.space, sightings.c.vector)
    with engine.connect() as connection:
        chosen = connection.execute(select(*columns).order_by(func.random()).limit(queries)).all()
    spaces: dict[str, list[Vector]] = {}
    for space, vector in chosen:
        direction = np.frombuffer(vector, np.int8)
        if direction.any():
            spaces.setdefault(space, []).append(normalised(direction.astype(np.float32)))
    found = wanted = scanned = 0
    for space, units in spaces.items():
        least, seen = _exact(engine, space, np.stack(units, axis=1))
        scanned += seen
        for unit, score in zip(units, least, strict=True):
            hits = index.search(IndexQuery(space, unit, limit=DEPTH))
            found += sum(hit.score >= score - _SAME for hit in hits)
            wanted += min(DEPTH, seen)
    recall = found / wanted if wanted else 1.0
    return Compared(sum(map(len, spaces.values())), DEPTH, scanned, recall)


def _exact(
    engine: Engine, space: str, units: NDArray[np.float32]
) -> tuple[NDArray[np.float32], int]:
    """The score of each query's last good answer, shape (Q,), and how many were scanned."""
    kept = np.full((DEPTH, units.shape[1]), -2, np.float32)
    scanned = 0
    for rows in blocks(engine, vectors_in(space, units.shape[0])):
        scores = cosines(rows, units)
        scanned += len(rows)
        kept = np.sort(np.concatenate([kept, scores]), axis=0)[-DEPTH:]
    least = kept[0] if scanned >= DEPTH else kept[DEPTH - scanned]
    return least, scanned
