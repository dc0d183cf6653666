"""`dongseon models quantize`: a network in 8-bit integers."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from models.catalogue import RuntimeName
from models.store import ModelStore
from shared.errors import DependencyMissing


def quantize(  # noqa: PLR0913 - a command's options
    name: Annotated[str, typer.Argument(help="A model of the catalogue.")],
    calibration: Annotated[
        Path, typer.Option(help="Pictures the box collected: frames, or crops for an embedder.")
    ],
    *,
    held_out: Annotated[
        Path | None, typer.Option(help="Pictures to judge by; else part of the calibration's.")
    ] = None,
    identities: Annotated[
        str | None, typer.Option(help="To judge by, as of models evaluate reid; others calibrate.")
    ] = None,
    classes: Annotated[
        str, typer.Option(help="How labels number: coco, dongseon, or names like person,-,vehicle.")
    ] = "coco",
    out: Annotated[
        Path | None, typer.Option(help="A folder for files and entry; else local in the store.")
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Beside the weights that come with the project.")
    ] = False,
    runtime: Annotated[RuntimeName | None, typer.Option(help="Only for this one.")] = None,
    max_drop: Annotated[
        float, typer.Option(min=0.0, help="Points that may be lost: AP50, rank-1, mAP.")
    ] = 1.0,
    prefer: Annotated[
        Literal["speed", "accuracy"], typer.Option(help="Among what is within the limit.")
    ] = "speed",
    pictures: Annotated[int, typer.Option(min=8, help="To calibrate on, at most.")] = 200,
    seed: Annotated[int, typer.Option(help="Which pictures.")] = 0,
    store: Annotated[
        Path | None, typer.Option(help="Where the weights are kept on this machine.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Quantise to INT8; layers that cost accuracy stay. Exit code 1 when nothing is within."""
    # Other commands need neither networks nor pictures.
    try:
        from models.quantise.pictures import Ask  # noqa: PLC0415
        from models.quantise.report import show  # noqa: PLC0415
        from models.quantise.run import Wish, quantise  # noqa: PLC0415
        from models.quantise.search import Limits  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise DependencyMissing(
            f"quantising needs {error.name}, which is not installed: pip install dongseon[quantise]"
        ) from error

    console = Console(stderr=True)
    wish = Wish(
        model=name,
        ask=Ask(calibration, held_out, identities, classes, pictures, seed),
        limits=Limits(max_drop, prefer),
        runtimes=(runtime,) if runtime else (),
        out=out,
        beside=publish,
    )
    report = quantise(
        wish,
        ModelStore(store),
        lambda line: console.print(line, highlight=False, markup=False, soft_wrap=True),
    )
    if as_json:
        print(json.dumps(report.as_json(), indent=1, ensure_ascii=False))  # noqa: T201 - asked for
    else:
        show(report)
    if not all(one.within for one in report.runtimes):
        raise typer.Exit(1)
