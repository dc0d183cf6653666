"""A small box for a test to kill: appends rows and delivers them, nothing else.

`python -m tests.faults.edge_box FOLDER HOST PORT BOX` has everything imported and waits. For each
line LAST on standard input it begins a life of the box: a forked process that appends rows up to
sequence number LAST, notes each with its content in FOLDER/notes once `append` has returned, and
ends when the centre has all of them. It prints the life's process id, and at its end how it ended.
"""

import os
import random
import sys
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox
from edge_agent.uplink import Identity, Uplink
from shared.clock import SystemClock
from shared.logs import configure_logs
from shared.topics import Lane
from tests.edge_agent.link.uplinks import telemetry_of

NOTES = "notes"
_PAYLOAD = 2500


def live(folder: Path, host: str, port: int, box: str, last: int) -> None:
    """One life of the box."""
    clock = SystemClock()
    with Outbox(folder, 64 * 1024 * 1024, clock) as outbox:
        settings = UplinkSettings(host=host, port=port, ack_silence_s=1.0, reconnect_max_s=1.0)
        identity = Identity(box=box, started_ms=clock.now_ms(), software="test box")
        uplink = Uplink(identity, settings, outbox, clock, random.Random(), telemetry_of(outbox))  # noqa: S311
        thread = Thread(target=uplink.run)
        thread.start()
        _append(outbox, folder / NOTES, last)
        pause = Event()
        while outbox.count().rows:
            pause.wait(0.02)
        uplink.stop()
        thread.join()
        uplink.close()


def _append(outbox: Outbox, notes: Path, last: int) -> None:
    with notes.open("ab", buffering=0) as file:
        while True:
            content = uuid4().hex
            row = outbox.append(Lane.SIGHTING, content.encode().ljust(_PAYLOAD))
            # One write: a kill leaves the whole line or none of it.
            file.write(f"{row} {content}\n".encode())
            if row.seq >= last:
                return


def main() -> None:
    """Begin a life for each line of standard input."""
    folder, host, port, box = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    for line in sys.stdin:
        life = os.fork()
        if life == 0:
            live(folder, host, port, box, int(line))
            os._exit(0)
        sys.stdout.write(f"{life}\n")
        sys.stdout.flush()
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(life, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    configure_logs(json=True)
    main()
