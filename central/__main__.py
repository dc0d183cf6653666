"""`python -m central` is `dongseon central`, for the processes that the centre itself starts."""

from central.cli import app

app()
