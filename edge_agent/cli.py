"""`dongseon edge`: run a box, check it, look at it, choose its models."""

import random
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.text import Text

from edge_agent.agent import Agent
from edge_agent.calibrate.cli import calibrate
from edge_agent.check import Finding
from edge_agent.check import check as findings
from edge_agent.config import EdgeSettings, load_config
from edge_agent.heart import ProcessHeart
from edge_agent.live import draw
from edge_agent.loading import load_models
from edge_agent.status import AgentStatus, read_status
from edge_agent.trace.cli import track
from shared.clock import SystemClock
from shared.errors import ConfigError, StorageError
from shared.logs import configure_logs

app = typer.Typer(no_args_is_help=True, help="One box: video in, sightings out.")
app.command()(calibrate)
app.command()(track)

LOG_NAME = "agent.log"
_STALE_S = 10.0

ConfigOption = Annotated[Path, typer.Option("--config", help="The box's configuration, TOML.")]
ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", help="Kind of box, and variant: intel-n100, intel-n100/lte."),
]


@app.command()
def run(
    config: ConfigOption,
    profile: ProfileOption = None,
    *,
    exit_when_done: Annotated[
        bool, typer.Option("--exit-when-done", help="End when every clip is sent.")
    ] = False,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Watch the channels and send what passes, until told to stop."""
    settings = load_config(config, profile)
    console = Console()
    stop = Event()
    with _logs(settings, console, _level(log_level)), _ended_by_signals(stop):
        models = load_models(settings)
        source = random.Random()  # noqa: S311 - waits are no secrets
        agent = Agent(settings, models, SystemClock(), source)
        with _view(console) as show:
            failed = agent.run(stop, when_done=exit_when_done, show=show, heart=ProcessHeart())
    if failed:
        raise StorageError(f"channels that failed: {', '.join(failed)}; the log says why")


@app.command()
def check(config: ConfigOption, profile: ProfileOption = None) -> None:
    """Look at configuration, data folder, models, broker and sources; exit code 1 if one fails."""
    settings = load_config(config, profile)
    console, good = Console(), True
    read = Finding("configuration", good=True, found=str(config))
    for finding in chain([read], findings(settings, SystemClock())):
        good = good and finding.good
        line = Text.assemble(
            ("ok  ", "green") if finding.good else ("no  ", "bold red"),
            (f"{finding.what}: ", "bold"),
            finding.found,
        )
        # Never broken by us: what is to be typed can be copied as one line.
        console.print(line, soft_wrap=True)
    if not good:
        raise typer.Exit(1)


@app.command()
def status(config: ConfigOption, profile: ProfileOption = None) -> None:
    """Show what the agent of this box last wrote of itself."""
    settings = load_config(config, profile)
    found = read_status(settings.box.data_dir)
    console = Console()
    console.print(draw(found))
    age_s = (SystemClock().now_ms() - found.written_ms) / 1000
    running = "running" if age_s < _STALE_S else "not running"
    console.print(f"agent    {running}: written {age_s:.0f} s ago by process {found.pid}")


def _level(name: str) -> str:
    known = ("debug", "info", "warning", "error")
    if name.lower() not in known:
        raise ConfigError(f"--log-level {name}: there are {', '.join(known)}")
    return name.lower()


@contextmanager
def _logs(settings: EdgeSettings, console: Console, level: str) -> Iterator[None]:
    """Logs as JSON on standard error; into the data folder while the view has the terminal."""
    if not console.is_terminal:
        configure_logs(json=True, level=level)
        yield
        return
    folder = settings.box.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / LOG_NAME).open("w", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{folder}: {error}; give the agent a folder it may write") from error
    with file:
        configure_logs(json=True, level=level, stream=file)
        console.print(f"logs: {file.name}; Ctrl-C ends")
        yield


@contextmanager
def _view(console: Console) -> Iterator[Callable[[AgentStatus], None]]:
    if not console.is_terminal:
        yield lambda _: None
        return
    with Live(console=console, auto_refresh=False) as live:
        yield lambda status: live.update(draw(status), refresh=True)


@contextmanager
def _ended_by_signals(stop: Event) -> Iterator[None]:
    """SIGINT and SIGTERM set `stop`; a second one ends at once."""

    def end(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            sys.exit(128 + number)
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
