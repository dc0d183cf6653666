"""What another process says, a line at a time, with a limit on how long a test waits for it."""

from queue import Empty, Queue
from threading import Thread
from typing import IO

from tests.waiting import LONG_S


class Said:
    """The lines of `stream`, which is read to its end in a thread and closed."""

    def __init__(self, stream: IO[str] | None) -> None:
        assert stream is not None
        self._stream = stream
        self._lines: Queue[str | None] = Queue()
        Thread(target=self._read, daemon=True).start()

    def line(self, seconds: float = LONG_S) -> str:
        """The next line; fails after `seconds`, or if there will be none."""
        try:
            line = self._lines.get(timeout=seconds)
        except Empty:
            line = None
            why = f"it said nothing for {seconds} s"
        else:
            why = "it ended and said no more"
        assert line is not None, why
        return line

    def _read(self) -> None:
        with self._stream:
            for line in self._stream:
                self._lines.put(line.strip())
        self._lines.put(None)
