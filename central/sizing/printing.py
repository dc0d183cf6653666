"""A plan, and a centre's real use beside it, on a terminal."""

from rich.console import Console
from rich.table import Table

from central.days import day_of
from central.db.engine import make_engine
from central.db.migrate import check_migrated
from central.retention.policy import read_policy
from central.settings import CentralSettings
from central.sizing.plan import Plan
from central.sizing.tables import lines_of, size
from central.sizing.use import days_until_full, use_of
from shared.clock import SystemClock


def print_plan(console: Console, plan: Plan) -> None:
    """Print what `plan`'s load needs."""
    load = plan.load
    title = f"{load.cameras:,} cameras, {load.objects:,} objects a camera a day, {load.days} days"
    table = Table("", "needed", title=title)
    for name, value in lines_of(plan):
        table.add_row(name, value)
    console.print(table)


def print_use(console: Console, settings: CentralSettings, plan: Plan) -> None:
    """Print what the centre of `settings` takes, against `plan`.

    Raises:
        StorageError: the database is away or has another schema.
    """
    engine = make_engine(settings.database_url)
    check_migrated(engine)
    use = use_of(settings, engine, day_of(SystemClock().now_ms()))
    with engine.connect() as connection:
        days_kept = read_policy(connection, settings.retention_days).longest
    engine.dispose()
    table = Table("this centre", "now", "planned")
    table.add_row("sightings", f"{use.sightings:,}", f"{plan.load.kept:,}")
    table.add_row("sightings a day", f"{use.per_day:,.0f}", f"{plan.load.per_day:,}")
    table.add_row("cameras", f"{use.cameras:,}", f"{plan.load.cameras:,}")
    table.add_row("database", size(use.database_bytes), size(plan.database_bytes))
    table.add_row("crops", size(use.crops_bytes), size(plan.crops_bytes))
    table.add_row("index", size(use.index_bytes), size(plan.index_bytes))
    table.add_row("clips", size(use.clips_bytes), "-")
    table.add_row("bytes a sighting", f"{use.bytes_a_sighting:,.0f}", "-")
    table.add_row("free where crops are", size(use.free_bytes), "-")
    left = days_until_full(use, days_kept)
    full = "never at this rate" if left is None else f"in {left:,.1f} days"
    table.add_row("that disk is full", full, "-")
    console.print(table)
