"""`dongseon central links`: how long it takes from camera to camera, as learnt."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from shared.classes import ObjectClass

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def _links() -> None:
    """Learnt transit times between cameras."""


@app.command()
def show(
    *,
    camera: Annotated[str | None, typer.Option(help="Only those from or to this one.")] = None,
    object_class: Annotated[ObjectClass | None, typer.Option(help="Only of this class.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show the links: 5th, 50th and 95th percentile in seconds, and from how many trips."""
    from central.db.engine import make_engine  # noqa: PLC0415 - other commands need no database
    from central.db.migrate import check_migrated  # noqa: PLC0415
    from central.routes.links import repository  # noqa: PLC0415
    from central.settings import load_settings  # noqa: PLC0415
    from shared.clock import SystemClock, to_datetime  # noqa: PLC0415

    engine = make_engine(load_settings().database_url)
    check_migrated(engine)
    now = to_datetime(SystemClock().now_ms())
    wanted = repository.LinkFilter(camera, object_class)
    found = repository.page(engine, wanted, now, limit, None).items
    engine.dispose()
    if as_json:
        for link in found:
            typer.echo(link.model_dump_json())
        return
    table = Table("from", "to", "class", "trips", "5 %", "50 %", "95 %", "network", "trusted")
    for link in found:
        figures = (link.p05_s, link.p50_s, link.p95_s, link.network_s)
        shown = ("-" if each is None else f"{each:.0f} s" for each in figures)
        names = (link.from_, link.to, link.object_class.value, str(link.samples))
        table.add_row(*names, *shown, "yes" if link.trusted else "no")
    Console().print(table)
