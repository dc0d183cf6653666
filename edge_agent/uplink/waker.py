"""A wait on the network that other threads can end."""

import select
import socket


class Waker:
    """Ends a wait of the network thread from any other thread."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def wake(self) -> None:
        """End the present wait, or the next."""
        try:
            self._writer.send(b"!")
        except BlockingIOError:
            return  # it is full of wakes already

    def wait(self, seconds: float) -> None:
        """Wait until woken, `seconds` at most."""
        if select.select([self._reader], [], [], seconds)[0]:
            self.rest()

    def rest(self) -> None:
        """Forget the wakes so far."""
        try:
            self._reader.recv(65_536)
        except BlockingIOError:
            return

    def fileno(self) -> int:
        """For `select`."""
        return self._reader.fileno()

    def close(self) -> None:
        """Let go of the sockets."""
        self._reader.close()
        self._writer.close()
