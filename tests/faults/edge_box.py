"""A small box for a test to kill: keeps sightings and delivers them, nothing else.

`python -m tests.faults.edge_box FOLDER HOST PORT BOX`, see `lives.py`. The line says how
many sightings a life keeps at most. It notes the id of each in FOLDER/notes once it is kept, and
ends when the centre has everything. Every other sighting goes ahead of its picture.
"""

import random
import sys
from pathlib import Path
from threading import Event, Thread

import numpy as np

from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox
from edge_agent.posting import Posting
from edge_agent.uplink import Identity, Uplink
from shared.clock import SystemClock
from shared.logs import configure_logs
from shared.messages import encode
from shared.topics import Lane
from tests.edge_agent.link.uplinks import telemetry_of
from tests.factories import make_sighting
from tests.faults.lives import serve

NOTES = "notes"
_CAP = 64 * 1024 * 1024
# Far below the cap: what is evicted is not lost, but no proof either.
_MOST_ROWS = 100


def live(folder: Path, host: str, port: int, box: str, most: int) -> None:
    """One life of the box."""
    clock = SystemClock()
    with Outbox(folder, _CAP, clock) as outbox:
        settings = UplinkSettings(host=host, port=port, ack_silence_s=1.0, reconnect_max_s=1.0)
        identity = Identity(box=box, started_ms=clock.now_ms(), software="test box")
        uplink = Uplink(identity, settings, outbox, clock, random.Random(), telemetry_of(outbox))  # noqa: S311
        thread = Thread(target=uplink.run)
        thread.start()
        _append(outbox, folder / NOTES, f"{box}-cam", most)
        pause = Event()
        while outbox.count().rows or outbox.holds_crops:
            pause.wait(0.02)
        uplink.stop()
        thread.join()
        uplink.close()


def _append(outbox: Outbox, notes: Path, camera: str, most: int) -> None:
    rng, pause = np.random.default_rng(), Event()
    ways = [Posting(outbox, crops_later=later) for later in (False, True)]
    with notes.open("ab", buffering=0) as file:
        for number in range(most):
            sighting = make_sighting(rng, camera=camera)
            ways[number % 2].keep(Lane.SIGHTING, encode(sighting))
            # One write: a kill leaves the whole line or none of it.
            file.write(f"{sighting.id}\n".encode())
            while outbox.count().rows > _MOST_ROWS:
                pause.wait(0.02)


def main() -> None:
    """Live as often as the test says."""
    folder, host, port, box = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    # Reads the catalogue once for all lives.
    make_sighting(np.random.default_rng())
    serve(lambda line: live(folder, host, port, box, int(line)))


if __name__ == "__main__":
    configure_logs(json=True)
    main()
