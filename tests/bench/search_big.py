"""Search in ten million sightings, and what fifty would take: `make bench-search-big`.

Vectors of a made-up city on four days go into an index of files, which is asked with one core at
one, two, five and ten million. A line through what was measured says what fifty million would take.
JSON goes to standard output, the curve to bench-out/search.svg.
"""

import json
import shutil
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from central.index.flat.index import FlatIndex
from central.index.port import IndexHit
from shared.vectors import Vector
from tests.bench.searching.cases import Case, cases
from tests.bench.searching.curve import draw, line
from tests.bench.searching.measuring import QUERIES, add, disk, one_core, say, timed
from tests.bench.searching.world import CHUNK, City

ROWS = 10_000_000
STEPS = (1_000_000, 2_000_000, 5_000_000, 10_000_000)
DAYS = 4
EXTRAPOLATED = 50_000_000

Figures = dict[str, Any]


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="dongseon-search-"))
    try:
        figures = measure(home)
    finally:
        shutil.rmtree(home)
    json.dump(figures, sys.stdout, indent=2)


def measure(home: Path) -> Figures:
    """Ours at one to ten million, and what fifty would take."""
    city = City(ROWS, DAYS, seed=2)
    queries = city.queries(QUERIES)
    index = FlatIndex(home / "big")
    curve: dict[int, Figures] = {}
    done, took = 0, 0.0
    for chunk in city.chunks():
        begun = time.perf_counter()
        add(index, [chunk])
        took += time.perf_counter() - begun
        done += CHUNK
        if done in STEPS:
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
        "ms_10m": plain[ROWS],
        "extrapolated_50m_ms": round(base + slope * EXTRAPOLATED / 1e6),
        "ms_a_million": round(slope, 2),
        "build_10m_s": round(took, 1),
        "bytes_per_vector_10m": round(disk(home / "big") / ROWS, 1),
        "curve": curve,
    }


def _ask_only(index: FlatIndex, queries: list[Vector], case: Case, number: int) -> list[IndexHit]:
    return index.search(case.query(queries[number], []))


if __name__ == "__main__":
    main()
