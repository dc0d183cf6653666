"""Programs for a test to kill again and again without waiting for their imports.

A program has everything imported and waits. For each line on standard input it forks a life,
prints the life's process id, and at its end how it ended.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.saying import Said

ROOT = Path(__file__).parents[2]


def serve(live: Callable[[str], None]) -> None:
    """Be such a program: `live` gets the line."""
    for line in sys.stdin:
        life = os.fork()
        if life == 0:
            live(line.strip())
            os._exit(0)
        _say(life)
        _say(os.waitstatus_to_exitcode(os.waitpid(life, 0)[1]))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


class Program:
    """Such a program, as the test sees it; `module` is run with `arguments`."""

    def __init__(self, module: str, *arguments: str) -> None:
        self._lives = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._said = Said(self._lives.stdout)
        self._life: int | None = None

    def start(self, line: str = "") -> None:
        """Begin a life."""
        assert self._lives.stdin is not None
        self._lives.stdin.write(f"{line}\n")
        self._lives.stdin.flush()
        self._life = int(self._said.line())

    def kill(self) -> None:
        """End the life as a loss of power or the kernel's memory killer does."""
        assert self._life is not None
        os.kill(self._life, signal.SIGKILL)
        assert self.end() == -signal.SIGKILL

    def end(self) -> int:
        """Wait for the life's end and give its exit code, or minus the signal that ended it."""
        self._life = None
        return int(self._said.line(300))

    def close(self) -> None:
        """End the program, and the life it may have."""
        if self._life is not None:
            os.kill(self._life, signal.SIGKILL)
        self._lives.kill()
        assert self._lives.stdin is not None
        self._lives.stdin.close()
        self._lives.wait(20)
