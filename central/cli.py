"""`dongseon central`: serve, ingest, search, and what looks after the database and the index."""

import json
import os
import socket
import threading
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn
from sqlalchemy import Engine, text

from central.compose import open_index
from central.db.engine import make_engine
from central.db.migrate import check_migrated, migrate
from central.index.follower import IndexFollower
from central.index.port import VectorIndex
from central.ingest.worker import run_worker, worker_name
from central.open_files import allow_open_files
from central.roads.commands import app as roads_app
from central.routes.links.commands import app as links_app
from central.search.checking import check_index
from central.search.commands import search
from central.settings import load_settings
from shared.classes import ObjectClass
from shared.logs import configure_logs

_REBUILD_BATCH = 5_000

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("search")(search)
app.add_typer(links_app, name="links")
app.add_typer(roads_app, name="roads")


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
    run(load_settings(), ["--level", level, *(["--json-logs"] if json_logs else [])])


@app.command()
def ingest(
    *,
    name: Annotated[str | None, typer.Option(help="Its own; unless given, the machine's.")] = None,
    port: Annotated[int | None, typer.Option(help="/metrics and /health are here.")] = None,
    piped: Annotated[bool, typer.Option("--piped", hidden=True)] = False,
    json_logs: Annotated[bool, typer.Option("--json-logs", help="One JSON object a line.")] = False,
    level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run one ingest worker; others of the same group share the load with it.

    `serve` with DONGSEON_CENTRAL_INGEST_WORKERS=0 takes what workers do not: the births of boxes.
    """
    configure_logs(json=json_logs, level=level)
    run_worker(load_settings(), name or worker_name(socket.gethostname()), port, piped=piped)


@app.command("rebuild-index")
def rebuild_index(
    *,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only this day (UTC).")
    ] = None,
    check: Annotated[
        int, typer.Option(min=0, help="Then compare so many searches with an exact scan.")
    ] = 5,
) -> None:
    """Make the vector index again from the database; `serve` must not run meanwhile."""
    allow_open_files()
    settings = load_settings()
    configure_logs(json=False, level="warning")
    engine = make_engine(settings.database_url)
    check_migrated(engine)
    index = open_index(settings)
    try:
        done = _rebuild(engine, index, day)
        Console().print(f"{done} sightings indexed, {index.count()} points")
        if check:
            compared = check_index(engine, index, check)
            Console().print(
                f"{compared.queries} searches compared with an exact scan of "
                f"{compared.sightings} sightings: recall@{compared.depth} {compared.recall:.4f}"
            )
    finally:
        index.close()
        engine.dispose()


@app.command("fit-bands")
def fit_bands(
    model: Annotated[str, typer.Option(help="An embedder of the catalogue.")],
    data: Annotated[Path, typer.Option(help="Crops whose names say whom they show.")],
    *,
    shows: Annotated[ObjectClass, typer.Option(help="What they show.")] = ObjectClass.PERSON,
    identities: Annotated[
        str | None, typer.Option(help="A:B, or a file of those the model was not trained on.")
    ] = None,
) -> None:
    """Print the curves from which searches tell how likely a match is, for bands.toml."""
    from central.search.fit_bands import (  # noqa: PLC0415 - loads models
        fitted,
        labelled_crops,
        tracklets,
    )
    from models.roles import LoadOptions, load_embedder  # noqa: PLC0415
    from models.store import ModelStore  # noqa: PLC0415

    embedder = load_embedder(model, LoadOptions(store=ModelStore()))
    means = tracklets(embedder, data, identities)
    crops = labelled_crops(embedder, data, identities)
    typer.echo(fitted(embedder.space, shows, means, crops))


def _rebuild(engine: Engine, index: VectorIndex, day: datetime | None) -> int:
    where = "" if day is None else " WHERE day = :day"
    with engine.connect() as connection:
        counted = text(f"SELECT count(*) FROM sightings{where}")  # noqa: S608 - constants
        total = connection.execute(counted, {"day": day} if day else {}).scalar_one()
    follower = IndexFollower(engine, index, batch=_REBUILD_BATCH)
    rate = TextColumn("{task.fields[rate]}/s")
    columns = [*Progress.get_default_columns(), MofNCompleteColumn(), rate]
    with Progress(*columns) as progress:
        task = progress.add_task("sightings", total=total, rate="")

        def show(rows: int) -> None:
            speed = progress.tasks[0].speed or 0
            progress.update(task, completed=rows, rate=f"{speed:,.0f}")

        if day is None:
            return follower.rebuild(show)
        return follower.rebuild_day(day.date(), show)


@app.command("purge")
def purge_command(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As if this day began (UTC).")
    ] = None,
    turn: Annotated[
        bool, typer.Option("--wait", help="For another purge's end; if it proved today, be done.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Remove what was kept long enough, and prove that it is gone; exit code 1 if that fails."""
    from central.retention.compose import open_purger, purge_in_turn  # noqa: PLC0415 - as above
    from central.retention.printing import print_purge  # noqa: PLC0415

    allow_open_files()
    if turn and (dry_run or as_of):
        raise typer.BadParameter("--wait is for today's purge, without --dry-run and --as-of")
    configure_logs(json=False, level="warning")
    wait = threading.Event().wait
    with open_purger(load_settings(), wait) as purger:
        if turn:
            done = purge_in_turn(purger, wait)
        else:
            done = purger.run(as_of and as_of.date(), dry_run=dry_run)
    if as_json:
        typer.echo(done.model_dump_json(indent=2))
    else:
        print_purge(Console(), done)
    if not done.ok and not dry_run:
        raise typer.Exit(1)


@app.command("purges")
def purges_command(
    *, limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 10
) -> None:
    """What the last purges removed and found."""
    from central.retention import report  # noqa: PLC0415
    from central.retention.printing import print_purge  # noqa: PLC0415

    engine = make_engine(load_settings().database_url)
    check_migrated(engine)
    for purge in report.page(engine, limit, None).items:
        print_purge(Console(), purge)
    engine.dispose()


@app.command()
def storage(
    *,
    cameras: Annotated[int, typer.Option(min=1, max=10_000_000)] = 2_700,
    objects: Annotated[int, typer.Option(min=1, max=1_000_000, help="A camera a day.")] = 5_000,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="Days that are kept.")] = 30,
    server: Annotated[bool, typer.Option("--server", help="Vectors in a Qdrant server.")] = False,
    table: Annotated[bool, typer.Option("--table", help="Three cities, as docs/scale.md.")] = False,
) -> None:
    """What so many cameras need, and how much of it this centre has taken already."""
    from central.sizing.costs import FILES, SERVER  # noqa: PLC0415 - as above
    from central.sizing.plan import Load, plan  # noqa: PLC0415 - as above
    from central.sizing.printing import print_plan, print_use  # noqa: PLC0415
    from central.sizing.tables import costs_table, scale_table  # noqa: PLC0415

    if table:
        typer.echo(f"{costs_table()}\n\n{scale_table()}")
        return
    wanted = plan(Load(cameras, objects, days), SERVER if server else FILES)
    print_plan(Console(), wanted)
    if "DONGSEON_CENTRAL_DATABASE_URL" in os.environ:
        print_use(Console(), load_settings(), wanted)


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
        "(SELECT xid FROM index_cursor "
        # Those are no indexes: the cameras' means, and whoever learns from plates.
        "WHERE index_id NOT IN ('0a11c0de-0000-4000-8000-000000000010', "
        "'0a11c0de-0000-4000-8000-000000000015') "
        "ORDER BY updated_at DESC LIMIT 1), '0'::xid8)"
    ),
}
