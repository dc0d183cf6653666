"""Rows that were given up at the disk cap, as ranges, until the centre knows of them.

A range is deleted when the telemetry row that reports it is acknowledged.
"""

import sqlite3
from collections.abc import Sequence

from shared.messages import Gap

MAX_REPORTED = 256


def add(db: sqlite3.Connection, seqs: Sequence[int]) -> None:
    """Note `seqs` as evicted; neighbours grow into one range unless already reported."""
    for seq in seqs:
        grown = db.execute(
            "UPDATE gaps SET last = ? WHERE last = ? AND report IS NULL", (seq, seq - 1)
        )
        if grown.rowcount == 0:
            db.execute("INSERT INTO gaps (first, last) VALUES (?, ?)", (seq, seq))
    _count(db, len(seqs))


def take_back(db: sqlite3.Connection, seq: int) -> None:
    """The centre has `seq` after all: it was on its way when it was evicted."""
    found = db.execute(
        "SELECT first, last, report FROM gaps WHERE last >= ? ORDER BY last LIMIT 1", (seq,)
    ).fetchone()
    if found is None or found[0] > seq:
        return
    first, last, report = found
    db.execute("DELETE FROM gaps WHERE first = ?", (first,))
    for begin, end in ((first, seq - 1), (seq + 1, last)):
        if begin <= end:
            db.execute("INSERT INTO gaps VALUES (?, ?, ?)", (begin, end, report))
    _count(db, -1)


def every(db: sqlite3.Connection) -> list[Gap]:
    """All ranges the centre has not confirmed, oldest first."""
    return [
        Gap(first=first, last=last)
        for first, last in db.execute("SELECT first, last FROM gaps ORDER BY first")
    ]


def unreported(db: sqlite3.Connection) -> list[Gap]:
    """Ranges for the next report; none while a report is on its way."""
    if db.execute("SELECT 1 FROM gaps WHERE report IS NOT NULL").fetchone():
        return []
    return every(db)[:MAX_REPORTED]


def mark(db: sqlite3.Connection, gaps: Sequence[Gap], report: int) -> None:
    """Row `report` carries `gaps`."""
    db.executemany("UPDATE gaps SET report = ? WHERE first = ?", [(report, g.first) for g in gaps])


def confirm(db: sqlite3.Connection, report: int) -> None:
    """The centre has row `report`, and with it the ranges it carried."""
    db.execute("DELETE FROM gaps WHERE report = ?", (report,))


def evicted(db: sqlite3.Connection) -> int:
    """Rows evicted in this epoch that the centre never had."""
    return int(db.execute("SELECT value FROM meta WHERE key = 'evicted'").fetchone()[0])


def _count(db: sqlite3.Connection, change: int) -> None:
    db.execute("UPDATE meta SET value = value + ? WHERE key = 'evicted'", (change,))
