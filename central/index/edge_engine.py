"""Qdrant Edge as this project uses it: one part's configuration, filter and search."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import numpy as np
import qdrant_edge as engine

from central.index.port import IndexHit, IndexPoint, IndexQuery, PartScope, hit
from shared.errors import StorageError

# int8 copies are scanned, then twice the wanted number are compared again in float32.
_OVERSAMPLING = 2.0


@contextmanager
def engine_errors(what: str) -> Iterator[None]:
    """Turn what the engine raises into a StorageError.

    It raises bare `Exception`, and a damaged file can make it panic, which arrives as a
    `BaseException` of a type that cannot be imported.
    """
    try:
        yield
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise StorageError(f"{what}: {error}") from error
        raise


class Part:
    """One open shard: a day's vectors in one embedding space."""

    def __init__(self, path: Path, shard: engine.EdgeShard) -> None:
        self.path = path
        self.changed = 0
        self.dirty = False
        self._shard = shard

    @classmethod
    def create(cls, path: Path, dimensions: int, threads: int) -> "Part":
        """A new, empty part at `path`.

        Raises:
            StorageError: the engine refused.
        """
        with engine_errors(f"index part {path} cannot be made"):
            path.mkdir(parents=True)
            shard = engine.EdgeShard.create(str(path), _config(dimensions, threads))
            schemas = engine.PayloadSchemaType
            for key, kind in (
                ("camera", schemas.Keyword),
                ("object_class", schemas.Keyword),
                ("first_seen", schemas.Integer),
                ("last_seen", schemas.Integer),
            ):
                shard.update(engine.UpdateOperation.create_field_index(key, kind))
            shard.flush()
        return cls(path, shard)

    @classmethod
    def load(cls, path: Path) -> "Part":
        """The part at `path`.

        Raises:
            StorageError: the engine cannot read it.
        """
        with engine_errors(f"index part {path} cannot be read"):
            return cls(path, engine.EdgeShard.load(str(path)))

    def upsert(self, points: Sequence[IndexPoint]) -> None:
        """Keep `points`, each id once."""
        rows = [
            engine.Point(p.id, p.vector.astype(np.float32).tolist(), _payload(p)) for p in points
        ]
        with engine_errors(f"index part {self.path} refused {len(rows)} points"):
            self._shard.update(engine.UpdateOperation.upsert_points(rows))
        self.changed += len(points)
        self.dirty = True

    def forget(self, ids: Sequence[UUID]) -> None:
        """Remove the points with `ids`, if there are any."""
        with engine_errors(f"index part {self.path} refused to delete"):
            self._shard.update(engine.UpdateOperation.delete_points(list(ids)))
        self.dirty = True

    def search(self, query: IndexQuery, scope: PartScope) -> list[IndexHit]:
        """The best of this part."""
        request = engine.QueryRequest(
            limit=query.limit,
            query=engine.Query.Nearest(query.vector.tolist()),
            filter=_filter(query, scope),
            params=engine.SearchParams(
                exact=True,
                quantization=engine.QuantizationSearchParams(
                    rescore=True, oversampling=_OVERSAMPLING
                ),
            ),
        )
        with engine_errors(f"index part {self.path} cannot be searched"):
            return [hit(UUID(str(found.id)), found.score) for found in self._shard.query(request)]

    def count(self) -> int:
        """Points in this part."""
        with engine_errors(f"index part {self.path} cannot be counted"):
            return int(self._shard.count(engine.CountRequest()))

    def flush(self) -> None:
        """Make everything so far durable."""
        with engine_errors(f"index part {self.path} cannot be flushed"):
            self._shard.flush()
        self.dirty = False

    def optimise(self) -> None:
        """Merge segments and make their int8 copies; searches go on meanwhile."""
        with engine_errors(f"index part {self.path} cannot be optimised"):
            self._shard.optimize()
        self.changed = 0

    def close(self) -> None:
        """Let go of its files."""
        with engine_errors(f"index part {self.path} cannot be closed"):
            self._shard.close()


def _config(dimensions: int, threads: int) -> engine.EdgeConfig:
    return engine.EdgeConfig(
        vectors=engine.EdgeVectorParams(
            size=dimensions,
            distance=engine.Distance.Cosine,
            # Exact search needs no graph: m = 0 builds none.
            hnsw_config=engine.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=10),
            quantization_config=engine.ScalarQuantizationConfig(
                type=engine.ScalarType.Int8, memory=engine.Memory.Cached
            ),
        ),
        max_search_threads=threads,
    )


def _payload(point: IndexPoint) -> dict[str, object]:
    return {
        "camera": point.camera,
        "object_class": point.object_class,
        "first_seen": point.first_seen_ms,
        "last_seen": point.last_seen_ms,
    }


def _filter(query: IndexQuery, scope: PartScope) -> engine.Filter | None:
    must: list[engine.ConditionType] = []
    if query.cameras is not None:
        cameras = engine.MatchAny(sorted(query.cameras))
        must.append(engine.FieldCondition("camera", match=cameras))
    if query.object_class is not None:
        value = engine.MatchValue(query.object_class)
        must.append(engine.FieldCondition("object_class", match=value))
    if scope.from_ms is not None:
        after = engine.RangeFloat(gte=scope.from_ms)
        must.append(engine.FieldCondition("last_seen", range=after))
    if scope.to_ms is not None:
        before = engine.RangeFloat(lte=scope.to_ms)
        must.append(engine.FieldCondition("first_seen", range=before))
    must_not: list[engine.ConditionType] = []
    if query.exclude:
        must_not.append(engine.HasIdCondition(set(query.exclude)))
    return engine.Filter(must=must, must_not=must_not) if must or must_not else None
