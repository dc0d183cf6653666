"""Waking whoever waits for something new in the database: PostgreSQL's LISTEN and NOTIFY.

A notification is a hint that may be lost with its connection; whoever waits looks by itself, too,
every `EVERY_S`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from shared.errors import StorageError

SIGHTINGS = "dongseon_sightings"
EVENTS = "dongseon_watch_events"
EVERY_S = 0.5

_NOTIFY = text("SELECT pg_notify(:channel, '')")


def notify(connection: Connection, channel: str) -> None:
    """Wake those who listen on `channel`, when the transaction commits."""
    connection.execute(_NOTIFY, {"channel": channel})


class Listener:
    """A connection that hears one channel."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def wait(self, stop: threading.Event, longest_s: float = EVERY_S) -> bool:
        """Return at the next notification, after `longest_s`, or at once when `stop` is set.

        Gives whether there was a notification.

        Raises:
            StorageError: the connection is lost.
        """
        if stop.is_set():
            return False
        try:
            return any(True for _ in self._connection.notifies(timeout=longest_s, stop_after=1))
        except psycopg.Error as error:
            raise StorageError(f"the database is away: {error}") from error


@contextmanager
def listening(engine: Engine, channel: str) -> Iterator[Listener]:
    """A listener on `channel`.

    Raises:
        StorageError: the database is away.
    """
    try:
        pooled = engine.connect()
    except DBAPIError as error:
        raise StorageError(f"the database is away: {error.orig}") from error
    try:
        driver: psycopg.Connection[Any] = pooled.connection.driver_connection  # type: ignore[assignment]
        # Not a transaction: what is open holds back the whole database's oldest snapshot.
        driver.rollback()
        driver.autocommit = True
        driver.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        yield Listener(driver)
    except psycopg.Error as error:
        raise StorageError(f"the database is away: {error}") from error
    finally:
        # Not back to the pool: it listens.
        pooled.invalidate()
        pooled.close()
