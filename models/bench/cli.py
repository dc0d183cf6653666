"""`dongseon models bench`: what models cost on this machine."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, cast, get_args

import typer
from rich.console import Console

from models.catalogue import RuntimeName
from models.store import ModelStore
from shared.errors import ConfigError

_RUNTIMES = get_args(RuntimeName)
_PRECISIONS = ("f32", "bf16", "int8")


def bench(  # noqa: PLR0913 - a command's options
    names: Annotated[list[str] | None, typer.Argument(help="Models; all unless named.")] = None,
    *,
    runtime: Annotated[str, typer.Option(help="With commas.")] = ",".join(_RUNTIMES),
    precision: Annotated[str, typer.Option(help="What is computed in, with commas.")] = ",".join(
        _PRECISIONS
    ),
    threads: Annotated[str, typer.Option(help="Cores of a call, with commas.")] = "1",
    batch: Annotated[str, typer.Option(help="Crops in a call, with commas.")] = "1",
    seconds: Annotated[float, typer.Option(min=0, help="For each case.")] = 3.0,
    picture: Annotated[Path | None, typer.Option(help="What to look at.")] = None,
    store: Annotated[Path | None, typer.Option(help="Where the weights are kept.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Time models whose weights are here, in every precision this machine can do."""
    # Other commands need no networks.
    from models.bench.cases import Wish  # noqa: PLC0415
    from models.bench.report import show  # noqa: PLC0415
    from models.bench.run import run_bench  # noqa: PLC0415

    wish = Wish(
        models=tuple(names or ()),
        runtimes=cast("tuple[RuntimeName, ...]", _known("--runtime", runtime, _RUNTIMES)),
        precisions=_known("--precision", precision, _PRECISIONS),
        threads=_numbers("--threads", threads),
        batches=_numbers("--batch", batch),
        picture=picture,
    )
    measured = run_bench(ModelStore(store), wish, seconds)
    if as_json:
        print(json.dumps(measured.as_json(), indent=1))  # noqa: T201 - what was asked for
    else:
        show(measured, Console())


def _known(option: str, text: str, known: Collection[str]) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if unknown := set(names) - set(known):
        raise ConfigError(f"{option} {min(unknown)!r}; there is {', '.join(known)}")
    return names


def _numbers(option: str, text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(word) for word in text.split(","))
    except ValueError as error:
        raise ConfigError(f"{option} {text!r}: expected whole numbers with commas") from error
    if min(numbers) < 1:
        raise ConfigError(f"{option} {text!r}: expected numbers above zero")
    return numbers
