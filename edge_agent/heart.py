"""Who notices that the agent hangs, and ends it: systemd or whoever starts it begins it anew.

Native code that hangs cannot be stopped from within, so the process ends, at once and without
clean-up: the outbox is on disk and loses nothing. Three watches, each for what the one before
cannot see: the agent's main loop looks at the engine's workers; a timer of the interpreter's own,
which needs no interpreter lock, ends a process whose main loop stands still; and systemd, told by
`sd_notify`, ends one that is not scheduled at all.
"""

import faulthandler
import os
import socket
from collections.abc import Mapping
from typing import Protocol

import structlog

from edge_agent.engine import Hang

EXIT_HUNG = 75
"""The exit code (EX_TEMPFAIL of sysexits.h) of an agent whose inference hung."""

_STANDSTILL_S = 30.0
_STANDARD_ERROR = 2

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Heart(Protocol):
    """Is told how the agent's main loop goes."""

    def ready(self) -> None:
        """Models are loaded and the channels begin."""

    def beat(self) -> None:
        """The main loop went round once more."""

    def hung(self, hang: Hang) -> None:
        """A worker of the engine has been at one thing for too long."""

    def stopping(self) -> None:
        """The agent ends, which may take its time."""


class NoHeart:
    """Nobody watches: for agents inside other programs."""

    def ready(self) -> None:
        """See `Heart`."""

    def beat(self) -> None:
        """See `Heart`."""

    def hung(self, hang: Hang) -> None:
        """See `Heart`."""

    def stopping(self) -> None:
        """See `Heart`."""


class ProcessHeart:
    """The agent as a process of its own.

    Args:
        environ: where systemd says whom to tell (`NOTIFY_SOCKET`).
        standstill_s: how long the main loop may stand still.
    """

    def __init__(
        self, environ: Mapping[str, str] = os.environ, standstill_s: float = _STANDSTILL_S
    ) -> None:
        self._address = environ.get("NOTIFY_SOCKET")
        self._standstill_s = standstill_s

    def ready(self) -> None:
        """See `Heart`."""
        self._tell("READY=1")

    def beat(self) -> None:
        """See `Heart`."""
        # Each call takes the place of the last; the traces of all threads go to standard error.
        faulthandler.dump_traceback_later(self._standstill_s, exit=True, file=_STANDARD_ERROR)
        self._tell("WATCHDOG=1")

    def hung(self, hang: Hang) -> None:
        """See `Heart`: ends the process."""
        log.critical(
            "inference hangs: the agent ends, to be started anew; the outbox keeps everything",
            worker=hang.worker,
            doing=hang.doing,
            seconds=round(hang.seconds, 1),
            exit_code=EXIT_HUNG,
        )
        faulthandler.dump_traceback(file=_STANDARD_ERROR)
        os._exit(EXIT_HUNG)

    def stopping(self) -> None:
        """See `Heart`."""
        faulthandler.cancel_dump_traceback_later()
        self._tell("STOPPING=1")

    def _tell(self, word: str) -> None:
        """sd_notify(3): a datagram to systemd's socket, whose name may be abstract (`@`)."""
        if not self._address:
            return
        address = self._address.replace("@", "\0", 1)
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
                systemd.sendto(word.encode(), address)
        except OSError as error:
            log.warning("systemd cannot be told", word=word, error=str(error))
