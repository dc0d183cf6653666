"""`dongseon sim fleet`."""

import json
import resource
from typing import Annotated

import typer
from rich.console import Console

from deploy.sim.fleet.fleet import Fleet
from deploy.sim.fleet.options import FleetOptions
from deploy.sim.fleet.tally import Progress
from shared.clock import SystemClock
from shared.errors import ConfigError

_SPARE_FILES = 64

Broker = Annotated[str, typer.Option(help="host:port of a broker that takes anyone.")]
Boxes = Annotated[int, typer.Option(min=1, help="Boxes, each with its own connection.")]
Cameras = Annotated[int, typer.Option(min=1, help="Cameras, spread over the boxes.")]
Rate = Annotated[float, typer.Option(min=0, help="Sightings a second, of all boxes together.")]
Seconds = Annotated[float, typer.Option(min=0, help="How long sightings are made.")]
Backlog = Annotated[int, typer.Option(min=0, help="Sightings each box has kept at the start.")]
Reconnect = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="In the middle of the time all connections break, and come back within so many "
        "seconds; the backlog is kept meanwhile.",
    ),
]
Revisions = Annotated[int, typer.Option(min=1, max=2, help="2: an early one of each, too.")]
Drain = Annotated[float, typer.Option(min=0, help="Seconds to wait for the last answers.")]
Seed = Annotated[int, typer.Option(help="Decides who looks how.")]
Prefix = Annotated[str, typer.Option(help="Boxes are called PREFIX-0000 and so on.")]


def fleet(  # noqa: PLR0913 - one parameter an option of the command line
    *,
    broker: Broker = "127.0.0.1:1883",
    boxes: Boxes = 675,
    cameras: Cameras = 2700,
    rate: Rate = 500.0,
    seconds: Seconds = 60.0,
    backlog: Backlog = 0,
    reconnect_within: Reconnect = None,
    revisions: Revisions = 1,
    drain: Drain = 60.0,
    seed: Seed = 1,
    prefix: Prefix = "sim",
) -> None:
    """Send as a fleet of boxes does; figures go to standard output as JSON.

    A row is sent until the centre acknowledges it, at most 16 at a time. The exit code is 1 when
    some were never answered for.
    """
    host, _, port = broker.rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigError(f"{broker!r} is no broker; write host:port")
    _allow_files(boxes + _SPARE_FILES)
    options = FleetOptions(
        host=host,
        port=int(port),
        boxes=boxes,
        cameras=cameras,
        rate=rate,
        seconds=seconds,
        backlog=backlog,
        reconnect_within_s=reconnect_within,
        revisions=revisions,
        drain_s=drain,
        seed=seed,
        prefix=prefix,
    )
    figures = Fleet(options, SystemClock(), _Line().show).run()
    typer.echo(json.dumps(figures, indent=2))
    if figures["unanswered"]:
        raise typer.Exit(1)


class _Line:
    """Progress on standard error, a line a second."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._acked = 0

    def show(self, at: Progress) -> None:
        """Show how far the fleet is."""
        self._console.print(
            f"{at.elapsed_s:6.0f} s   {at.ready} boxes   {at.made:,} made   {at.acked:,} acked"
            f"   +{at.acked - self._acked:,}",
            highlight=False,
        )
        self._acked = at.acked


def _allow_files(wanted: int) -> None:
    """Let this process have a socket a box.

    Raises:
        ConfigError: the system does not allow it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        if hard != resource.RLIM_INFINITY and hard < wanted:
            raise ConfigError(f"{wanted} open files are needed and {hard} allowed; see ulimit -Hn")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
