"""Keeping the outbox below its disk cap: what is given up, and in which order."""

import sqlite3
from typing import NamedTuple

from edge_agent.outbox import crops, gaps
from edge_agent.outbox.rows import used
from shared.topics import Lane

# After pictures that wait, those that were asked for; a report of what was evicted is never
# evicted itself.
_ORDER = (Lane.CROP, Lane.SIGHTING, Lane.ALERT)
_AT_ONCE = 16


class GivenUp(NamedTuple):
    """How much was given up."""

    rows: int = 0
    crops: int = 0


def make_room(db: sqlite3.Connection, size: int, max_bytes: int) -> GivenUp:
    """Give up the oldest until `size` bytes more fit below `max_bytes`, or nothing is left."""
    page = int(db.execute("PRAGMA page_size").fetchone()[0])
    given_up = GivenUp()
    while used(db) + size + 2 * page > max_bytes:
        more = _evict(db)
        if more == GivenUp():
            break
        given_up = GivenUp(given_up.rows + more.rows, given_up.crops + more.crops)
    return given_up


def _evict(db: sqlite3.Connection) -> GivenUp:
    if pictures := crops.evict(db, _AT_ONCE):
        return GivenUp(crops=pictures)
    for lane in _ORDER:
        found = db.execute(
            "SELECT seq FROM rows WHERE lane = ? ORDER BY seq LIMIT ?", (lane.value, _AT_ONCE)
        ).fetchall()
        if found:
            gaps.add(db, [seq for (seq,) in found])
            db.executemany("DELETE FROM rows WHERE seq = ?", found)
            return GivenUp(rows=len(found))
    return GivenUp()
