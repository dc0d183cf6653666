"""`dongseon edge calibrate`."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from edge_agent.calibrate.calibration import Asked, Outcome, Tell
from edge_agent.calibrate.calibration import calibrate as measured
from edge_agent.calibrate.proposal import Machine, Proposal
from edge_agent.calibrate.report import as_json, figures, sentences, table
from edge_agent.calibrate.writing import write
from edge_agent.config import EdgeSettings, load_config
from edge_agent.status import read_status
from shared.clock import SystemClock
from shared.errors import ConfigError

_RUNNING_MS = 5_000
_WIDE = 120


def calibrate(  # noqa: PLR0913 - a command's options
    config: Annotated[Path, typer.Option("--config", help="The box's configuration, TOML.")],
    profile: Annotated[str | None, typer.Option(help="Kind of box, and variant.")] = None,
    *,
    seconds: Annotated[float, typer.Option(min=0.1, help="To measure, all together.")] = 60.0,
    share: Annotated[float, typer.Option(min=0.05, max=1, help="Of the box that is used.")] = 0.7,
    people: Annotated[float, typer.Option(min=0, help="In a channel's picture at a time.")] = 3.0,
    vehicles: Annotated[float, typer.Option(min=0, help="The same.")] = 2.0,
    write_it: Annotated[bool, typer.Option("--write", help="Into the configuration.")] = False,
    as_json_text: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure the models installed here, propose the set that fits the channels; code 1 if none."""
    settings = load_config(config, profile)
    clock, console = SystemClock(), Console(stderr=as_json_text)
    if not console.is_terminal:
        console.width = max(console.width, _WIDE)
    if _is_running(settings, clock.now_ms()):
        console.print("The agent of this box is running and slows all this down: stop it first.")
    cores = len(os.sched_getaffinity(0))
    asked = Asked(people, vehicles, Machine(cores, share), seconds)
    with _progress(console) as tell:
        outcome = measured(settings, asked, clock, tell)
    _show(outcome, asked, console)
    found = outcome.found
    if as_json_text:
        print(json.dumps(as_json(outcome, asked), indent=1))  # noqa: T201 - what was asked for
    if not isinstance(found, Proposal):
        raise typer.Exit(1)
    if write_it:
        kept = write(config, found.choice, figures(found, outcome, asked, clock))
        console.print(f"Written to {config}; as it was: {kept}", soft_wrap=True)
    elif not as_json_text:
        console.print("Not written: --write does that.")


def _show(outcome: Outcome, asked: Asked, console: Console) -> None:
    console.print(table(outcome))
    for sentence in sentences(outcome, asked):
        console.print(sentence, soft_wrap=True, highlight=False)


def _is_running(settings: EdgeSettings, now_ms: int) -> bool:
    try:
        return now_ms - read_status(settings.box.data_dir).written_ms < _RUNNING_MS
    except ConfigError:
        return False


@contextmanager
def _progress(console: Console) -> Iterator[Tell]:
    """A bar on a terminal, else a line for each stage."""
    if not console.is_terminal:
        said: set[str] = set()

        def tell(stage: str, _over: float) -> None:
            if stage not in said:
                said.add(stage)
                console.print(stage)

        yield tell
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console
    ) as bars:
        task = bars.add_task("", total=1.0)
        yield lambda stage, over: bars.update(task, description=stage, completed=over)
