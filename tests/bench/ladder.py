"""How well the search finds someone again, rung by rung: `make bench-ladder`.

On the made-up city (`deploy.sim.city`), easy and hard, on the streets of Seoul's Mapo where the map
is at hand and on a made grid otherwise; and on real identities where their crops are. See
`tests.bench.laddering.asking` for what is asked. JSON goes to standard output, tables to standard
error.
"""

import json
import sys
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from deploy.sim.city.level import LevelName
from deploy.sim.city.osm import read_streets
from deploy.sim.city.streets import Streets, made_grid
from tests.bench.data import shared_data
from tests.bench.laddering.city import measure_city
from tests.bench.laddering.real import grade_real, measure_real

_SEOUL = "geo/seoul_mapo_manri.osm"


def main() -> None:
    """Measure everything and print."""
    console = Console(stderr=True, width=140)
    streets = _streets()
    found: dict[str, Any] = {"streets": streets.name}
    for level in LevelName:
        console.print(f"{level}: cities are made and asked, side by side")
        found[level] = measure_city(streets, level, console.print)
        for kind in ("rungs", "people", "vehicles"):
            _show(
                console, f"{level}, {'everyone' if kind == 'rungs' else kind}", found[level][kind]
            )
        bands = [{"class": kind, **row} for kind, row in found[level]["bands"].items()]
        _show(console, f"{level}: bands of the first twenty, percent right", bands)
        console.print(f"{level}: one climb of 1,000 takes {found[level]['ladder_ms']} ms")
    found["real"] = measure_real(console.print)
    _show(console, "real identities", found["real"])
    found["real_bands"] = grade_real()
    _show(console, "bands of real identities, percent right", found["real_bands"])
    json.dump(found, sys.stdout, indent=1)


def _streets() -> Streets:
    map_file = shared_data() / _SEOUL
    return read_streets(map_file) if map_file.is_file() else made_grid(np.random.default_rng(0))


def _show(console: Console, title: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)


if __name__ == "__main__":
    main()
