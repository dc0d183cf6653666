"""How many bytes a sighting takes, place by place, and what a purge costs: `make bench-storage`.

100,000 sightings of two days, with pictures of about 2 KB and five attributes, through the real
writer into a private PostgreSQL, the crop store, and the index that is the default. Then one day is
dropped, and of the other the cameras of one group are kept. JSON goes to standard output.
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
from sqlalchemy import Engine, text

from central.compose import open_index
from central.crops.store import CropStore
from central.db.engine import make_engine
from central.db.migrate import migrate
from central.index.follower import IndexFollower
from central.ingest.reading import read
from central.ingest.received import Received
from central.ingest.writer import BatchWriter
from central.retention.compose import stores_of
from central.retention.purge import Purger
from central.retention.report import Purge
from central.settings import CentralSettings
from deploy.local.stack import LocalStack
from shared.clock import MS_PER_DAY, ManualClock
from shared.logs import configure_logs
from shared.messages import Attribute, Crop
from shared.pictures import encode_webp
from tests.central.keeping import NOON_MS, received
from tests.factories import MORNING_MS, dimensions, make_sighting

BOXES = 675
SIGHTINGS = 100_000
BATCH = 256
KEPT_CAMERAS = 135
_PICTURES = 64
_ATTRIBUTES = ("upper_colour", "lower_colour", "backpack", "hat", "sleeves")
_SIZES = text(
    "SELECT sum(pg_relation_size(c.oid)) AS heap, sum(pg_indexes_size(c.oid)) AS indexes, "
    "sum(coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0)) AS toast "
    "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = 'sightings'::regclass"
)


def make_pictures(rng: np.random.Generator) -> list[Crop]:
    """Pictures of 128 x 256 that WebP brings to about 2 KB, as it does those of people."""
    pictures = []
    for _ in range(_PICTURES):
        small = rng.integers(0, 255, (12, 6, 3), dtype=np.uint8)
        large = cv2.resize(small, (128, 256), interpolation=cv2.INTER_NEAREST)
        pictures.append(Crop(width=128, height=256, data=encode_webp(large.astype(np.uint8))))
    return pictures


def make_messages() -> Iterator[Received]:
    """Final revisions of people: the first half of yesterday, the second of today."""
    rng = np.random.default_rng(1)
    pictures = make_pictures(rng)
    said = {name: Attribute(value="red", confidence=0.5) for name in _ATTRIBUTES}
    for number in range(SIGHTINGS):
        box, day = number % BOXES, MORNING_MS - MS_PER_DAY * (number < SIGHTINGS // 2)
        sighting = make_sighting(
            rng,
            camera=f"cam-{box}-{number // BOXES % 4}",
            first_seen_ms=day + int(rng.integers(MS_PER_DAY)),
            crop=pictures[number % _PICTURES],
            attributes=said,
        )
        epoch, seq = UUID(int=box + 1), number // BOXES + 1
        yield received(sighting, seq, box=f"box-{box}", epoch=epoch)


def fill(writer: BatchWriter) -> float:
    """Write all messages; gives the seconds that writing took."""
    seconds, batch = 0.0, []
    for number, message in enumerate(make_messages(), start=1):
        batch.append(read(message, dimensions))
        if len(batch) == BATCH or number == SIGHTINGS:
            begun = time.perf_counter()
            writer.write(batch)
            seconds += time.perf_counter() - begun
            batch = []
        if number % 20_000 == 0:
            sys.stderr.write(f"{number} sightings\n")
    return seconds


def folder_bytes(folder: Path) -> int:
    """What the files below `folder` take of the disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def wal(engine: Engine) -> int:
    """Bytes of write-ahead log so far."""
    with engine.connect() as connection:
        query = text("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
        return int(connection.execute(query).scalar_one())


def weigh(engine: Engine) -> float:
    """Mean bytes of a picture as it came."""
    with engine.connect() as connection:
        query = text("SELECT avg(crop_bytes)::float8 FROM sightings")
        return float(connection.execute(query).scalar_one())


def measure(home: Path, url: str) -> dict[str, float]:
    """Fill, weigh, purge."""
    engine, clock = make_engine(url), ManualClock(NOON_MS)
    settings = CentralSettings(database_url=url, data_dir=home / "data")
    crops, index = CropStore(settings.crops_dir, clock), open_index(settings)
    before = wal(engine)
    seconds = fill(BatchWriter(engine, crops, clock))
    logged = wal(engine) - before
    follower = IndexFollower(engine, index)
    begun = time.perf_counter()
    while follower.step():
        pass
    indexed = time.perf_counter() - begun
    with engine.connect() as connection:
        sizes = connection.execute(_SIZES).one()
    crops.close()
    index.flush()
    each = {
        "heap_bytes": sizes.heap,
        "index_bytes": sizes.indexes,
        "toast_bytes": sizes.toast,
        "crop_bytes": folder_bytes(settings.crops_dir),
        "vector_bytes": folder_bytes(settings.index_dir),
        "wal_bytes": logged,
    }
    figures: dict[str, float] = {"sightings": SIGHTINGS}
    figures["picture_bytes"] = round(weigh(engine), 1)
    figures |= {name: round(float(value) / SIGHTINGS, 1) for name, value in each.items()}
    figures["written_per_s"] = round(SIGHTINGS / seconds)
    figures["indexed_per_s"] = round(SIGHTINGS / indexed)
    stores = stores_of(settings, engine, crops, index)
    # With a true stopwatch, and the made-up calendar.
    figures |= purges(engine, clock, lambda: Purger(stores, clock, 30, lambda _: None).run())
    index.close()
    crops.close()
    engine.dispose()
    return figures


def purges(engine: Engine, clock: ManualClock, run: Callable[[], Purge]) -> dict[str, float]:
    """What dropping a day costs, and then keeping a group's cameras of another."""
    kept = [f"cam-{box}-{channel}" for box in range(KEPT_CAMERAS // 4) for channel in range(4)]
    clock.set_wall(NOON_MS + 30 * MS_PER_DAY)
    dropped, drop_s = timed(run)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO camera_groups VALUES ('kept', 60)"))
        connection.execute(
            text("INSERT INTO camera_group_members SELECT 'kept', unnest(CAST(:kept AS text[]))"),
            {"kept": kept},
        )
    clock.set_wall(NOON_MS + 31 * MS_PER_DAY)
    thinned, thin_s = timed(run)
    if not (dropped.ok and thinned.ok):
        raise SystemExit(f"a purge proved nothing: {dropped} {thinned}")
    return {
        "day_of_sightings": dropped.parts[0].removed["rows"],
        "drop_day_s": round(drop_s, 2),
        "thinned_sightings": thinned.parts[0].removed["rows"],
        "thinned_per_s": round(thinned.parts[0].removed["rows"] / thin_s),
    }


def timed(run: Callable[[], Purge]) -> tuple[Purge, float]:
    """What `run` reports, and its seconds."""
    begun = time.perf_counter()
    done = run()
    return done, time.perf_counter() - begun


def main() -> None:
    """Measure and print."""
    configure_logs(json=False, level="warning")
    home = Path(tempfile.mkdtemp())
    # The servers run as other users, who must be able to enter.
    home.chmod(0o755)
    with LocalStack(home / "stack") as stack:
        url = stack.database.create("bench")
        migrate(url)
        figures = measure(home, url)
    shutil.rmtree(home)
    json.dump(figures, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
