"""A line between two programs of a test that can be cut and mended."""

import socket
import struct
import threading
from contextlib import suppress
from typing import Self

from tests.waiting import LONG_S

_CHUNK = 4096


class BreakingLine:
    """Hands on what comes to `port` to `target` of this machine, and back, until it is cut.

    `sent` counts bytes handed on towards the target.
    """

    def __init__(self, target: int) -> None:
        self.sent = 0
        self._target = target
        self._cut_at: int | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._cut = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        # Ends the accept that waits in another thread, which closing does not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._break()
        for thread in self._threads:
            thread.join(LONG_S)

    def cut_after(self, count: int) -> None:
        """Cut the line once `count` more bytes have gone towards the target; then it stays cut."""
        with self._lock:
            self._cut_at = self.sent + count

    def wait_cut(self, seconds: float = LONG_S) -> None:
        """Wait until the line is cut; fails the test after `seconds`."""
        assert self._cut.wait(seconds), f"{self.sent} bytes in {seconds} s, too few to be cut"

    def mend(self) -> None:
        """Let connections through again."""
        with self._lock:
            self._cut_at = None
        self._cut.clear()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._cut.is_set():
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._target))
            self._open |= {near, far}
            for source, sink, counts in ((near, far, True), (far, near, False)):
                thread = threading.Thread(target=self._carry, args=(source, sink, counts))
                self._threads.append(thread)
                thread.start()

    def _carry(self, source: socket.socket, sink: socket.socket, counts: bool) -> None:  # noqa: FBT001
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if counts and not self._count(len(data)):
                    self._break()
                    return
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _count(self, size: int) -> bool:
        with self._lock:
            if self._cut_at is not None and self.sent + size > self._cut_at:
                self._cut.set()
                return False
            self.sent += size
            return True

    def _break(self) -> None:
        """Reset every connection, as a line does that has gone for too long."""
        while self._open:
            end = self._open.pop()
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            end.close()
