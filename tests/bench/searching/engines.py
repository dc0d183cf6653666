"""What ours is compared with: the same vectors, asked one by one."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import faiss
import numpy as np
import qdrant_edge
import usearch.index as usearch
from numpy.typing import NDArray
from usearch.compiled import MetricKind

from shared.vectors import Vector
from tests.bench.searching.cases import LIMIT, Case, Truth
from tests.bench.searching.world import CLASSES, SIZE

Ask = Callable[[Vector, Case], NDArray[np.int64]]
_NUMPY_BLOCK = 65_536
_EF = 128


class Rival(NamedTuple):
    """An engine that is ready. `filters`: the names of the cases it can be asked."""

    name: str
    ask: Ask
    build_s: float
    bytes_per_vector: float
    filters: tuple[str, ...] = ("no filter",)


FILTERED = ("no filter", "all 2,700 cameras", "1,000 cameras", "1,000 cameras, 6 h", "30 cameras")


def exact_rivals(truth: Truth, home: Path) -> Iterator[Rival]:
    """Engines that compare every vector. Each is built when it is asked for."""
    yield from _numpy(truth)
    yield from _faiss(truth)
    yield _usearch_exact(truth)
    yield from _qdrant(truth, home, graph=False)


def graph_rivals(truth: Truth, home: Path) -> Iterator[Rival]:
    """Engines that build an HNSW graph, which takes them minutes a million."""
    yield _usearch_graph(truth)
    yield from _qdrant(truth, home, graph=True)


def _numpy(truth: Truth) -> Iterator[Rival]:
    masks: dict[int, NDArray[np.bool_]] = {}

    def best(scores: NDArray[np.float32], case: Case) -> NDArray[np.int64]:
        passed = masks.setdefault(id(case), truth.chosen(case))
        scores = np.where(passed, scores, -2)
        top = np.argpartition(scores, -LIMIT)[-LIMIT:]
        return np.asarray(top[np.argsort(-scores[top])])

    def floats(vector: Vector, case: Case) -> NDArray[np.int64]:
        return best(truth.units @ vector, case)

    def int8s(vector: Vector, case: Case) -> NDArray[np.int64]:
        scores = np.empty(len(truth.int8), np.float32)
        for start in range(0, len(scores), _NUMPY_BLOCK):
            block = truth.int8[start : start + _NUMPY_BLOCK].astype(np.float32)
            scores[start : start + _NUMPY_BLOCK] = block @ vector / np.sqrt((block**2).sum(axis=1))
        return best(scores, case)

    yield Rival("numpy, float32", floats, 0, 4 * SIZE)
    yield Rival("numpy, int8 in blocks", int8s, 0, SIZE)


def _faiss(truth: Truth) -> Iterator[Rival]:
    kinds = {
        "faiss, flat SQ8": "SQ8",
        "faiss, IVF 1024 SQ8, 32 lists": "IVF1024,SQ8",
    }
    for name, kind in kinds.items():
        begun = time.perf_counter()
        index = faiss.index_factory(SIZE, kind, faiss.METRIC_INNER_PRODUCT)
        index.train(truth.units[:: max(1, len(truth.units) // 100_000)])
        index.add(truth.units)
        if "IVF" in kind:
            faiss.extract_index_ivf(index).nprobe = 32

        def ask(vector: Vector, _case: Case, index: faiss.Index = index) -> NDArray[np.int64]:
            return np.asarray(index.search(vector[np.newaxis], LIMIT)[1][0])

        size = len(faiss.serialize_index(index)) / len(truth.ids)
        yield Rival(name, ask, time.perf_counter() - begun, size)


def _usearch_exact(truth: Truth) -> Rival:
    def ask(vector: Vector, _case: Case) -> NDArray[np.int64]:
        query = np.rint(vector / np.abs(vector).max() * 127).astype(np.int8)
        # A metric that is named by a string would be computed in Python.
        kind = MetricKind.Cos
        found = usearch.search(truth.int8, query, LIMIT, kind, exact=True, threads=1)
        return np.asarray(found.keys, np.int64)

    return Rival("usearch, exact int8", ask, 0, SIZE)


def _usearch_graph(truth: Truth) -> Rival:
    begun = time.perf_counter()
    index = usearch.Index(
        ndim=SIZE, metric="cos", dtype="i8", connectivity=16, expansion_search=_EF
    )
    index.add(np.arange(len(truth.int8)), truth.units)

    def ask(vector: Vector, _case: Case) -> NDArray[np.int64]:
        return np.asarray(index.search(vector, LIMIT, threads=1).keys, np.int64)

    took = time.perf_counter() - begun
    return Rival("usearch, HNSW int8", ask, took, index.serialized_length / len(truth.ids))


def _qdrant(truth: Truth, home: Path, *, graph: bool) -> Iterator[Rival]:
    begun = time.perf_counter()
    shard = _qdrant_shard(truth, home, links=16 if graph else 0)
    took = time.perf_counter() - begun
    files = [path for path in home.rglob("*") if path.is_file()]
    size = sum(path.stat().st_blocks * 512 for path in files) / len(truth.ids)

    def asking(*, exact: bool) -> Ask:
        scores = qdrant_edge.QuantizationSearchParams(rescore=True, oversampling=2.0)
        params = qdrant_edge.SearchParams(exact=exact, hnsw_ef=_EF, quantization=scores)

        def ask(vector: Vector, case: Case) -> NDArray[np.int64]:
            request = qdrant_edge.QueryRequest(
                limit=LIMIT,
                query=qdrant_edge.Query.Nearest(vector.tolist()),
                filter=_qdrant_filter(case),
                params=params,
            )
            return np.array([int(str(found.id)) for found in shard.query(request)], np.int64)

        return ask

    yield Rival("Qdrant Edge, exact", asking(exact=True), took, size, FILTERED)
    if graph:
        yield Rival("Qdrant Edge, HNSW", asking(exact=False), took, size, FILTERED)
    shard.close()


def _qdrant_shard(truth: Truth, home: Path, links: int) -> qdrant_edge.EdgeShard:
    engine = qdrant_edge
    home.mkdir()
    shard = engine.EdgeShard.create(
        str(home),
        engine.EdgeConfig(
            vectors=engine.EdgeVectorParams(
                size=SIZE,
                distance=engine.Distance.Cosine,
                hnsw_config=engine.HnswIndexConfig(
                    m=links, ef_construct=100, full_scan_threshold=10
                ),
                quantization_config=engine.ScalarQuantizationConfig(
                    type=engine.ScalarType.Int8, memory=engine.Memory.Cached
                ),
            ),
            max_search_threads=1,
        ),
    )
    keyword, number = engine.PayloadSchemaType.Keyword, engine.PayloadSchemaType.Integer
    fields = {"camera": keyword, "object_class": keyword, "first": number, "last": number}
    for field, kind in fields.items():
        shard.update(engine.UpdateOperation.create_field_index(field, kind))
    for start in range(0, len(truth.ids), 5_000):
        rows = [
            engine.Point(row, truth.units[row].tolist(), _payload(truth, row))
            for row in range(start, min(start + 5_000, len(truth.ids)))
        ]
        shard.update(engine.UpdateOperation.upsert_points(rows))
    shard.flush()
    shard.optimize()
    shard.flush()
    return shard


def _payload(truth: Truth, row: int) -> dict[str, object]:
    return {
        "camera": f"cam-{truth.cameras[row]}",
        "object_class": CLASSES[truth.classes[row]],
        "first": int(truth.first[row]),
        "last": int(truth.last[row]),
    }


def _qdrant_filter(case: Case) -> qdrant_edge.Filter | None:
    engine = qdrant_edge
    must: list[qdrant_edge.ConditionType] = []
    if case.cameras is not None:
        names = engine.MatchAny([f"cam-{number}" for number in case.cameras])
        must.append(engine.FieldCondition("camera", match=names))
    if case.window is not None:
        start, end = case.window
        must.append(engine.FieldCondition("last", range=engine.RangeFloat(gte=start)))
        must.append(engine.FieldCondition("first", range=engine.RangeFloat(lte=end)))
    return engine.Filter(must=must) if must else None
