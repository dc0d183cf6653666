"""The outbox's SQLite file: schema, durability, and what happens when it is damaged."""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO
from uuid import UUID

import structlog

from shared.clock import Clock
from shared.errors import StorageError

FILE_NAME = "outbox.sqlite3"
LOCK_NAME = "outbox.lock"
# The database and the companions that SQLite keeps beside it.
_SUFFIXES = ("", "-wal", "-shm")
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY_CODE = 0xFF  # the low byte of an extended result code

# AUTOINCREMENT: a sequence number is never used again, also after its row is deleted.
_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE rows (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    lane TEXT NOT NULL,
    payload BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    created INTEGER NOT NULL
);
CREATE INDEX rows_by_lane ON rows (lane, seq);
CREATE TABLE gaps (
    first INTEGER PRIMARY KEY,
    last INTEGER NOT NULL CHECK (last >= first),
    report INTEGER
);
CREATE INDEX gaps_by_last ON gaps (last);
INSERT INTO meta VALUES ('evicted', 0)
"""
_CROPS = """
CREATE TABLE crops (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL UNIQUE,
    payload BLOB NOT NULL
);
CREATE TABLE gone (key BLOB PRIMARY KEY) WITHOUT ROWID;
INSERT INTO meta VALUES ('crops_evicted', 0)
"""
# Each step brings a file of the schema before it to the next.
_SCHEMAS = (_FIRST, _CROPS)
SCHEMA_VERSION = len(_SCHEMAS)

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class OutboxDamaged(StorageError):  # noqa: N818 - reads as the statement it is
    """The database file is not one, or its pages contradict each other."""


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about `path` into ours.

    Raises:
        OutboxDamaged: the file is corrupt.
        StorageError: anything else: disk full, no permission, I/O error.
    """
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _DAMAGED:
            raise OutboxDamaged(f"{path}: damaged: {error}") from error
        raise StorageError(
            f"{path}: {error}; check the disk's free space and the folder's owner"
        ) from error


def lock(folder: Path) -> TextIO:
    """Hold `folder` for this process; the lock ends with the file object or the process.

    Raises:
        StorageError: another agent holds it, or the folder cannot be written.
    """
    path = folder / LOCK_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = path.open("a", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path}: {error}; give the agent a folder it may write") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        raise StorageError(
            f"{folder}: another agent runs on this folder; stop it, or give each box its own "
            "[box] data_dir"
        ) from error
    return held


def open_file(path: Path, new_epoch: Callable[[], UUID]) -> sqlite3.Connection:
    """The outbox at `path`, made when it is not there. Commits are on disk when they return.

    Raises:
        OutboxDamaged: the file is corrupt.
        StorageError: it cannot be opened, or is of a newer schema.
    """
    with translated(path):
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            _prepare(db, path, new_epoch)
        except BaseException:
            db.close()
            raise
    _sync_folder(path.parent)
    return db


def set_aside(path: Path, clock: Clock) -> Path:
    """Move a damaged outbox out of the way, kept for whoever can read it; give its new path.

    Raises:
        StorageError: it cannot be renamed.
    """
    kept = path.with_name(f"{path.stem}-damaged-{clock.now_ms()}{path.suffix}")
    try:
        for suffix in _SUFFIXES:
            companion = path.with_name(path.name + suffix)
            if companion.exists():
                companion.rename(kept.with_name(kept.name + suffix))
    except OSError as error:
        raise StorageError(f"{path}: damaged, and cannot be set aside: {error}") from error
    log.error(
        "the outbox file is damaged: set aside, a new one begins; rows in it were not all sent",
        kept=str(kept),
    )
    return kept


def _prepare(db: sqlite3.Connection, path: Path, new_epoch: Callable[[], UUID]) -> None:
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    with closing(db.execute("PRAGMA quick_check(1)")) as found:
        if (said := str(found.fetchone()[0])) != "ok":
            raise OutboxDamaged(f"{path}: damaged: {said}")
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise StorageError(
            f"{path}: outbox schema {version}, this program knows {SCHEMA_VERSION}: "
            "update Dongseon on this box"
        )
    if version < SCHEMA_VERSION:
        _bring_up(db, version, new_epoch)


def _bring_up(db: sqlite3.Connection, version: int, new_epoch: Callable[[], UUID]) -> None:
    """From schema `version` to the newest, in one transaction; 0 is an empty file."""
    db.execute("BEGIN IMMEDIATE")
    for schema in _SCHEMAS[version:]:
        for statement in schema.split(";"):
            db.execute(statement)
    if version == 0:
        db.execute("INSERT INTO meta VALUES ('epoch', ?)", (new_epoch().hex,))
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    db.execute("COMMIT")


def _sync_folder(folder: Path) -> None:
    # A new file's name is durable only once its folder is.
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
