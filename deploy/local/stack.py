"""The local stack: one private Mosquitto and one private PostgreSQL, in one folder.

with LocalStack(home) as stack:
    url = stack.database.create("mine")
    ... stack.broker.host, stack.broker.port ...
"""

import random
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.broker import Broker
from deploy.local.database import Database
from deploy.local.home import locked
from deploy.local.packages import Programs, ensure_programs
from deploy.local.process import Launcher
from deploy.local.server import Server, Surroundings
from shared.errors import ConfigError


class LocalStack:
    """A broker and a database of one's own, on free ports of the loopback.

    The machine's own cluster and broker are never touched. Servers run as an unprivileged user.
    What a crash left in `home` is found by the next start: healthy servers are reused, others
    cleared.
    """

    def __init__(
        self, home: Path, *, programs: Programs | None = None, outlive: bool = False
    ) -> None:
        """Make the stack of `home`; nothing is started yet.

        Args:
            home: folder for data, logs and state; made when missing.
            programs: what to run; found, and installed where allowed, unless given.
            outlive: let the servers run on when this program ends, even by `kill -9`.

        Raises:
            DependencyMissing: programs are lacking and may not be installed here.
            ConfigError: `home` cannot be made.
        """
        self.home = home.absolute()
        try:
            # Servers of other users enter their own folders through this one.
            self.home.mkdir(parents=True, exist_ok=True)
            self.home.chmod(0o755)
        except OSError as error:
            raise ConfigError(f"{home}: cannot be made for the local stack: {error}") from error
        surroundings = Surroundings(
            home=self.home,
            programs=programs or ensure_programs(),
            launcher=Launcher(),
            source=random.Random(),  # noqa: S311 - ports are no secrets
            outlive=outlive,
        )
        self.broker = Broker(surroundings)
        self.database = Database(surroundings)
        self._started: list[Server] = []

    @property
    def servers(self) -> tuple[Server, ...]:
        """In the order they start."""
        return (self.database, self.broker)

    def start(self) -> Self:
        """Start what does not run; what does is reused.

        Raises:
            StorageError: a server does not start. Whatever this call started is ended again.
        """
        with locked(self.home), ExitStack() as undo:
            for server in self.servers:
                if server.start():
                    undo.callback(server.stop)
                    self._started.append(server)
            undo.pop_all()
        return self

    def stop(self) -> None:
        """End every server of this home, whoever started it."""
        with locked(self.home):
            for server in reversed(self.servers):
                server.stop()
            self._started.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what this object started; servers it found running go on."""
        with locked(self.home):
            while self._started:
                self._started.pop().stop()
