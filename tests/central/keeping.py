"""Ingest without a broker: messages in, the whole state out."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
from sqlalchemy import Engine, text

from central.crops.store import CropStore
from central.index.port import IndexQuery, VectorIndex
from central.ingest.reading import read
from central.ingest.received import Delivery, Received
from central.ingest.writer import BatchWriter, Verdict
from shared.clock import ManualClock
from shared.messages import Message, encode
from shared.outbox_id import OutboxId
from shared.topics import Lane
from tests.factories import MORNING_MS, SPACE, dimensions, unit_vector

NOON_MS = MORNING_MS + 12 * 3_600_000
EPOCH = UUID("00000000-0000-4000-8000-000000000001")
OTHER_EPOCH = UUID("00000000-0000-4000-8000-000000000002")


@dataclass
class Keeping:
    """A writer with its stores, and shorthand for what a test sends through it."""

    engine: Engine
    crops: CropStore
    clock: ManualClock
    writer: BatchWriter = field(init=False)

    def __post_init__(self) -> None:
        self.writer = BatchWriter(self.engine, self.crops, self.clock)

    def send(self, *messages: Received) -> list[Verdict]:
        """Commit `messages` as one batch."""
        return self.writer.write([read(message, dimensions) for message in messages])

    def rows(self, query: str, **values: object) -> list[tuple[object, ...]]:
        """What `query` finds."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def count(self, table: str) -> int:
        """How many rows `table` has."""
        (found,) = self.rows(f"SELECT count(*) FROM {table}")[0]  # noqa: S608 - a test's word
        return int(str(found))


def open_keeping(engine: Engine, root: Path) -> Keeping:
    """A writer on `engine` with crops below `root`, at noon of the factories' day."""
    clock = ManualClock(NOON_MS)
    return Keeping(engine, CropStore(root / "crops", clock), clock)


def received(
    message: Message | bytes,
    seq: int | None,
    *,
    box: str = "box-1",
    epoch: UUID = EPOCH,
    lane: Lane = Lane.SIGHTING,
    retained: bool = False,
) -> Received:
    """`message` as the consumer hands it over; no outbox row when `seq` is None."""
    return Received(
        box=box,
        lane=lane,
        payload=message if isinstance(message, bytes) else encode(message),
        outbox=None if seq is None else OutboxId(epoch, seq),
        received_ms=NOON_MS,
        delivery=Delivery(0, 0, 1),
        retained=retained,
    )


_STATE = (
    # Everything but what a second run cannot repeat: transaction numbers, times of arrival.
    "SELECT to_jsonb(s) - 'change_xid' - 'received_at' AS row FROM sightings s ORDER BY day, id",
    "SELECT to_jsonb(c) - 'created_at' - 'updated_at' FROM cameras c ORDER BY id",
    "SELECT to_jsonb(l) FROM outbox_ledger l ORDER BY box, epoch",
    "SELECT to_jsonb(q) - 'id' - 'received_at' FROM quarantine q ORDER BY box, epoch, seq, reason",
)


def digest(keeping: Keeping, index: VectorIndex | None = None) -> str:
    """One number for the whole logical state: tables, crops, and the index if given."""
    total = hashlib.sha256()
    for query in _STATE:
        for (row,) in keeping.rows(query):
            total.update(repr(row).encode())
    for day, identifier in keeping.rows("SELECT day, id FROM sightings ORDER BY day, id"):
        crop = keeping.crops.get(day, identifier)  # type: ignore[arg-type]
        total.update(crop or b"none")
    if index is not None:
        total.update(repr(index_state(index)).encode())
    return total.hexdigest()


def index_state(index: VectorIndex) -> list[object]:
    """Every point's id and its cosine with a fixed direction, and the parts' sizes."""
    vector = unit_vector(np.random.default_rng(0))
    hits = index.search(IndexQuery(SPACE, vector, limit=100_000))
    parts = [(day, index.count(day)) for day in index.days()]
    return [parts, sorted((h.id, h.day, round(h.score, 5)) for h in hits)]


def utc(ms: int) -> datetime:
    """`ms` as the database gives it back."""
    return datetime.fromtimestamp(ms / 1000, tz=UTC)
