"""`dongseon sim`: a make-believe fleet and a make-believe city."""

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False)
