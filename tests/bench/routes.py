"""How well routes are put together, and how fast: `make bench-routes`.

On the made-up city (`dongseon sim city`, hard, three working cameras in ten removed) suggested
routes against the truth, on seeds that nothing was tuned on (`tests.bench.routing.asking` says what
is asked), and what is said of true and of impossible legs (`tests.bench.routing.legs`). `stop_f1`
and `leg_precision` are after three judgements (`judged`) of what the suggestion asks about, with
the stops that these gave; `stop_f1_rest` and `leg_precision_rest` are without them, of what was
found. The table has all from no judgement on. On real vehicles past three cameras, transit times
alone (`tests.bench.routing.hcmc`); TrackEval is needed for that, and a row says so where it is
missing. Then how long suggestions, areas, ways, imports and choosing cameras take. PARTS in the
environment names those to run, separated by commas. JSON goes to standard output, tables to
standard error.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from central.freed_memory import keep_freed_memory
from central.one_thread import one_thread_a_request
from deploy.local.stack import LocalStack
from deploy.sim.city.osm import read_streets
from deploy.sim.city.streets import Streets, made_grid
from shared.errors import DependencyMissing
from shared.logs import configure_logs
from tests.bench.data import shared_data
from tests.bench.routing import city, hcmc, latency, legs, radius, roads

_SEOUL = "geo/seoul_mapo_manri.osm"
_RADIUS_SEED = 20_260_131
_HEADLINE = f"doubtful, {city.ROUNDS} judged"
Figures = dict[str, Any]


def main() -> None:
    """Measure everything and print."""
    configure_logs(json=False, level="warning")
    # As `serve` does.
    keep_freed_memory()
    one_thread_a_request()
    console = Console(stderr=True, width=140)
    named = os.environ.get("PARTS", ",".join(_PARTS)).split(",")
    found: Figures = {}
    for name in named:
        found |= _PARTS[name](console)
    json.dump(found, sys.stdout, indent=1)


def _suggested(console: Console) -> Figures:
    streets = _streets()
    console.print(f"routes are suggested on {streets.name}, seeds {city.SEEDS}")
    rows = city.measure_city(streets, console.print)
    _show(console, "suggested routes, hard, three cameras in ten removed", rows)
    both = {row["asked"]: row for row in rows if row["of"] == "both"}
    headline, rest = both[_HEADLINE], both[f"{_HEADLINE}, the rest"]
    return {
        "streets": streets.name,
        "judged": city.ROUNDS,
        "stop_f1": headline["stop_f1"],
        "leg_precision": headline["leg_precision"],
        "stop_f1_rest": rest["stop_f1"],
        "leg_precision_rest": rest["leg_precision"],
        "suggested": rows,
    }


def _legs(console: Console) -> Figures:
    map_file = shared_data() / _SEOUL
    if not map_file.is_file():
        console.print(f"[red]no legs: there is no map {map_file}[/red]", soft_wrap=True)
        return {"coverage_gap_accuracy": None, "impossible_observed": None}
    with _stack() as stack, roads.database(stack) as engine:
        found = legs.measure(engine, map_file)
    _show(console, "legs, what they were and what is said", found["legs"])
    return found


def _latency(console: Console) -> Figures:
    with _stack() as stack, TemporaryDirectory(prefix="dongseon-bench-") as home:
        took = latency.measure(stack, Path(home))
    _show(console, "one suggestion from 400 candidates, ms", [took])
    return {"route_400_ms": took["all"], "route_400_steps_ms": took}


def _roads(console: Console) -> Figures:
    with _stack() as stack:
        found = roads.measure(stack)
    console.print(found)
    return found


def _radius(console: Console) -> Figures:
    with _stack() as stack, roads.database(stack) as engine:
        rng = np.random.default_rng(_RADIUS_SEED)
        radius.fill(engine, rng)
        found = radius.radius_10k_ms(engine, rng)
    _show(console, "cameras within 500 m, of 10,000, ms", [found])
    return {"radius_10k_ms": found["p50"], "radius_10k": found}


def _vehicles(console: Console) -> Figures:
    try:
        found = hcmc.measure(shared_data() / "tracking/hcmc_3cam_vehicle_gt")
    except DependencyMissing as error:
        console.print(f"[red]no multi-camera IDF1: {error}[/red]", soft_wrap=True)
        return {"mtmc_idf1": None, "mtmc_missing": str(error)}
    _show(console, "real vehicles past three cameras, transit times alone", [found._asdict()])
    return {"mtmc_idf1": found.idf1, "mtmc": found._asdict()}


@contextmanager
def _stack() -> Iterator[LocalStack]:
    with TemporaryDirectory(prefix="dongseon-bench-") as home, LocalStack(Path(home)) as stack:
        yield stack


def _streets() -> Streets:
    map_file = shared_data() / _SEOUL
    return read_streets(map_file) if map_file.is_file() else made_grid(np.random.default_rng(0))


def _show(console: Console, title: str, rows: list[Figures]) -> None:
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)


_PARTS: dict[str, Callable[[Console], Figures]] = {
    "suggested": _suggested,
    "legs": _legs,
    "vehicles": _vehicles,
    "latency": _latency,
    "radius": _radius,
    "roads": _roads,
}


if __name__ == "__main__":
    main()
