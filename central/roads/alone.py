"""One at a time, in whichever process: a lock of the database that goes with its connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from central.errors import ConflictError


@contextmanager
def alone(engine: Engine, key: int, what: str) -> Iterator[Connection]:
    """A connection that commits each statement, while nobody else has the lock `key`.

    Raises:
        ConflictError: somebody has it; `what` says at which work.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        own = {"key": key}
        if not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), own).scalar_one():
            raise ConflictError(f"{what} is running already; wait for its end")
        try:
            yield connection
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), own)
