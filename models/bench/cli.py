"""`dongseon models bench` and `agreement`: what models cost here, and whether others agree."""

import json
from collections.abc import Collection
from dataclasses import asdict
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


def agreement(  # noqa: PLR0913 - a command's options
    name: Annotated[str, typer.Argument(help="A detector or embedder.")],
    data: Annotated[Path, typer.Option(help="A folder with pictures, or crops for an embedder.")],
    *,
    against: Annotated[
        str | None, typer.Option(help="Haswell, exact, or other precisions, with commas.")
    ] = None,
    runtime: Annotated[str | None, typer.Option(help="The model's first unless given.")] = None,
    precision: Annotated[
        str | None, typer.Option(help="The catalogue's choice unless given.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Pictures, evenly from the folder.")] = 12,
    store: Annotated[Path | None, typer.Option(help="Where the weights are kept.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare what a model says here, on an emulated AVX2 processor, and with exact integers."""
    from models.bench.agreement import compare, kinds  # noqa: PLC0415
    from models.bench.outputs import Wanted  # noqa: PLC0415
    from models.bench.report import show_agreements  # noqa: PLC0415
    from models.evaluation.pictures import find_pictures  # noqa: PLC0415

    here = ModelStore(store)
    entry = here.catalogue.entry(name)
    pictures = find_pictures(data)
    wanted = Wanted(
        model=name,
        store=here.root.resolve(),
        pictures=tuple(path.resolve() for path in pictures[:: -(-len(pictures) // count)]),
        runtime=cast("RuntimeName | None", _known("--runtime", runtime, _RUNTIMES)[0])
        if runtime
        else None,
        precision=precision,
    )
    found = compare(wanted, against.split(",") if against else kinds(entry, precision))
    if as_json:
        print(json.dumps([asdict(each) for each in found], indent=1))  # noqa: T201 - asked for
    else:
        show_agreements(found, Console())


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
