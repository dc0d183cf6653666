"""The stack's PostgreSQL, with PostGIS and pgRouting at hand."""

import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import ClassVar

from deploy.local.home import make_folder
from deploy.local.process import as_user
from deploy.local.server import Server
from shared.errors import ConfigError, StorageError

_NAME = r"[a-z][a-z0-9_]{0,62}"
# sun_path of unix(7) holds 108 bytes, and the server adds "/.s.PGSQL.12345".
_MAX_SOCKET_FOLDER = 90

# What is committed survives a power cut: the defaults, written down because tests rest on them.
_CONFIGURATION = """\
listen_addresses = '{host}'
port = {port}
unix_socket_directories = '{sockets}'
max_connections = 100
shared_buffers = 128MB
max_wal_size = 1GB
wal_compression = lz4
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
"""


class Database(Server):
    """A private PostgreSQL.

    Whoever has an account on this machine may connect (`trust`, on loopback only): it is for
    tests, the demo and development.
    """

    name: ClassVar[str] = "database"
    program: ClassVar[str] = "postgres"
    preferred_user: ClassVar[str] = "postgres"
    # "Fast shutdown": clients are disconnected, nothing committed is lost.
    polite: ClassVar[signal.Signals] = signal.SIGINT
    stop_s: ClassVar[float] = 30.0

    user: ClassVar[str] = "dongseon"
    """The database's superuser."""

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of database `name` (psycopg 3)."""
        return f"postgresql+psycopg://{self.user}@{self.host}:{self.port}/{name}"

    def create(self, name: str, template: str | None = None) -> str:
        """Make the empty database `name`, or a copy of `template`; its URL.

        Raises:
            StorageError: the server refused, for instance because there is one of that name.
        """
        options = ["--template", _checked(template)] if template else []
        self._administer("createdb", [*options, _checked(name)])
        return self.url(name)

    def drop(self, name: str) -> None:
        """Drop database `name`, disconnecting whoever uses it; nothing happens if there is none.

        Raises:
            StorageError: the server refused.
        """
        self._administer("dropdb", ["--if-exists", "--force", _checked(name)])

    def exists(self, name: str) -> bool:
        """Whether there is a database `name`."""
        query = f"SELECT 1 FROM pg_database WHERE datname = '{_checked(name)}'"  # noqa: S608 - the name is checked
        options = ["--no-psqlrc", "--tuples-only", "--no-align", "--command", query]
        return self._administer("psql", [*options, "postgres"]).strip() == "1"

    def set(self, name: str, value: str) -> None:
        """Set a parameter of the whole server, for good; those that need a restart wait for one.

        Raises:
            StorageError: there is no such parameter, or it does not take the value.
        """
        setting = f"ALTER SYSTEM SET {_checked(name)} = '{value}'"
        for command in (setting, "SELECT pg_reload_conf()"):
            self._administer("psql", ["--no-psqlrc", "--quiet", "--command", command, "postgres"])

    def _administer(self, program: str, arguments: list[str]) -> str:
        command = [str(self._program(program)), *self._address(), "--no-password", *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self._around.home
        )
        if done.returncode:
            raise StorageError(f"{program}: {done.stderr.strip() or done.returncode}")
        return done.stdout

    def _address(self) -> list[str]:
        return ["--host", self.host, "--port", str(self.port), "--username", self.user]

    def _answers(self, seconds: float) -> bool:
        wait = ["--timeout", str(max(1, int(seconds))), "--dbname", "postgres", "--quiet"]
        command = [str(self._program("pg_isready")), *self._address(), *wait]
        return subprocess.run(command, check=False, cwd=self._around.home).returncode == 0

    def _prepare(self, port: int) -> list[str]:
        if not self._data.exists():
            self._initialise()
        # Nothing of ours runs here any more (see `Server.start`), but another program may have the
        # dead server's pid by now, and PostgreSQL would take it for the old server.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        configuration = self.folder / "postgresql.conf"
        sockets = "" if len(str(self.folder)) > _MAX_SOCKET_FOLDER else str(self.folder)
        configuration.write_text(
            _CONFIGURATION.format(host=self.host, port=port, sockets=sockets), encoding="utf-8"
        )
        configuration.chmod(0o644)
        return [
            str(self._program("postgres")),
            *("-D", str(self._data)),
            f"--config-file={configuration}",
            f"--hba-file={self._data / 'pg_hba.conf'}",
            f"--ident-file={self._data / 'pg_ident.conf'}",
        ]

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _initialise(self) -> None:
        """Make the data folder; one half made by a crash is never taken for a whole one."""
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        make_folder(draft, self.user_of_process)
        command = [
            *as_user(self.user_of_process),
            str(self._program("initdb")),
            *("--pgdata", str(draft), "--username", self.user, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        if done.returncode:
            raise StorageError(f"initdb in {draft}: {done.stderr.strip()}")
        draft.rename(self._data)

    def _program(self, name: str) -> Path:
        """The program of the version that made the data, or of the newest for a new folder.

        Raises:
            ConfigError: that version is not installed any more.
        """
        versions = self._around.programs.postgresql
        marker = self._data / "PG_VERSION"
        if not marker.exists():
            return next(iter(versions.values())) / name
        made_by = int(marker.read_text(encoding="ascii"))
        if made_by not in versions:
            raise ConfigError(
                f"{self._data} was made by PostgreSQL {made_by}, which is not installed with"
                f" PostGIS and pgRouting here ({', '.join(map(str, versions))} is);"
                f" move {self.folder} away to begin anew"
            )
        return versions[made_by] / name


def _checked(name: str) -> str:
    if not re.fullmatch(_NAME, name):
        raise ConfigError(f"{name!r} cannot name a database: a-z, 0-9 and _ only, a letter first")
    return name
