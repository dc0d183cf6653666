"""What the broker and the database have in common: one process, one folder, one port."""

import random
import signal
import subprocess
from abc import ABC, abstractmethod
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from deploy.local.home import ServerState, StateFile, make_folder, server_user
from deploy.local.packages import Programs
from deploy.local.ports import LOOPBACK, free_ports, is_free
from deploy.local.process import Deadline, Launch, Launcher, ProcessName, processes_of
from shared.errors import StorageError

_START_S = 60.0
_POLL_S = 0.05
_ATTEMPTS = 5
_LOG_TAIL = 1500


@dataclass(frozen=True)
class Surroundings:
    """What every server of one stack shares."""

    home: Path
    programs: Programs
    launcher: Launcher
    source: random.Random
    outlive: bool
    """Whether servers go on when the program that started them ends."""


class Server(ABC):
    """A server of the stack. `start`, `stop` and `kill` may be called again and again."""

    host = LOOPBACK

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self.user_of_process = server_user(self.preferred_user)
        self.folder = surroundings.home / self.name
        self.log = self.folder / "log"
        self._state_file = StateFile(surroundings.home / f"{self.name}.json")
        self._state = self._state_file.read()
        self._child: subprocess.Popen[bytes] | None = None

    # What differs between servers.

    name: ClassVar[str]
    """Name of its folder and of its state file."""
    program: ClassVar[str]
    """Name of the program its processes run."""
    preferred_user: ClassVar[str]
    """The user it runs as when root starts it."""
    polite: ClassVar[signal.Signals]
    """The signal that ends it cleanly, without waiting for its clients."""
    stop_s: ClassVar[float]
    """Seconds it gets for that before it is killed."""

    @abstractmethod
    def _prepare(self, port: int) -> list[str]:
        """Write configuration and data for `port`; the command line to run."""

    @abstractmethod
    def _answers(self, seconds: float) -> bool:
        """Whether it serves clients now; waits at most `seconds` for its answer."""

    # What is the same.

    @property
    def port(self) -> int:
        """Its port, kept for the life of the home.

        Raises:
            StorageError: it was never started.
        """
        if self._state is None:
            raise StorageError(f"the local {self.name} has no port yet: start the stack first")
        return self._state.port

    @property
    def process(self) -> ProcessName | None:
        """The server's process as last started, by us or by an earlier program."""
        return self._state.process if self._state else None

    @property
    def running(self) -> bool:
        """Whether its process runs."""
        self._reap()
        return self.process is not None and self.process.running

    def start(self) -> bool:
        """Make it run and answer; whether it had to be started (it may run already).

        Raises:
            StorageError: it ended again or did not answer in time; the end of its log is shown.
        """
        self._refresh()
        if self.running and self._answers_in_time():
            return False
        self.kill()
        self._clear_leftovers()
        make_folder(self.folder, self.user_of_process)
        for port in self._candidate_ports():
            if self._launch(port):
                return True
        raise StorageError(f"the local {self.name} does not start; see {self.log}\n{self._tail()}")

    def stop(self) -> None:
        """End it cleanly; kill it when it does not end in time."""
        self._refresh()
        if self.process is not None:
            self.process.send(self.polite)
            if not self.process.wait(self.stop_s):
                self.kill()
        self._forget()

    def kill(self) -> None:
        """End it at once, as `kill -9` does."""
        if self.process is not None:
            self.process.send(signal.SIGKILL)
            self.process.wait(self.stop_s)
        self._forget()

    def _clear_leftovers(self) -> None:
        """End what a crash left: a server no state file knows, or the children of a killed one."""
        leftovers = processes_of(self.program, self.folder.resolve())
        for process in leftovers:
            process.send(signal.SIGQUIT)
        for process in leftovers:
            if not process.wait(self.stop_s):
                process.send(signal.SIGKILL)
                process.wait(self.stop_s)

    def _candidate_ports(self) -> list[int]:
        # Clients were told the old port: it changes only when a stranger has taken it meanwhile.
        if self._state is not None and is_free(self._state.port):
            return [self._state.port]
        ports = free_ports(self._around.source)
        return [next(ports) for _ in range(_ATTEMPTS)]

    def _launch(self, port: int) -> bool:
        argv = self._prepare(port)
        self._child = self._around.launcher.start(
            Launch(
                argv=argv,
                log=self.log,
                cwd=self.folder,
                user=self.user_of_process,
                parent_death=None if self._around.outlive else self.polite,
            )
        )
        with ExitStack() as undo:
            # Also when Ctrl-C comes while it starts.
            undo.callback(self.kill)
            self._remember(ServerState(port, ProcessName.of(self._child.pid)))
            if self._answers_in_time():
                undo.pop_all()
                return True
        return False

    def _answers_in_time(self) -> bool:
        deadline = Deadline(_START_S)
        while self.process is not None and deadline.left > 0:
            if self._answers(deadline.left):
                return True
            # A pause that ends early when there is nothing left to wait for.
            if self.process.wait(_POLL_S):
                return False
        return False

    def _refresh(self) -> None:
        """Another program may have started or ended it since."""
        self._state = self._state_file.read() or self._state

    def _remember(self, state: ServerState) -> None:
        self._state = state
        self._state_file.write(state)

    def _forget(self) -> None:
        self._reap()
        if self._state is not None:
            self._remember(ServerState(self._state.port, None))

    def _reap(self) -> None:
        if self._child is not None and self._child.poll() is not None:
            self._child = None

    def _tail(self) -> str:
        with suppress(OSError):
            return self.log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:]
        return ""
