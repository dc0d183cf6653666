"""How fast and how exact search is, beside other ways to search: `make bench-search`.

A million sightings of a made-up city are put into a private PostgreSQL, the index is rebuilt from
it, and asked with one core: without a filter and with those that people use. Every recall is of
the 20 best by exact float32 search. Then the same vectors in other engines, and a fifth of them
beside HNSW graphs. With BIG=1 in the environment, ours goes on to ten million on four days, and a
line through what was measured says what fifty would take. JSON goes to standard output, the curve
to bench-out/.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from central.db.engine import make_engine
from central.db.migrate import migrate
from central.index.flat.index import FlatIndex
from central.index.follower import IndexFollower
from central.index.port import IndexHit
from central.search.checking import check_index
from deploy.local.stack import LocalStack
from shared.vectors import Vector
from tests.bench.searching.cases import Case, Truth, cases
from tests.bench.searching.curve import draw, line
from tests.bench.searching.engines import FILTERED, Rival, exact_rivals, graph_rivals
from tests.bench.searching.filling import fill
from tests.bench.searching.world import CHUNK, Chunk, City

ROWS = 1_000_000
BIG_ROWS = 10_000_000
BIG_STEPS = (1_000_000, 2_000_000, 5_000_000, 10_000_000)
BIG_DAYS = 4
EXTRAPOLATED = 50_000_000
GRAPH_ROWS = 200_000
QUERIES = 50
_CHECKED = 20
_REBUILD_BATCH = 5_000

Figures = dict[str, Any]
_progress = Console(stderr=True)


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="dongseon-search-"))
    # The servers run as other users, who must be able to enter.
    home.chmod(0o755)
    try:
        figures = measure(home)
        if is_big():
            figures |= measure_big(home)
    finally:
        shutil.rmtree(home)
    show(figures)
    json.dump(figures, sys.stdout, indent=2)


def is_big() -> bool:
    """Whether the long run is asked for."""
    return bool(os.environ.get("BIG"))


def measure(home: Path) -> Figures:
    """Ours and the others at a million."""
    city = City(ROWS)
    say(f"{ROWS:,} sightings")
    chunks = list(city.chunks())
    index = FlatIndex(home / "ours")
    figures = rebuild(home, chunks, index)
    truth = Truth(chunks, city.queries(QUERIES))
    chunks.clear()
    say("ours")
    with one_core():
        ours = {name: ask_ours(index, truth, case) for name, case in cases().items()}
    worst = max(ours, key=lambda name: ours[name]["p95_ms"])
    index.close()
    figures |= {
        "p95_ms_1m_one_core": ours[worst]["p95_ms"],
        "p95_ms_1m_one_core_is_of": worst,
        "p95_ms_1m_no_filter": ours["no filter"]["p95_ms"],
        "recall_1m": min(each["recall"] for each in ours.values()),
        "bytes_per_vector": round(disk(home / "ours") / ROWS, 1),
        "ours": ours,
        "others": others(truth, exact_rivals(truth, home / "qdrant")),
        "graphs": beside_graphs(home),
        "pgvector": "not compared: Debian 12 has no package of it for PostgreSQL 15",
    }
    return figures


def rebuild(home: Path, chunks: list[Any], index: FlatIndex) -> Figures:
    """The index from a database with `chunks`, as `rebuild-index` makes it."""
    with LocalStack(home / "stack") as stack:
        url = stack.database.create("bench")
        migrate(url)
        engine = make_engine(url)
        say("into the database")
        fill(engine, chunks)
        say("rebuild")
        begun = time.perf_counter()
        follower = IndexFollower(engine, index, batch=_REBUILD_BATCH)
        done = follower.rebuild(lambda _: None)
        took = time.perf_counter() - begun
        compared = check_index(engine, index, _CHECKED)
        engine.dispose()
    if done != ROWS or index.count() != ROWS:
        raise SystemExit(f"{done} sightings were indexed, {index.count()} are there")
    return {"rebuild_1m_s": round(took, 1), "rebuild_check_recall": compared.recall}


def ask_ours(index: FlatIndex, truth: Truth, case: Case) -> Figures:
    """Our times and recall for one filter."""

    def ask(number: int) -> NDArray[np.int64]:
        hits = index.search(case.query(truth.queries[number], truth.ids))
        return np.array([truth.rows[hit.id] for hit in hits], np.int64)

    times, answers = timed(ask)
    return {**times, "recall": round(truth.recall(case, answers), 4)}


def beside_graphs(home: Path) -> dict[str, Figures]:
    """Ours and HNSW graphs on fewer sightings."""
    city = City(GRAPH_ROWS)
    chunks = list(city.chunks())
    truth = Truth(chunks, city.queries(QUERIES))
    index = FlatIndex(home / "few")
    begun = time.perf_counter()
    add(index, chunks)
    took = time.perf_counter() - begun
    with one_core():
        ours = {name: ask_ours(index, truth, cases()[name]) for name in FILTERED}
    index.close()
    size = round(disk(home / "few") / GRAPH_ROWS, 1)
    found: dict[str, Figures] = {"ours": {"build_s": round(took, 1), "bytes_per_vector": size}}
    found["ours"] |= ours
    return found | others(truth, graph_rivals(truth, home / "graph"))


def add(index: FlatIndex, chunks: Iterable[Chunk]) -> None:
    """`chunks` into the index, in batches as the follower hands them over."""
    for chunk in chunks:
        points = chunk.points()
        for start in range(0, len(points), _REBUILD_BATCH):
            index.upsert(points[start : start + _REBUILD_BATCH])
            index.flush()


def others(truth: Truth, engines: Iterable[Rival]) -> dict[str, Figures]:
    """The rest, each built with all cores and asked with one."""
    found: dict[str, Figures] = {}
    before = anonymous()
    for rival in engines:
        say(rival.name)
        figures: Figures = {
            "build_s": round(rival.build_s, 1),
            "bytes_per_vector": round(rival.bytes_per_vector, 1),
            "memory_mb": round(max(0, anonymous() - before) / 2**20),
        }
        for name, case in cases().items():
            if name not in rival.filters:
                continue
            with one_core():
                times, answers = timed(partial(_ask_rival, rival, truth, case))
            figures[name] = {**times, "recall": round(truth.recall(case, answers), 4)}
        found[rival.name] = figures
    return found


def measure_big(home: Path) -> Figures:
    """Ours at one to ten million, and what fifty would take."""
    city = City(BIG_ROWS, BIG_DAYS, seed=2)
    queries = city.queries(QUERIES)
    index = FlatIndex(home / "big")
    curve: dict[int, Figures] = {}
    done, took = 0, 0.0
    for chunk in city.chunks():
        begun = time.perf_counter()
        add(index, [chunk])
        took += time.perf_counter() - begun
        done += CHUNK
        if done in BIG_STEPS:
            say(f"ours at {done:,}")
            with one_core():
                curve[done] = {
                    name: timed(partial(_ask_only, index, queries, case))[0]
                    for name, case in cases().items()
                    if not case.excluded
                }
    index.close()
    plain = {rows: each["no filter"]["p95_ms"] for rows, each in curve.items()}
    some = {rows: each["1,000 cameras"]["p95_ms"] for rows, each in curve.items()}
    Path("bench-out").mkdir(exist_ok=True)
    draw(Path("bench-out/search.svg"), {"no filter": plain, "1,000 cameras": some}, EXTRAPOLATED)
    slope, base = line(plain)
    return {
        "ms_10m": plain[BIG_ROWS],
        "extrapolated_50m_ms": round(base + slope * EXTRAPOLATED / 1e6),
        "ms_a_million": round(slope, 2),
        "build_10m_s": round(took, 1),
        "bytes_per_vector_10m": round(disk(home / "big") / BIG_ROWS, 1),
        "curve": curve,
    }


def _ask_rival(rival: Rival, truth: Truth, case: Case, number: int) -> NDArray[np.int64]:
    return rival.ask(truth.queries[number], case)


def _ask_only(index: FlatIndex, queries: list[Vector], case: Case, number: int) -> list[IndexHit]:
    return index.search(case.query(queries[number], []))


def timed(ask: Callable[[int], Any]) -> tuple[Figures, list[Any]]:
    """Times of all queries, after a few that warm up, and the answers."""
    for number in range(3):
        ask(number)
    walls, busy, answers = [], [], []
    for number in range(QUERIES):
        begun, cpu = time.perf_counter(), time.process_time()
        answers.append(ask(number))
        walls.append(1000 * (time.perf_counter() - begun))
        busy.append(1000 * (time.process_time() - cpu))
    return {
        "p50_ms": round(float(np.percentile(walls, 50)), 1),
        "p95_ms": round(float(np.percentile(walls, 95)), 1),
        "cpu_p50_ms": round(float(np.percentile(busy, 50)), 1),
    }, answers


@contextmanager
def one_core() -> Iterator[None]:
    """Run on one core, with every thread there is; libraries start no more of them."""
    cores = os.sched_getaffinity(0)
    with threadpool_limits(1):
        _run_on({max(cores)})
        try:
            yield
        finally:
            _run_on(cores)


def _run_on(cores: set[int]) -> None:
    for task in Path("/proc/self/task").iterdir():
        # A thread may end meanwhile.
        with suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), cores)


def anonymous() -> int:
    """Memory of this process that is no file's, in bytes."""
    for entry in Path("/proc/self/status").read_text().splitlines():
        if entry.startswith("RssAnon"):
            return int(entry.split()[1]) * 1024
    return 0


def disk(root: Path) -> int:
    """What the files below `root` take, in bytes."""
    return sum(path.stat().st_blocks * 512 for path in root.rglob("*") if path.is_file())


def say(what: str) -> None:
    """Where the run is."""
    _progress.print(f"{time.strftime('%H:%M:%S')} {what}")


def show(figures: Figures) -> None:
    """The tables."""
    built = {"build_s": figures["rebuild_1m_s"], "bytes_per_vector": figures["bytes_per_vector"]}
    ours = built | figures["ours"]
    _progress.print(_table(f"{ROWS:,}", {"ours": ours, **figures["others"]}))
    _progress.print(_table(f"{GRAPH_ROWS:,}", figures["graphs"]))


def _table(title: str, engines: dict[str, Figures]) -> Table:
    table = Table("who", "filter", "p50 ms", "p95 ms", "recall@20", "build s", "bytes", title=title)
    for who, engine in engines.items():
        for name, each in engine.items():
            if isinstance(each, dict):
                values = [str(each[key]) for key in ("p50_ms", "p95_ms", "recall")]
                built = [str(engine[key]) for key in ("build_s", "bytes_per_vector")]
                table.add_row(who, name, *values, *built)
    return table


if __name__ == "__main__":
    main()
