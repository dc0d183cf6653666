"""What is read out of an outbox."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from shared.outbox_id import OutboxId
from shared.topics import Lane

NO_END = 1 << 62
"""One past every sequence number."""


class Span(NamedTuple):
    """The rows of one lane with sequence numbers from `first` to before `end`."""

    lane: Lane
    first: int = 0
    end: int = NO_END


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


def rows_in(
    db: sqlite3.Connection, epoch: UUID, span: Span, passed: Sequence[int], limit: int
) -> list[Row]:
    """The first `limit` rows of `span`, but for those in `passed`."""
    marks = ",".join("?" * len(passed))
    query = (
        "SELECT seq, lane, payload, created FROM rows WHERE lane = ? AND seq >= ? AND seq < ? "  # noqa: S608
        f"AND seq NOT IN ({marks}) ORDER BY seq LIMIT ?"
    )
    found = db.execute(query, (span.lane.value, span.first, span.end, *passed, limit))
    return [
        Row(OutboxId(epoch, seq), Lane(lane), payload, created)
        for seq, lane, payload, created in found
    ]


def used(db: sqlite3.Connection) -> int:
    """Bytes in use; pages freed by deleted rows are used again before the file grows."""
    pages, free, size = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
