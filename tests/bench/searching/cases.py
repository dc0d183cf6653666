"""What is asked in the benchmark, and what exact search in float32 answers."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from central.index.port import IndexQuery
from shared.vectors import Vector
from tests.bench.searching.world import CAMERAS, CLASSES, SPACE, Chunk
from tests.factories import MORNING_MS

DEPTH = 20
LIMIT = 50
_HOUR_MS = 3_600_000
_SAME = 1e-5


class Case(NamedTuple):
    """A filter. `cameras`: their numbers; `window`: from and to, UTC milliseconds."""

    cameras: NDArray[np.int64] | None = None
    window: tuple[int, int] | None = None
    object_class: str | None = None
    excluded: int = 0

    def query(self, vector: Vector, ids: Sequence[UUID]) -> IndexQuery:
        """As the index is asked."""
        names = None if self.cameras is None else frozenset(f"cam-{n}" for n in self.cameras)
        start, end = self.window or (None, None)
        exclude = frozenset(ids[: self.excluded])
        return IndexQuery(SPACE, vector, names, start, end, self.object_class, LIMIT, exclude)


def cases() -> dict[str, Case]:
    """The realistic filters, by name."""
    rng = np.random.default_rng(3)
    some = rng.permutation(CAMERAS)
    hours = (MORNING_MS + 8 * _HOUR_MS, MORNING_MS + 14 * _HOUR_MS)
    return {
        "no filter": Case(),
        "all 2,700 cameras": Case(np.arange(CAMERAS)),
        "1,000 cameras": Case(some[:1000]),
        "1,000 cameras, 6 h": Case(some[:1000], hours),
        "all cameras, 6 h": Case(np.arange(CAMERAS), hours),
        "30 cameras": Case(some[:30]),
        "a class": Case(object_class="person"),
        "100 excluded": Case(excluded=100),
    }


class Truth:
    """All sightings of a city in columns, and exact answers to `queries`."""

    def __init__(self, chunks: list[Chunk], queries: list[Vector]) -> None:
        self.ids = [one for chunk in chunks for one in chunk.ids]
        self.rows = {one: row for row, one in enumerate(self.ids)}
        self.int8 = np.concatenate([chunk.vectors for chunk in chunks])
        self.cameras = np.concatenate([chunk.cameras for chunk in chunks])
        self.classes = np.concatenate([chunk.classes for chunk in chunks])
        self.first = np.concatenate([chunk.first_ms for chunk in chunks])
        self.last = np.concatenate([chunk.last_ms for chunk in chunks])
        self.queries = queries
        self.units = np.empty(self.int8.shape, np.float32)
        for start in range(0, len(self.units), 50_000):
            block = self.int8[start : start + 50_000].astype(np.float32)
            block /= np.linalg.norm(block, axis=1, keepdims=True)
            self.units[start : start + 50_000] = block
        self.scores = self.units @ np.stack(queries, axis=1)

    def chosen(self, case: Case) -> NDArray[np.bool_]:
        """Which sightings `case` lets pass, shape (N,)."""
        rows = np.ones(len(self.ids), np.bool_)
        if case.cameras is not None:
            rows &= np.isin(self.cameras, case.cameras)
        if case.window is not None:
            rows &= (self.last >= case.window[0]) & (self.first <= case.window[1])
        if case.object_class is not None:
            rows &= self.classes == CLASSES.index(case.object_class)
        rows[: case.excluded] = False
        return rows

    def recall(self, case: Case, answers: list[NDArray[np.int64]]) -> float:
        """How many of the `DEPTH` best of each query are among the first `DEPTH` answered."""
        passed = self.chosen(case)
        found = 0
        for number, answered in enumerate(answers):
            scores = np.where(passed, self.scores[:, number], -2)
            least = np.partition(scores, -DEPTH)[-DEPTH]
            found += int((scores[answered[:DEPTH]] >= least - _SAME).sum())
        return found / (DEPTH * len(answers))
