"""`dongseon central`: migrate, serve, rebuild-index, search, status, openapi."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import text

from central.client.cli import search
from central.compose import open_index
from central.db.engine import make_engine
from central.db.migrate import check_migrated, migrate
from central.index.follower import IndexFollower
from central.settings import load_settings
from shared.logs import configure_logs

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("search")(search)


@app.command("migrate")
def migrate_command() -> None:
    """Bring the database to this program's schema."""
    revision = migrate(load_settings().database_url)
    Console().print(f"the database has schema {revision}")


@app.command()
def serve(
    *,
    json_logs: Annotated[bool, typer.Option("--json-logs", help="One JSON object a line.")] = False,
    level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run ingest, the vector index, the API and the console in one process."""
    # Here, because the other commands need no web server.
    from central.serve import serve as run  # noqa: PLC0415

    configure_logs(json=json_logs, level=level)
    run(load_settings())


@app.command("rebuild-index")
def rebuild_index() -> None:
    """Make the vector index again from the database; `serve` must not run meanwhile."""
    settings = load_settings()
    configure_logs(json=False, level="warning")
    engine = make_engine(settings.database_url)
    check_migrated(engine)
    index = open_index(settings)
    try:
        with engine.connect() as connection:
            total = connection.execute(text("SELECT count(*) FROM sightings")).scalar_one()
        with Progress() as progress:
            task = progress.add_task("sightings", total=total)
            done = IndexFollower(engine, index).rebuild(
                lambda rows: progress.update(task, completed=rows)
            )
        Console().print(f"{done} sightings indexed, {index.count()} points")
    finally:
        index.close()
        engine.dispose()


@app.command()
def status() -> None:
    """What the database holds, and how far the indexes have followed."""
    engine = make_engine(load_settings().database_url)
    check_migrated(engine)
    console = Console()
    with engine.connect() as connection:
        for label, query in _STATUS.items():
            console.print(f"{label:<30}{connection.execute(text(query)).scalar_one()}")
    engine.dispose()


@app.command("openapi")
def openapi() -> None:
    """Print the API's contract, as docs/openapi.json has it."""
    # Here, because the other commands need no web server.
    from central.api.app import describe  # noqa: PLC0415

    typer.echo(json.dumps(describe(), indent=1, ensure_ascii=False, sort_keys=True))


_STATUS = {
    "schema": "SELECT version_num FROM alembic_version",
    "boxes": "SELECT count(*) FROM boxes",
    "boxes online": "SELECT count(*) FROM boxes WHERE status = 'online'",
    "boxes cloned since yesterday": (
        "SELECT count(*) FROM boxes WHERE cloned_at > now() - interval '1 day'"
    ),
    "cameras": "SELECT count(*) FROM cameras",
    "cameras without a place": "SELECT count(*) FROM cameras WHERE position IS NULL",
    "sightings": "SELECT count(*) FROM sightings",
    "sightings of unlikely days": "SELECT count(*) FROM sightings_default",
    "days": "SELECT count(*) - 1 FROM pg_inherits WHERE inhparent = 'sightings'::regclass",
    "quarantined messages": "SELECT count(*) FROM quarantine",
    "not in the newest index yet": (
        "SELECT count(*) FROM sightings WHERE change_xid > coalesce("
        "(SELECT xid FROM index_cursor ORDER BY updated_at DESC LIMIT 1), '0'::xid8)"
    ),
}
