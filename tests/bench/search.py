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
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from central.db.engine import make_engine
from central.db.migrate import migrate
from central.index.flat.index import FlatIndex
from central.index.follower import IndexFollower
from central.index.port import IndexHit, IndexQuery
from central.search.checking import check_index
from central.search.ranking import DEPTH
from deploy.local.stack import LocalStack
from tests.bench.searching.cases import Case, Truth, cases
from tests.bench.searching.engines import FILTERED, Rival, exact_rivals, graph_rivals
from tests.bench.searching.filling import fill
from tests.bench.searching.measuring import BATCH, CONSOLE, QUERIES, add, disk, one_core, say, timed
from tests.bench.searching.posting import ASKED, measure_posts
from tests.bench.searching.world import City

ROWS = 1_000_000
GRAPH_ROWS = 200_000
DAYS = 5
_CHECKED = 20
_POSTED_SEED = 4
_THREADS = {1: "one thread", 2: "two threads"}

# Where a centre whose data directory is `home` looks for it.
_INDEX = "vectors"

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
    figures, posted = rebuild(home, chunks)
    index = FlatIndex(home / _INDEX)
    truth = Truth(chunks, city.queries(QUERIES))
    chunks.clear()
    say("ours")
    with one_core():
        ours = {name: ask_ours(index, truth, case) for name, case in cases().items()}
        deep = {name: ask_deep(index, truth, cases()[name]) for name in ASKED}
    worst = max(ours, key=lambda name: ours[name]["p95_ms"])
    index.close()
    figures |= {
        "post_search_1m": {
            f"index, {DEPTH:,} deep": deep,
            "POST /search": posted,
            f"index, {DEPTH:,} deep, {DAYS} days": threads(home / "days"),
        },
        "p95_ms_1m_one_core": ours[worst]["p95_ms"],
        "p95_ms_1m_one_core_is_of": worst,
        "p95_ms_1m_no_filter": ours["no filter"]["p95_ms"],
        "recall_1m": min(each["recall"] for each in ours.values()),
        "bytes_per_vector": round(disk(home / _INDEX) / ROWS, 1),
        "ours": ours,
        "others": others(truth, exact_rivals(truth, home / "qdrant")),
        "graphs": beside_graphs(home),
        "pgvector": "not compared: Debian 12 has no package of it for PostgreSQL 15",
    }
    return figures


def rebuild(home: Path, chunks: list[Any]) -> tuple[Figures, Figures]:
    """The index from a database with `chunks`, as `rebuild-index` makes it; then whole searches."""
    with LocalStack(home / "stack") as stack:
        url = stack.database.create("bench")
        migrate(url)
        engine = make_engine(url)
        say("into the database")
        fill(engine, chunks)
        say("rebuild")
        index = FlatIndex(home / _INDEX)
        begun = time.perf_counter()
        follower = IndexFollower(engine, index, batch=BATCH)
        done = follower.rebuild(lambda _: None)
        took = time.perf_counter() - begun
        compared, kept = check_index(engine, index, _CHECKED), index.count()
        index.close()
        engine.dispose()
        if done != ROWS or kept != ROWS:
            raise SystemExit(f"{done} sightings were indexed, {kept} are there")
        say("POST /search")
        posted = measure_posts(url, home, some_ids(chunks))
    return {"rebuild_1m_s": round(took, 1), "rebuild_check_recall": compared.recall}, posted


def some_ids(chunks: list[Any]) -> list[UUID]:
    """Sightings to ask for, of all times of the day."""
    rng = np.random.default_rng(_POSTED_SEED)
    chosen = [chunks[int(number)] for number in rng.integers(len(chunks), size=QUERIES)]
    return [chunk.ids[int(rng.integers(len(chunk.ids)))] for chunk in chosen]


def threads(home: Path) -> Figures:
    """The index of as many sightings on several days, one thread a search and two, on all cores."""
    city = City(ROWS, DAYS)
    say(f"{ROWS:,} on {DAYS} days")
    index = FlatIndex(home)
    add(index, city.chunks())
    index.close()
    queries, found = city.queries(QUERIES), {}
    for number, said in _THREADS.items():
        index = FlatIndex(home, threads=number)
        for name in ASKED:
            asked = [cases()[name].query(query, [])._replace(limit=DEPTH) for query in queries]
            found[f"{name}, {said}"], _ = timed(partial(_ask_index, index, asked))
        index.close()
    return found


def ask_deep(index: FlatIndex, truth: Truth, case: Case) -> Figures:
    """Our times for one filter when the ladder asks."""
    asked = [case.query(query, truth.ids)._replace(limit=DEPTH) for query in truth.queries]
    return timed(partial(_ask_index, index, asked))[0]


def _ask_index(index: FlatIndex, asked: Sequence[IndexQuery], number: int) -> list[IndexHit]:
    return index.search(asked[number])


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
    whole = Table(
        "what", "filter", "p50 ms", "p95 ms", "steps, p50 ms", title="as the product asks"
    )
    for what, rows in figures["post_search_1m"].items():
        for name, row in rows.items():
            steps = {step: each["p50"] for step, each in row.get("took_ms", {}).items()}
            shown = ", ".join(f"{step} {ms}" for step, ms in steps.items())
            whole.add_row(what, name, str(row["p50_ms"]), str(row["p95_ms"]), shown)
    CONSOLE.print(whole)


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
