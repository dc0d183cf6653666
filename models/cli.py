"""`dongseon models`: list, pull and verify weights."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Column, Table

from models.bench.cli import agreement, bench
from models.catalogue import Entry, WeightFile
from models.evaluation.cli import app as evaluate
from models.quantise.cli import quantize
from models.site.cli import adapt, collect, purge
from models.sources import find_mirror
from models.store import ModelStore, TellProgress
from models.train.cli import train
from models.train.synth import app as synth
from models.weights import FileState
from shared.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="Neural networks: list, pull and verify weights.")
app.command("train")(train)
app.command("quantize")(quantize)
app.command("bench")(bench)
app.command("agreement")(agreement)
app.command("collect")(collect)
app.command("purge")(purge)
app.command("adapt")(adapt)
app.add_typer(evaluate, name="evaluate")
app.add_typer(synth, name="synth")

_STYLES = {FileState.GOOD: "green", FileState.MISSING: "yellow", FileState.WRONG: "red"}
_MEGABYTE = 1_000_000

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="Where the weights are kept on this machine.")
]


@app.command("list")
def list_models(store: StoreOption = None) -> None:
    """Show every model of the catalogue and whether its weights are here."""
    here = ModelStore(store)
    columns = ("model", "task", "precision", "MB", "licence", "weights")
    table = Table(*(Column(name, no_wrap=True) for name in columns))
    for entry in here.catalogue.models:
        states = here.verify(entry.name)
        for precision, variant in entry.variants.items():
            chosen = " *" if precision == entry.precision else ""
            table.add_row(
                entry.name,
                entry.task,
                precision + chosen,
                f"{sum(file.bytes for file in variant.files) / _MEGABYTE:.1f}",
                entry.licence,
                _shown({states[file] for file in variant.files}),
            )
    console = Console()
    console.print(table)
    console.print(
        f"* unless another is asked for. Kept in {here.root}", highlight=False, soft_wrap=True
    )


@app.command()
def pull(
    names: Annotated[list[str] | None, typer.Argument(help="Models of the catalogue.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every model.")] = False,
    mirror: Annotated[
        Path | None, typer.Option(help="A folder with the files; else $DONGSEON_MODEL_MIRROR.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Bring weights here from a mirror folder, or else from their official URLs."""
    here = ModelStore(store)
    chosen = _chosen(here, names, everything=everything)
    source = find_mirror(mirror, os.environ)
    with Progress(
        TextColumn("{task.description}"), BarColumn(16), DownloadColumn(), TransferSpeedColumn()
    ) as bars:
        for name in chosen:
            here.pull(name, source, _shown_on(bars, here.catalogue.entry(name)))
    Console().print(f"{', '.join(chosen)}: here, in {here.root}", highlight=False, soft_wrap=True)


@app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Models; all unless named.")] = None,
    store: StoreOption = None,
) -> None:
    """Check every file's size and sha256; exit code 1 when one is missing or wrong."""
    here = ModelStore(store)
    states = {
        file.path: state
        for name in _chosen(here, names, everything=not names)
        for file, state in here.verify(name).items()
    }
    console = Console()
    for path, state in states.items():
        console.print(f"{_shown({state})}  {path}", highlight=False, soft_wrap=True)
    if set(states.values()) != {FileState.GOOD}:
        raise typer.Exit(1)


def _chosen(store: ModelStore, names: list[str] | None, *, everything: bool) -> list[str]:
    if everything:
        return [entry.name for entry in store.catalogue.models]
    if not names:
        raise ConfigError("name the models, or ask for --all; `dongseon models list` shows them")
    return [store.catalogue.entry(name).name for name in dict.fromkeys(names)]


def _shown_on(bars: Progress, entry: Entry) -> TellProgress:
    """A bar for `entry`, and what moves it."""
    task = bars.add_task(entry.name, total=sum(file.bytes for file in entry.files))
    here: dict[WeightFile, int] = {}

    def tell(file: WeightFile, done: int) -> None:
        here[file] = done
        bars.update(task, completed=sum(here.values()))

    return tell


def _shown(states: set[FileState]) -> str:
    """The worst of `states`, coloured."""
    worst = next(
        state for state in (FileState.WRONG, FileState.MISSING, FileState.GOOD) if state in states
    )
    return f"[{_STYLES[worst]}]{worst}[/]"
