"""`dongseon demo`."""

import signal
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from deploy.clips import find_vtest
from deploy.demo.cast import CASTS, CastName
from deploy.demo.printing import print_results
from deploy.demo.programs import Show
from deploy.demo.run import Demo, Options, alone, write_results
from deploy.demo.scene import scene_of, vtest_scene
from deploy.local.home import default_home

app = typer.Typer()


@app.callback(invoke_without_command=True)
def demo(  # noqa: PLR0913 - one for each option
    *,
    once: Annotated[bool, typer.Option("--once", help="End after writing the results.")] = False,
    video: Annotated[
        list[Path] | None, typer.Option(help="Your own clips, one a camera; repeat the option.")
    ] = None,
    cameras: Annotated[
        Path | None, typer.Option(help="GeoJSON: where the cameras of the clips stand.")
    ] = None,
    models: Annotated[
        CastName, typer.Option(help="Those that come with the project, or public ones.")
    ] = CastName.STARTER,
    out: Annotated[Path, typer.Option(help="Where the results go.")] = Path("demo-out"),
    home: Annotated[
        Path | None, typer.Option(help="Folder for the demo's broker, database and logs.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the page; free one if unset.")] = None,
) -> None:
    """Follow a real person across cameras: two boxes, a centre, a search and a route."""
    console = Console()
    own = video or cameras  # a camera file may name the clips itself
    scene = scene_of(video or [], cameras) if own else vtest_scene(find_vtest(console.print))
    options = Options(Show(scene, CASTS[models]), home or default_home("demo"), out, port)
    for number in (signal.SIGINT, signal.SIGTERM):
        # Ctrl-C too: what a shell starts in the background begins with it ignored.
        signal.signal(number, _as_interrupt)
    try:
        with alone(options.home), Demo(options, console) as running:
            outcome, centre = running.run()
            with running.stages("write", f"Writing the results to {out}/"):
                write_results(outcome, centre, running.places, out)
            print_results(outcome, console)
            if not once:
                query = outcome.crossing.query.id if outcome.crossing else ""
                route = outcome.route["id"] if outcome.route else ""
                address = f"{centre.url}/?query={query}&route={route}"
                console.print(f"The page: {address}", soft_wrap=True)
                console.print("Ctrl-C ends it.")
                signal.pause()
    except KeyboardInterrupt:
        console.print("Ended.")
        raise typer.Exit(0 if not once else 130) from None
    if outcome.crossing is None:
        raise typer.Exit(1)


def _as_interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
