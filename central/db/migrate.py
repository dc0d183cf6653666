"""Bringing a database to this program's schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from central.db import locks
from central.db.engine import make_engine
from shared.errors import DependencyMissing, StorageError

_SCRIPTS = Path(__file__).parent / "migrations"
_EXTENSIONS = {"postgis": "PostGIS 3.3 or newer", "pgrouting": "pgRouting 3.4 or newer"}


def migrate(url: str) -> str:
    """Bring the database at `url` to the newest schema, in one transaction; give its revision.

    Safe to run again and at the same time as another run.

    Raises:
        ConfigError: `url` is not a PostgreSQL URL.
        StorageError: the database is not there or refused.
        DependencyMissing: PostGIS or pgRouting is not installed on the server.
    """
    engine = make_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": locks.SCHEMA})
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            return _revision(connection) or ""
    except OperationalError as error:
        for extension, needed in _EXTENSIONS.items():
            if extension in str(error.orig):
                raise DependencyMissing(
                    f"the database server lacks an extension: {error.orig}; install {needed}"
                ) from error
        raise StorageError(f"the database cannot be migrated: {error.orig}") from error
    except ProgrammingError as error:
        raise StorageError(f"the database refused the migration: {error.orig}") from error
    finally:
        engine.dispose()


def check_migrated(engine: Engine) -> None:
    """Do nothing if the database has this program's schema.

    Raises:
        StorageError: it is not there, or has another schema.
    """
    try:
        with engine.connect() as connection:
            found = _revision(connection)
    except OperationalError as error:
        raise StorageError(f"the database cannot be reached: {error.orig}") from error
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if found != wanted:
        raise StorageError(
            f"the database has schema {found or 'none'}, this program needs {wanted}: "
            "run `dongseon central migrate`"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
