"""The one console script, `dongseon`. A group's package is imported only when it is called."""

import sys
from importlib import import_module
from typing import NamedTuple

import typer
from rich.console import Console
from rich.text import Text

from shared.errors import DongseonError


class Group(NamedTuple):
    """Where a command group lives, and its line in the help."""

    module: str
    help: str


# The text stands here, so that a box without the central packages can still list every group.
GROUPS = {
    "edge": Group("edge_agent.cli", "One box: video in, sightings out."),
    "central": Group("central.cli", "The centre: ingest, search, routes, API and console."),
    "models": Group("models.cli", "Neural networks: list, pull and verify weights."),
    "stack": Group("deploy.local.cli", "A private broker and database on this machine."),
    "sim": Group("deploy.sim.cli", "Made-up boxes and a made-up city, to measure with."),
    "demo": Group("deploy.demo.cli", "The whole path on real video: boxes, centre, a route."),
}


def build(called: str | None) -> typer.Typer:
    """The command line with group `called` loaded and the others by name only."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        help="Find where someone went, across a city's CCTV.",
    )
    for name, group in GROUPS.items():
        loaded: typer.Typer = import_module(group.module).app if name == called else typer.Typer()
        app.add_typer(loaded, name=name, help=group.help)
    return app


def main() -> None:
    """Run `dongseon`; an error of ours is one line and exit code 1, not a traceback."""
    called = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    try:
        build(called)()
    except DongseonError as error:
        said = Text(f"error: {error}", style="red")
        # Never broken by us: paths and commands in it can be copied.
        Console(stderr=True).print(said, soft_wrap=True)
        sys.exit(1)
