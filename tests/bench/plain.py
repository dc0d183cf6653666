"""How fast searches without looks are, by plate, attributes and hours: `make bench-plain`.

Over 300,000 vehicles with plates on ten days in a private PostgreSQL, the whole of `POST /search`
without `by`. Each question is asked of other plates, colours or days every time; where it could be,
without cameras or a window, which is the most work. JSON goes to standard output.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from central.db.engine import make_engine
from central.db.migrate import migrate
from central.freed_memory import keep_freed_memory
from central.one_thread import one_thread_a_request
from central.search.model import SearchAnswer, SearchRequest
from central.search.search import ask
from central.services import Services
from deploy.local.stack import LocalStack
from shared.attributes import ATTRIBUTES
from shared.clock import to_datetime
from shared.logs import configure_logs
from tests.bench.searching.measuring import CONSOLE, say, timed
from tests.bench.searching.plates import fill_plates
from tests.bench.searching.posting import percentiles, services_over
from tests.factories import MORNING_MS

ROWS = 300_000
DAYS = 10
_SEED = 6

Figures = dict[str, Any]
Question = Callable[[int], SearchRequest]


def main() -> None:
    """Measure and print."""
    configure_logs(json=False, level="warning")
    # As `serve` does.
    keep_freed_memory()
    one_thread_a_request()
    with tempfile.TemporaryDirectory(prefix="dongseon-plain-") as root:
        # The servers run as other users, who must be able to enter.
        Path(root).chmod(0o755)
        figures = measure(Path(root))
    show(figures)
    json.dump(figures, sys.stdout, indent=2)


def measure(home: Path) -> Figures:
    """Fill, then ask everything."""
    with LocalStack(home / "stack") as stack:
        url = stack.database.create("bench")
        migrate(url)
        engine = make_engine(url)
        say(f"{ROWS:,} vehicles on {DAYS} days")
        begun = time.perf_counter()
        plates = fill_plates(engine, ROWS, DAYS, np.random.default_rng(_SEED))
        took = time.perf_counter() - begun
        engine.dispose()
        with services_over(url, home / "centre") as services:
            asked = {name: answered(services, one) for name, one in questions(plates).items()}
    worst = max(asked, key=lambda name: asked[name]["p95_ms"])
    return {
        "sightings": ROWS,
        "days": DAYS,
        "fill_s": round(took, 1),
        "p95_ms": asked[worst]["p95_ms"],
        "p95_ms_is_of": worst,
        "asked": asked,
    }


def questions(plates: list[str]) -> dict[str, Question]:
    """What is asked, by name; each a function of the number of the question."""

    def plate(number: int) -> str:
        return plates[number * 7919 % len(plates)]

    def colour(number: int) -> dict[str, list[str]]:
        values = ATTRIBUTES["vehicle_colour"].values
        return {"vehicle_colour": [values[number % len(values)]]}

    def both(number: int) -> dict[str, list[str]]:
        values = ATTRIBUTES["vehicle_type"].values
        return {**colour(number), "vehicle_type": [values[number % len(values)]]}

    nights = {"from": "22:00", "to": "05:00"}
    weekend = {**nights, "days": ["fri", "sat"]}

    def day(number: int) -> dict[str, Any]:
        begin = to_datetime(MORNING_MS) + timedelta(days=number % DAYS)
        return {"from": begin, "to": begin + timedelta(days=1)}

    return {
        "plate, whole": _by(lambda n: {"plate": plate(n)}),
        "plate, whole, none similar": _by(lambda n: {"plate": plate(n), "similar_plates": False}),
        "plate, a wildcard": _by(lambda n: {"plate": f"{plate(n)[:-5]}?{plate(n)[-4:]}"}),
        "plate, four digits": _by(lambda n: {"plate": plate(n)[-4:]}),
        "plate, three digits": _by(lambda n: {"plate": plate(n)[-3:]}),
        "a colour, newest first": _by(lambda n: {"attributes": colour(n)}),
        "a colour, surest first": _by(lambda n: {"attributes": colour(n), "order": "confidence"}),
        "colour and type, surest first": _by(
            lambda n: {"attributes": both(n), "order": "confidence"}
        ),
        "nights of a weekend": _by(lambda _: {"hours": weekend}),
        "nights, within a day": _by(lambda n: {"hours": nights, **day(n)}),
        "nights of a weekend, a colour, surest first": _by(
            lambda n: {"hours": weekend, "attributes": colour(n), "order": "confidence"}
        ),
    }


def answered(services: Services, question: Question) -> Figures:
    """Times of one question, of its steps, and how many it found, in the middle."""

    def one(number: int) -> SearchAnswer:
        return ask(services, question(number))

    times, answers = timed(one)
    took = [each.took_ms for each in answers]
    return {
        **times,
        "took_ms": {name: percentiles(took, name) for name in took[0]},
        "found": int(np.median([len(each.candidates) for each in answers])),
    }


def show(figures: Figures) -> None:
    """The table."""
    title = f"{figures['sightings']:,} vehicles on {figures['days']} days"
    table = Table("asked by", "p50 ms", "p95 ms", "found", "steps, p50 ms", title=title)
    for name, row in figures["asked"].items():
        steps = ", ".join(f"{step} {each['p50']}" for step, each in row["took_ms"].items())
        table.add_row(name, str(row["p50_ms"]), str(row["p95_ms"]), str(row["found"]), steps)
    CONSOLE.print(table)


def _by(fields: Callable[[int], dict[str, Any]]) -> Question:
    return lambda number: SearchRequest.model_validate(fields(number))


if __name__ == "__main__":
    main()
