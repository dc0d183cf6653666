"""How long the database may work on a search: a wide one must not hold a thread for an hour.

PostgreSQL ends a statement that takes too long. A scan through a server-side cursor is a statement
for every fetch, so it is timed here as well.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from psycopg.errors import QueryCanceled
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from central.errors import InputError
from shared.clock import Clock

_OPTION = "dongseon_patience"


class SearchTooLong(InputError):  # noqa: N818 - reads as the statement it is
    """A search would have taken the database longer than it may."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the search took the database longer than {seconds:g} s; name a window (from, to) or "
            "cameras, or a shorter window or fewer of them"
        )


class _Patience(NamedTuple):
    seconds: float
    clock: Clock


def limited(engine: Engine, seconds: float, clock: Clock) -> Engine:
    """`engine`, with the same pool, where each statement may take so many seconds."""
    made = engine.execution_options(**{_OPTION: _Patience(seconds, clock)})
    milliseconds = max(1, round(seconds * 1000))

    def begun(connection: Connection) -> None:
        # A connection that streams would declare a cursor for it.
        plain = {"stream_results": False}
        statement = f"SET LOCAL statement_timeout = {milliseconds}"
        connection.exec_driver_sql(statement, execution_options=plain)

    event.listen(made, "begin", begun)
    return made


def stopwatch(connection: Connection) -> Callable[[], None]:
    """To be called now and then from now on.

    Raises (the returned): SearchTooLong, when the engine is limited and the time is over.
    """
    patience: _Patience | None = connection.get_execution_options().get(_OPTION)
    if patience is None:
        return lambda: None
    ends = patience.clock.monotonic() + patience.seconds

    def check() -> None:
        if patience.clock.monotonic() > ends:
            raise SearchTooLong(patience.seconds)

    return check


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Make a statement that the database ended after `seconds` a `SearchTooLong`."""
    try:
        yield
    except OperationalError as error:
        if isinstance(error.orig, QueryCanceled):
            raise SearchTooLong(seconds) from error
        raise
