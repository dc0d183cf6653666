"""Where the stack keeps its data, who may enter, and what a start leaves for the next one."""

import fcntl
import getpass
import json
import os
import pwd
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.process import ProcessName, as_user
from shared.errors import ConfigError

_ROOT_HOME = Path("/var/lib/dongseon")


def default_home(name: str = "stack") -> Path:
    """The folder a stack lives in unless told: root's is outside /root, which servers cannot enter.

    Others: `$XDG_STATE_HOME/dongseon/{name}`, by default `~/.local/state/dongseon/{name}`.
    """
    if os.geteuid() == 0:
        return _ROOT_HOME / name
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local/state")
    return Path(state) / "dongseon" / name


@dataclass(frozen=True)
class ServerState:
    """What is kept of a running server, so that a later program can find it."""

    port: int
    process: ProcessName | None


class StateFile:
    """One server's state as a small JSON file, replaced as one."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> ServerState | None:
        """The state last written; None when there is none, or a crash left half a file."""
        try:
            fields = json.loads(self.path.read_text(encoding="utf-8"))
            process = fields["process"]
            return ServerState(int(fields["port"]), ProcessName(**process) if process else None)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, state: ServerState) -> None:
        """Keep `state`."""
        process = state.process._asdict() if state.process else None
        text = json.dumps({**asdict(state), "process": process})
        draft = self.path.with_suffix(".new")
        draft.write_text(text + "\n", encoding="utf-8")
        draft.replace(self.path)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the stack's lock: two programs never start or end one stack at the same time."""
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def server_user(preferred: str) -> str | None:
    """The user a server runs as: `preferred` when we are root, else (None) ourselves.

    Raises:
        ConfigError: we are root and there is no such user.
    """
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(preferred)
    except KeyError:
        raise ConfigError(
            f"this machine has no user {preferred!r} to run a server as; its Debian package makes"
            " one, or run as an ordinary user"
        ) from None
    return preferred


def make_folder(folder: Path, user: str | None) -> None:
    """Make `folder`, private to `user`.

    Raises:
        ConfigError: it cannot be made, or `user` cannot reach it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be made for the local stack: {error}") from error
    reachable = subprocess.run([*as_user(user), "test", "-w", str(folder)], check=False)
    if reachable.returncode:
        raise ConfigError(
            f"{folder}: the user {user or getpass.getuser()} cannot enter it; a folder above is"
            f" closed to others. Choose another home, for instance {default_home()}"
        )
