"""How many sightings a second the centre keeps, durably, from a real fleet: `make bench-ingest`.

Broker, database (synchronous_commit), ingest workers and the fleet are processes on this machine
and share its cores; messages, answers and crops are real. Beside it a plain consumer that takes
one message at a time; and `all_of_serve`, a centre as it runs, whose index follows meanwhile, with
an empty watch list. A table goes to standard error, JSON to standard output.
"""

import json
import random
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local.stack import LocalStack
from tests.bench.ingest_consumers import Commits, Home, percentile_ms
from tests.bench.ingest_rig import Rig, Run

FLEET = {"boxes": 675, "cameras": 2700}
CITY = {"boxes": 1000, "cameras": 4000}
FLOOD = {"rate": 6000, "seconds": 8, "drain": 60}
STEADY = {"rate": 2000, "seconds": 20, "drain": 30}
STORM = {"rate": 400, "seconds": 30, "backlog": 25, "reconnect_within": 60, "drain": 120}
NAIVE = {"rate": 500, "seconds": 8, "drain": 8}

_PARTS = ("broker", "database", "ingest", "fleet")
Figures = dict[str, object]


def measured(rig: Rig, workers: int, **options: object) -> tuple[Figures, Home]:
    """A fleet against so many workers and an empty database."""
    home = rig.home()
    with rig.workers(home, workers) as started:
        taking = {"ingest": [worker.process.pid for worker in started]}
        run = rig.fleet(taking, options)
        figures = {"workers": workers, **told(home, run, started)}
    return figures, home


def all_of_serve(rig: Rig, workers: int, **options: object) -> Figures:
    """The same against a whole centre; CPU is counted until its index has everything."""
    home = rig.home()
    with rig.centre(home, workers) as centre:
        behind: list[int] = []

        def follow() -> None:
            behind.append(centre.lag())
            centre.catch_up()

        run = rig.fleet(centre.consumers, options, follow)
        return {
            "workers": workers,
            **told(home, run, [centre]),
            "behind_at_end": behind[0],
            "indexed_after_s": round(
                max(0, centre.indexed_ms() - run.number("last_answer_ms")) / 1000, 2
            ),
            "serve_cpu_s": round(run.cpu["serve"], 2),
        }


def told(home: Home, run: Run, consumers: Sequence[Commits]) -> Figures:
    """What fleet, consumers and database say of one run."""
    return {
        "sightings": round(run.number("made")),
        "sightings_per_s": round(run.number("acked_per_s")),
        "p50_commit_ms": percentile_ms(consumers, 0.5),
        "p99_commit_ms": percentile_ms(consumers, 0.99),
        "sent_to_ack_ms": run.said["sent_to_ack_ms"],
        "made_to_ack_ms": run.said["made_to_ack_ms"],
        "cpu_s_per_1000": run.cpu_per_1000(),
        **{key: run.said[key] for key in ("cut_to_drained_s",) if key in run.said},
        **accounted(home, run),
    }


def accounted(home: Home, run: Run) -> Figures:
    """What is missing, and what is there twice or refused."""
    made, objects = round(run.number("made")), round(run.number("objects"))
    ledger = "SELECT coalesce(sum(upper(r) - lower(r)), 0) FROM outbox_ledger, unnest(received) r"
    kept = home.ask("SELECT count(*) FROM sightings")
    return {
        "lost": max(made - home.ask(ledger), objects - kept),
        "doubled": max(0, kept - objects),
        "refused": home.ask("SELECT count(*) FROM quarantine"),
        "sent_again": round(run.number("resent")),
        "unanswered": round(run.number("unanswered")),
    }


def on_disk(home: Home) -> Figures:
    """Bytes a sighting takes, index and crop with it."""
    count = home.ask("SELECT count(*) FROM sightings")
    sizes = {
        "row": "pg_table_size(inhrelid)",
        "row_indexes": "pg_indexes_size(inhrelid)",
    }
    found = {
        name: home.ask(
            f"SELECT sum({size}) FROM pg_inherits WHERE inhparent = 'sightings'::regclass"  # noqa: S608
        )
        for name, size in sizes.items()
    }
    files = [path for path in (home.data / "crops").rglob("*") if path.is_file()]
    found["crop_store"] = sum(path.stat().st_size for path in files)
    found["crop_itself"] = home.ask("SELECT sum(crop_bytes) FROM sightings")
    return {"n": count, **{name: round(size / count) for name, size in found.items()}}


def naive(rig: Rig) -> Figures:
    """The plain consumer, for as long as it takes to see how fast it is."""
    home = rig.home()
    arguments = (home.url, str(home.data))
    with rig.program("tests.bench.ingest_naive", *arguments) as consumer:
        run = rig.fleet({"ingest": [consumer.pid]}, FLEET | NAIVE)
    return {
        "sightings_per_s": round(run.number("acked_per_s")),
        "sent_to_ack_ms": run.said["sent_to_ack_ms"],
        "cpu_s_per_1000": run.cpu_per_1000(),
    }


def measure(rig: Rig) -> Figures:
    """All of it, one after the other."""
    flood, home = measured(rig, 1, **FLEET, **FLOOD)
    disk = on_disk(home)
    steady, _ = measured(rig, 1, **FLEET, **STEADY)
    two, _ = measured(rig, 2, **FLEET, **FLOOD)
    updates, _ = measured(rig, 1, **FLEET, **FLOOD, revisions=2)
    storm, _ = measured(rig, 1, **CITY, **STORM)
    whole = all_of_serve(rig, 2, **FLEET, **FLOOD)
    best = max((flood, two), key=lambda run: int(str(run["sightings_per_s"])))
    return {
        "sightings_per_s": best["sightings_per_s"],
        "p99_commit_ms": best["p99_commit_ms"],
        "lost": sum(int(str(run["lost"])) for run in (flood, steady, two, updates, storm, whole)),
        "one_worker": flood,
        "at_2000_a_second": steady,
        "two_workers": two,
        "every_second_an_update": updates,
        "reconnecting": storm,
        "all_of_serve": whole,
        "naive": naive(rig),
        "bytes_a_sighting": disk,
    }


def show(figures: Figures) -> None:
    """The table, on standard error."""
    table = Table(
        "",
        "a second",
        "commit p50, p99 ms",
        "lost",
        "CPU ms each: broker, database, ingest, fleet (serve)",
    )
    for name, run in figures.items():
        if isinstance(run, dict) and "cpu_s_per_1000" in run:
            cpu = run["cpu_s_per_1000"]
            table.add_row(
                name.replace("_", " "),
                f"{run['sightings_per_s']:,}",
                f"{run.get('p50_commit_ms', '')}, {run.get('p99_commit_ms', '')}",
                str(run.get("lost", "")),
                ", ".join(f"{cpu[part]:.2f}" for part in _PARTS)
                + (f" ({cpu['serve']:.2f})" if "serve" in cpu else ""),
            )
    console = Console(stderr=True, width=110)
    console.print(table)
    whole = figures["all_of_serve"]
    assert isinstance(whole, dict)
    console.print(f"all of serve: indexed {whole['indexed_after_s']} s after the last answer")
    console.print("bytes a sighting:", figures["bytes_a_sighting"])


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="dongseon-bench-") as root:
        # The servers run as other users, who must be able to enter.
        Path(root).chmod(0o755)
        source = random.Random()  # noqa: S311 - ports are no secrets
        with LocalStack(Path(root) / "stack") as stack:
            figures = measure(Rig(stack, Path(root), source))
    show(figures)
    json.dump(figures, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
