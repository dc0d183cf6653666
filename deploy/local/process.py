"""Server processes: started as an unprivileged user, known by pid and start time, ended surely.

A pid alone names nothing: after a crash and a reboot another program has it. The kernel's start
time and the boot's id make it a name that never comes back.
"""

import os
import select
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
# Fields of /proc/PID/stat after the program's name, proc(5): state is 3, starttime is 22.
_STATE, _START = 0, 19


class ProcessName(NamedTuple):
    """One process of one boot of this machine."""

    pid: int
    started: int
    """Clock ticks after boot, from /proc/PID/stat."""
    boot: str

    @classmethod
    def of(cls, pid: int) -> "ProcessName | None":
        """The process that has `pid` now; None when none runs (a zombie does not run)."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            return None
        fields = stat.rpartition(")")[2].split()
        if fields[_STATE] in {"Z", "X"}:
            return None
        boot = _BOOT_ID.read_text(encoding="ascii").strip()
        return cls(pid, int(fields[_START]), boot)

    @property
    def running(self) -> bool:
        """Whether this very process still runs."""
        return ProcessName.of(self.pid) == self

    def send(self, number: signal.Signals) -> None:
        """Send a signal; a process that is gone, or another with its pid, gets none."""
        with _PidHandle(self.pid) as handle:
            if handle.fd is not None and self.running:
                with suppress(ProcessLookupError):
                    signal.pidfd_send_signal(handle.fd, number)

    def wait(self, seconds: float) -> bool:
        """Wait until the process has ended, at most `seconds`; whether it has."""
        with _PidHandle(self.pid) as handle:
            if handle.fd is None or not self.running:
                return True
            poller = select.poll()
            poller.register(handle.fd, select.POLLIN)
            return bool(poller.poll(seconds * 1000))


class _PidHandle:
    """A pidfd (pidfd_open(2)): signals and waits that cannot hit a later owner of the pid."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.fd: int | None = None

    def __enter__(self) -> Self:
        with suppress(ProcessLookupError):
            self.fd = os.pidfd_open(self._pid)
        return self

    def __exit__(self, *_: object) -> None:
        if self.fd is not None:
            os.close(self.fd)


def processes_of(program: str, folder: Path) -> list[ProcessName]:
    """The processes that run `program` with their working directory in `folder` (resolved)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        # Others' processes show neither, and any process may end while we look.
        with suppress(OSError):
            runs = (entry / "exe").readlink().name.removesuffix(" (deleted)")
            if runs == program and (entry / "cwd").readlink().is_relative_to(folder):
                found.append(ProcessName.of(int(entry.name)))
    return [process for process in found if process is not None]


def wait_for_any(processes: list[ProcessName]) -> None:
    """Wait until one of `processes` has ended; Ctrl-C ends the wait."""
    with ExitStack() as handles:
        poller = select.poll()
        for process in processes:
            handle = handles.enter_context(_PidHandle(process.pid))
            if handle.fd is None or not process.running:
                return
            poller.register(handle.fd, select.POLLIN)
        poller.poll()


@dataclass(frozen=True)
class Launch:
    """A server to start."""

    argv: list[str]
    log: Path
    cwd: Path
    user: str | None
    """The user to become; None keeps the caller's own."""
    parent_death: signal.Signals | None
    """What it gets when the program that started it dies; None lets it live on."""


class Launcher:
    """Starts servers from one thread that lives as long as this object.

    The kernel ties "parent death" to the thread that started the process (prctl(2),
    PR_SET_PDEATHSIG). Started from a caller's short-lived thread, a server would end with it.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launcher")

    def start(self, launch: Launch) -> subprocess.Popen[bytes]:
        """Start `launch` in a session of its own, so that Ctrl-C reaches us and not it."""
        return self._thread.submit(_start, launch).result()


def as_user(user: str | None, parent_death: signal.Signals | None = None) -> list[str]:
    """What to write before a command so that it runs as `user` (setpriv, of util-linux)."""
    prefix = ["setpriv"]
    if user is not None:
        prefix += ["--reuid", user, "--regid", user, "--init-groups", "--no-new-privs"]
    if parent_death is not None:
        prefix += ["--pdeathsig", parent_death.name.removeprefix("SIG")]
    return prefix if len(prefix) > 1 else []


def _start(launch: Launch) -> subprocess.Popen[bytes]:
    with launch.log.open("ab") as log:
        return subprocess.Popen(
            [*as_user(launch.user, launch.parent_death), *launch.argv],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=launch.cwd,
            start_new_session=True,
        )


class Deadline:
    """A moment by which something must have happened."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - time.monotonic())
