"""Waiting for what happens in another process, which no event of ours can tell."""

import time
from collections.abc import Callable

LONG_S = 120.0
"""What comes in a moment may take this long on a machine that has much else to do.

Nobody waits longer than needed: it is over as soon as what is waited for is there, and the whole
of it passes only where something is broken.
"""


def wait_until(condition: Callable[[], bool], seconds: float = LONG_S) -> None:
    """Return when `condition` holds; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)
