"""Connections to the database."""

from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from shared.errors import ConfigError

_DRIVER = "postgresql+psycopg"
_CONNECT_TIMEOUT_S = 5


def make_engine(url: str, *, pool_size: int = 10, idle_s: int | None = None) -> Engine:
    """A pool of connections to `url`; nothing is opened until it is used.

    Sessions speak UTC. A connection that died while it was idle is replaced when it is taken, so
    that a restart of the database is not seen by whoever comes next. With `idle_s` the database
    ends a transaction in which nothing happens for so long: a machine that froze in the middle of
    one must not hold its locks for ever.

    Raises:
        ConfigError: `url` is not a PostgreSQL URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(f"the database URL cannot be read: {error}") from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername=_DRIVER)
    if parsed.drivername != _DRIVER:
        raise ConfigError(
            f"the database URL names {parsed.drivername}; write {_DRIVER}://user@host:port/name"
        )
    return create_engine(
        parsed,
        pool_size=pool_size,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_S,
            # Spatial conditions look expensive to the planner, and compiling them takes longer
            # (3 ms) than asking 10,000 cameras does.
            "options": "-c timezone=UTC -c jit=off"
            + (f" -c idle_in_transaction_session_timeout={idle_s}s" if idle_s else ""),
            "application_name": "dongseon",
        },
    )
