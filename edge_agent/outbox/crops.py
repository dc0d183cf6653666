"""Pictures that wait for the line to be idle, apart from the rows until they are let go.

A picture is no row yet: it has no sequence number, so that a newer one of the same sighting may
take its place without leaving a hole. Let go, it becomes a row like any other. At the disk cap
the oldest pictures are the first to be given up; the names of their sightings are kept until a
row tells the centre.
"""

import sqlite3
from collections.abc import Collection
from typing import NamedTuple

MAX_GONE_TOLD = 1024


class WaitingCrop(NamedTuple):
    """A picture: `key` names its sighting, `payload` is the message that brings it."""

    key: bytes
    payload: bytes


def add(db: sqlite3.Connection, crop: WaitingCrop) -> int:
    """Keep `crop`, in place of an earlier one of its sighting; how many more wait now, 0 or 1."""
    replaced = db.execute("DELETE FROM crops WHERE key = ?", (crop.key,)).rowcount
    db.execute("INSERT INTO crops (key, payload) VALUES (?, ?)", crop)
    return 1 - replaced


def evict(db: sqlite3.Connection, most: int) -> int:
    """Give up the oldest `most`; how many there were."""
    oldest = "SELECT id FROM crops ORDER BY id LIMIT ?"
    db.execute(
        f"INSERT OR IGNORE INTO gone SELECT key FROM crops WHERE id IN ({oldest})",  # noqa: S608
        (most,),
    )
    evicted = db.execute(f"DELETE FROM crops WHERE id IN ({oldest})", (most,)).rowcount  # noqa: S608
    db.execute("UPDATE meta SET value = value + ? WHERE key = 'crops_evicted'", (evicted,))
    return evicted


def take(db: sqlite3.Connection, most: int, asked: Collection[bytes]) -> list[bytes]:
    """Take out the payloads of those `asked` for; of none, those of the newest `most`."""
    chosen = "ORDER BY id DESC LIMIT ?"
    values: tuple[object, ...] = (most,)
    if asked:
        chosen, values = f"WHERE key IN ({','.join('?' * len(asked))})", tuple(asked)
    found = db.execute(f"SELECT id, payload FROM crops {chosen}", values).fetchall()  # noqa: S608
    db.executemany("DELETE FROM crops WHERE id = ?", [(number,) for number, _ in found])
    return [payload for _, payload in found]


def take_gone(db: sqlite3.Connection) -> list[bytes]:
    """Take out the names of sightings whose picture was given up, at most `MAX_GONE_TOLD`."""
    found = db.execute("SELECT key FROM gone LIMIT ?", (MAX_GONE_TOLD,)).fetchall()
    db.executemany("DELETE FROM gone WHERE key = ?", found)
    return [key for (key,) in found]


def waiting(db: sqlite3.Connection) -> int:
    """How many pictures wait."""
    return int(db.execute("SELECT count(*) FROM crops").fetchone()[0])


def untold(db: sqlite3.Connection) -> bool:
    """Whether some were given up that no row tells of yet."""
    return db.execute("SELECT 1 FROM gone LIMIT 1").fetchone() is not None


def evicted(db: sqlite3.Connection) -> int:
    """How many were given up in this epoch."""
    return int(db.execute("SELECT value FROM meta WHERE key = 'crops_evicted'").fetchone()[0])
