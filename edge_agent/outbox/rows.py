"""What is read out of an outbox."""

import sqlite3
from typing import NamedTuple

from shared.outbox_id import OutboxId
from shared.topics import Lane


class Row(NamedTuple):
    """One message waiting for the centre. `created_ms`: UTC milliseconds by the box's clock."""

    id: OutboxId
    lane: Lane
    payload: bytes
    created_ms: int


class OutboxCount(NamedTuple):
    """How full the outbox is, and what it could not keep.

    `bytes` is what it occupies on disk; `evicted` rows went at the cap in this epoch; `failed`
    appends were refused by the disk since the agent started; `crops` pictures wait to be let go,
    `crops_evicted` went at the cap in this epoch.
    """

    rows: int
    bytes: int
    evicted: int
    failed: int
    crops: int = 0
    crops_evicted: int = 0


def used(db: sqlite3.Connection) -> int:
    """Bytes in use; pages freed by deleted rows are used again before the file grows."""
    pages, free, size = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
