"""`dongseon central search`: ask a running centre from the command line."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console

from central.search.model import MAX_CANDIDATES

_URL = "http://127.0.0.1:8480"


def search(  # noqa: PLR0913 - a command's options
    *,
    like: Annotated[
        list[UUID] | None, typer.Option(help="A sighting to look like; repeat it for their mean.")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A picture; its largest object."),
    ] = None,
    plate: Annotated[
        str | None, typer.Option(help="Whole or a part; ? is one character, * any number.")
    ] = None,
    attributes: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE, e.g. upper_colour=red; repeat it.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="A sentence in Korean or English.")] = None,
    cameras: Annotated[
        list[str] | None, typer.Option(help="Cameras by id, with commas; repeat it for more.")
    ] = None,
    radius: Annotated[str | None, typer.Option(help="LAT,LON,METRES.")] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="A group of cameras; repeat it for more.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="ISO 8601, e.g. 2026-01-31T08:00:00+09:00.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="ISO 8601.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MAX_CANDIDATES)] = 20,
    purpose: Annotated[str | None, typer.Option(help="Why; written to the centre's log.")] = None,
    url: Annotated[
        str, typer.Option(envvar="DONGSEON_CENTRAL_URL", help="Where the centre is.")
    ] = _URL,
    as_json: Annotated[
        bool, typer.Option("--json", help="The answer as the API gives it.")
    ] = False,
) -> None:
    """Ask a centre: by looks, plate, attributes or words; what is given must all fit."""
    # Here, because it takes the web server's packages, which other commands do without.
    from central.client.asking import Asked, ask  # noqa: PLC0415

    asked = Asked(
        like=tuple(like or ()),
        picture=picture,
        plate=plate,
        attributes=tuple(attributes or ()),
        text=text,
        cameras=tuple(each for some in cameras or () for each in some.split(",") if each),
        radius=radius,
        groups=tuple(group or ()),
        start=start,
        end=end,
        limit=limit,
        purpose=purpose,
    )
    ask(url, asked, Console(), as_json=as_json)
