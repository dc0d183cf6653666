"""How fast and how exact search is, beside other ways to search: `make bench-search`.

A million sightings of a made-up city are put into a private PostgreSQL, the index is rebuilt from
it, and asked with one core: without a filter and with those that people use. Every recall is of
the 20 best by exact float32 search. Then the same vectors in other engines, and a fifth of them
beside HNSW graphs; `make bench-search-big` goes on to ten million. JSON goes to standard output.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from central.db.engine import make_engine
from central.db.migrate import migrate
from central.index.flat.index import FlatIndex
from central.index.follower import IndexFollower
from central.search.checking import check_index
from deploy.local.stack import LocalStack
from tests.bench.searching.cases import Case, Truth, cases
from tests.bench.searching.engines import FILTERED, Rival, exact_rivals, graph_rivals
from tests.bench.searching.filling import fill
from tests.bench.searching.measuring import BATCH, CONSOLE, QUERIES, add, disk, one_core, say, timed
from tests.bench.searching.world import City

ROWS = 1_000_000
GRAPH_ROWS = 200_000
_CHECKED = 20

Figures = dict[str, Any]


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="dongseon-search-"))
    # The servers run as other users, who must be able to enter.
    home.chmod(0o755)
    try:
        figures = measure(home)
    finally:
        shutil.rmtree(home)
    show(figures)
    json.dump(figures, sys.stdout, indent=2)


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
        follower = IndexFollower(engine, index, batch=BATCH)
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


def _ask_rival(rival: Rival, truth: Truth, case: Case, number: int) -> NDArray[np.int64]:
    return rival.ask(truth.queries[number], case)


def anonymous() -> int:
    """Memory of this process that is no file's, in bytes."""
    for entry in Path("/proc/self/status").read_text().splitlines():
        if entry.startswith("RssAnon"):
            return int(entry.split()[1]) * 1024
    return 0


def show(figures: Figures) -> None:
    """The tables."""
    built = {"build_s": figures["rebuild_1m_s"], "bytes_per_vector": figures["bytes_per_vector"]}
    ours = built | figures["ours"]
    CONSOLE.print(_table(f"{ROWS:,}", {"ours": ours, **figures["others"]}))
    CONSOLE.print(_table(f"{GRAPH_ROWS:,}", figures["graphs"]))


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
