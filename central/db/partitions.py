"""Day partitions of `sightings`, made ahead, or when the first sighting of a day comes."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from central.days import FUTURE, day_of, is_plausible
from central.db import locks
from shared.clock import MS_PER_DAY

DEFAULT = "sightings_default"
_LOCK_PATIENCE = "300ms"
_TRIES = 20
_PAUSE_S = 0.5


def partition_name(day: date) -> str:
    """The table that holds the sightings of `day`."""
    return f"sightings_{day:%Y%m%d}"


def missing_partitions(connection: Connection, days: Iterable[date], now_ms: int) -> list[date]:
    """Those of `days` that may have a partition of their own and have none."""
    wanted = {partition_name(day): day for day in days if is_plausible(day, now_ms)}
    if not wanted:
        return []
    there = set(connection.execute(_THERE, {"names": list(wanted)}).scalars())
    return sorted(day for name, day in wanted.items() if name not in there)


def ensure_partitions(engine: Engine, days: Iterable[date], now_ms: int) -> bool:
    """Make the partitions that `days` need and that are not there yet; False where one is not.

    It takes a lock that waits for whoever reads the default partition, and whoever comes meanwhile
    waits behind it. So it gives up after `_LOCK_PATIENCE`; try again after a pause. Until then rows
    of that day belong into the default partition (`hold_default`).

    A day far in the past or future gets none: its rows stay in the default partition, so that a
    box with a dead clock loses nothing and cannot make thousands of tables. Rows of a day that
    was in the future when they came, or whose partition could not be made, are moved out of the
    default partition, as changed rows.

    Raises:
        DBAPIError: the database is away.
    """
    with engine.connect() as connection:
        missing = missing_partitions(connection, days, now_ms)
    return all(_patiently(engine, partial(_make, day=day)) for day in missing)


def ensure_ahead(engine: Engine, now_ms: int) -> bool:
    """Make the partitions of today and the days to come, while nobody waits for them."""
    days = range(FUTURE.days + 1)
    return ensure_partitions(engine, [day_of(now_ms + n * MS_PER_DAY) for n in days], now_ms)


def hold_default(connection: Connection) -> None:
    """Have no partition be made, by whomever, until this transaction ends.

    A row that was sent to the default partition while its day's was made would be refused.
    """
    connection.execute(text(f"LOCK TABLE {DEFAULT} IN ROW EXCLUSIVE MODE"))


def _patiently(engine: Engine, work: Callable[[Connection], None]) -> bool:
    """Whether `work` had its locks soon enough; if not, nothing of it was done."""
    try:
        with engine.begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_PATIENCE}'"))
            # Whoever makes a partition takes the tables' locks in another order than who drops one.
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:key)"), {"key": locks.PARTITIONS}
            )
            work(connection)
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        return False
    return True


def _make(connection: Connection, day: date) -> None:
    if not _exists(connection, day):
        _create(connection, day)


_THERE = text(
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = 'sightings'::regclass AND c.relname = ANY(:names)"
)


def drop_partition(engine: Engine, day: date, wait: Callable[[float], object]) -> bool:
    """Drop the table of `day`; False where readers and writers never left it a moment.

    Not DETACH ... CONCURRENTLY: PostgreSQL refuses that to tables with a default partition. The
    lock it takes instead stops everybody, so it is given up after `_LOCK_PATIENCE` and asked for
    again after a pause: nobody waits for longer, and whoever works goes on in between. The files
    themselves are deleted after the lock is gone. `wait` gives True when the process is to end:
    then it is not asked for again.

    Raises:
        DBAPIError: the database is away.
    """
    for attempt in range(_TRIES):
        if attempt and wait(_PAUSE_S):
            return False
        if _patiently(engine, partial(_drop, day=day)):
            return True
    return False


def _drop(connection: Connection, day: date) -> None:
    if _exists(connection, day):
        connection.execute(text("LOCK TABLE ONLY sightings IN ACCESS EXCLUSIVE MODE"))
        connection.execute(text(f"DROP TABLE {partition_name(day)}"))


# Not to_regclass(), which may answer from before this transaction waited for the lock.
_EXISTS = text(
    "SELECT EXISTS (SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = 'sightings'::regclass AND c.relname = :name)"
)


def _exists(connection: Connection, day: date) -> bool:
    return bool(connection.execute(_EXISTS, {"name": partition_name(day)}).scalar_one())


def _create(connection: Connection, day: date) -> None:
    # ATTACH takes a weaker lock on `sightings` than CREATE ... PARTITION OF: readers go on.
    name = partition_name(day)
    connection.execute(text(f"CREATE TABLE {name} (LIKE sightings INCLUDING ALL)"))
    connection.execute(text(f"LOCK TABLE {DEFAULT} IN ACCESS EXCLUSIVE MODE"))
    connection.execute(
        text(
            # S608: the name is made of a date.
            f"WITH moved AS (DELETE FROM {DEFAULT} WHERE day = :day RETURNING *) "  # noqa: S608
            f"INSERT INTO {name} SELECT * FROM moved"
        ),
        {"day": day},
    )
    connection.execute(text(f"UPDATE {name} SET change_xid = pg_current_xact_id()"))  # noqa: S608
    connection.execute(
        text(
            f"ALTER TABLE sightings ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
        )
    )
