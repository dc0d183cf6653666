"""`dongseon sim`: a make-believe fleet and a make-believe city."""

import typer

from deploy.sim.city.cli import city

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command("city")(city)


@app.callback()
def sim() -> None:
    """Made-up boxes and a made-up city."""
