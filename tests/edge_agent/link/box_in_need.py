"""A supervisor with three tasks and little memory: one asks for more than there is.

Run as a program: it prints a JSON line when the greedy task has failed twice and the others have
gone on.
"""

import json
import random
import resource
import sys
from pathlib import Path
from threading import Event

from edge_agent.supervisor import Patience, Supervisor, Task
from shared.clock import SystemClock

ROOM_BYTES = 256 * 1024 * 1024


def main() -> None:
    """Run the tasks until the greedy one has failed twice."""
    stop, begun, failures, turns = Event(), Event(), list[str](), [0, 0]
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    used = int(pages) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM_BYTES, used + ROOM_BYTES))

    def greedy(_: Event) -> None:
        # A thread that is being made needs more than is left then.
        begun.wait()
        held = []
        while True:
            # So much at once that the others find what little they need.
            held.append(bytearray(60 * 1024 * 1024))

    def modest(which: int) -> None:
        while not stop.wait(0.01):
            turns[which] += 1
            if len(failures) >= 2 and turns[which] >= 20:
                return

    kept = Supervisor(stop, SystemClock(), random.Random(1), Patience(0.05, 0.05))  # noqa: S311
    kept.start(Task("greedy", greedy, True, failures.append))
    kept.start(Task("gate", lambda _: modest(0), endless=False))
    kept.start(Task("door", lambda _: modest(1), endless=False))
    begun.set()
    while len(failures) < 2 or kept.failed or min(turns) < 20:
        kept.revive()
        stop.wait(0.05)
    stop.set()
    busy = kept.join(10)
    sys.stdout.write(json.dumps({"failures": failures, "turns": turns, "busy": busy}) + "\n")


if __name__ == "__main__":
    main()
