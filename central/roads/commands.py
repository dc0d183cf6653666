"""`dongseon central roads`: import a street network, show it, renew travel times."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TaskID
from sqlalchemy import Engine

from central.db.engine import make_engine
from central.db.migrate import check_migrated
from central.errors import ConflictError
from central.roads.reading import Progress as Told
from central.settings import load_settings
from shared.clock import SystemClock
from shared.logs import configure_logs

app = typer.Typer(no_args_is_help=True, help="The street network, from OpenStreetMap.")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="An .osm or .osm.pbf of the city.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Put the streets of FILE in the place of those in use; `serve` may run meanwhile."""
    # Here, as all below: other commands need no scipy and no osmium.
    from central.roads.importing import import_map  # noqa: PLC0415

    with _engine() as engine:
        with _progress() as told:
            import_map(engine, file, SystemClock(), told)
        _renew(engine)
        _show(engine, as_json=as_json)


@app.command()
def show(
    *, as_json: Annotated[bool, typer.Option("--json", help="As the API has it.")] = False
) -> None:
    """The network in use: bounds, counts, connectivity, and how the cameras stand to it."""
    with _engine() as engine:
        _show(engine, as_json=as_json)


@app.command()
def times() -> None:
    """Find streets and travel times of cameras that are new or were moved, as `serve` does."""
    with _engine() as engine:
        _renew(engine)


@contextmanager
def _engine() -> Iterator[Engine]:
    configure_logs(json=False, level="warning")
    engine = make_engine(load_settings().database_url)
    try:
        check_migrated(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _progress() -> Iterator[Told]:
    columns = [*Progress.get_default_columns(), MofNCompleteColumn()]
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks: dict[str, TaskID] = {}

        def told(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)

        yield told


def _renew(engine: Engine) -> None:
    from central.roads.times import renew  # noqa: PLC0415 - as above

    console = Console(stderr=True)
    try:
        with _progress() as told:
            done = renew(engine, told)
    except ConflictError:
        console.print("travel times are being renewed already, by `serve` or another command")
    else:
        console.print(f"streets found for {done.snapped} cameras, times for {done.timed}")


def _show(engine: Engine, *, as_json: bool) -> None:
    from central.roads.printing import print_standing  # noqa: PLC0415 - as above
    from central.roads.telling import tell  # noqa: PLC0415 - as above

    with engine.connect() as connection:
        told = tell(connection)
    if as_json:
        typer.echo(told.model_dump_json(indent=2))
    else:
        print_standing(Console(), told)
