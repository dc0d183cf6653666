"""How many sightings a second one ingest keeps, durably: `make bench-ingest`.

Real messages of 64 boxes, decoded, checked and committed to a private PostgreSQL in batches as
they come from the broker under load; crops on disk. JSON goes to standard output.
"""

import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from uuid import UUID

import numpy as np

from central.crops.store import CropStore
from central.db.engine import make_engine
from central.db.migrate import migrate
from central.ingest.reading import read
from central.ingest.received import Received
from central.ingest.writer import BatchWriter
from deploy.local.stack import LocalStack
from shared.clock import ManualClock
from tests.central.keeping import NOON_MS, received
from tests.factories import dimensions, make_crop, make_sighting

BOXES = 64
SIGHTINGS = 20_000
BATCH = 256


def make_messages() -> list[Received]:
    """Final revisions of people on 64 boxes with four cameras each, 128 x 256 crops."""
    rng = np.random.default_rng(1)
    messages = []
    for number in range(SIGHTINGS):
        box = number % BOXES
        camera = f"cam-{box}-{number // BOXES % 4}"
        sighting = make_sighting(rng, camera=camera, crop=make_crop(rng, 128, 256))
        epoch, seq = UUID(int=box + 1), number // BOXES + 1
        messages.append(received(sighting, seq, box=f"box-{box}", epoch=epoch))
    return messages


def measure(writer: BatchWriter, messages: list[Received]) -> dict[str, float]:
    """Read and write all of `messages`, batch by batch, on one thread."""
    reads, commits = [], []
    cpu = time.process_time()
    for start in range(0, len(messages), BATCH):
        begun = time.perf_counter()
        readings = [read(message, dimensions) for message in messages[start : start + BATCH]]
        decoded = time.perf_counter()
        verdicts = writer.write(readings)
        commits.append(time.perf_counter() - decoded)
        reads.append(decoded - begun)
        if any(verdict.refusal or verdict.duplicate for verdict in verdicts):
            raise SystemExit("the benchmark's own messages were refused")
    cpu = time.process_time() - cpu
    total = sum(reads) + sum(commits)
    return {
        "sightings": len(messages),
        "sightings_per_s": round(len(messages) / total),
        "message_bytes": round(statistics.mean(len(m.payload) for m in messages)),
        "ingest_cpu_ms_each": round(1000 * cpu / len(messages), 3),
        "read_ms_each": round(1000 * sum(reads) / len(messages), 3),
        "write_ms_each": round(1000 * sum(commits) / len(messages), 3),
        "commit_p50_ms": round(1000 * float(np.percentile(commits, 50)), 1),
        "commit_p99_ms": round(1000 * float(np.percentile(commits, 99)), 1),
    }


def main() -> None:
    """Measure and print."""
    messages = make_messages()
    home = tempfile.mkdtemp()
    # The servers run as other users, who must be able to enter.
    Path(home).chmod(0o755)
    with LocalStack(Path(home) / "stack") as stack:
        url = stack.database.create("bench")
        migrate(url)
        engine, clock = make_engine(url), ManualClock(NOON_MS)
        crops = CropStore(Path(home) / "crops", clock)
        figures = measure(BatchWriter(engine, crops, clock), messages)
        crops.close()
        engine.dispose()
    shutil.rmtree(home)
    json.dump(figures, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
