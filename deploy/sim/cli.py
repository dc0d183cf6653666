"""`dongseon sim`: a make-believe fleet and a make-believe city."""

import typer

from deploy.sim.city.cli import city
from deploy.sim.fleet.command import fleet

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def sim() -> None:
    """Made-up boxes and a made-up city, to measure with."""


app.command("fleet")(fleet)
app.command("city")(city)
