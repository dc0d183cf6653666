"""A disk that remembers every write and sync, and can be left as a loss of power leaves it.

SQLite writes through a VFS of apsw that does all for real and notes it. From the notes any instant
can be rebuilt: what was synced is there; of what was not, each sector of 512 bytes holds any one of
the versions it had since, a file any of its lengths, and a name that was made or removed may be
there or not. So writes are lost, torn and reordered. Not modelled: a disk that lies about a sync,
or that damages what it did not write.

The real program runs on it: `installed` lends `edge_agent.outbox.file` a `sqlite3` whose
connections are apsw's. What is left is opened with Python's own.
"""

import random
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import apsw
import pytest

from edge_agent.outbox import file

SECTOR = 512


class Write(NamedTuple):
    """Bytes put at `offset`."""

    name: str
    offset: int
    data: bytes


class Resize(NamedTuple):
    """A file cut, or grown with zeros."""

    name: str
    size: int


class Sync(NamedTuple):
    """All that was written to the file is on the platter."""

    name: str


class Make(NamedTuple):
    """A name in the folder."""

    name: str


class Remove(NamedTuple):
    """A name taken out of the folder."""

    name: str


class SyncFolder(NamedTuple):
    """The folder's names are on the platter."""


class Said(NamedTuple):
    """What the program told the test at this point, such as that a row is kept."""

    what: object


Event = Write | Resize | Sync | Make | Remove | SyncFolder | Said


class RecordedDisk:
    """The notes of one program's files in one folder.

    `writes_fail`, `syncs_fail`: what the disk answers from now on, such as `apsw.FullError`.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.writes_fail: type[apsw.Error] | None = None
        self.syncs_fail: type[apsw.Error] | None = None
        self._vfs = _Vfs(self)

    def say(self, what: object) -> None:
        """Note that the program has told the test `what`."""
        self.events.append(Said(what))

    @contextmanager
    def installed(self) -> Iterator[None]:
        """The outbox writes here until the block ends."""
        sync_folder = file._sync_folder

        def synced(folder: Path) -> None:
            sync_folder(folder)
            self.events.append(SyncFolder())

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(file, "_sync_folder", synced)
            patch.setattr(file, "sqlite3", _Sqlite3(self._vfs.name))
            yield

    def after_power_cut(self, at: int, fate: random.Random) -> dict[str, bytes]:
        """Files and their bytes, had the power gone just before event number `at`."""
        platter = _Platter()
        for event in self.events[:at]:
            platter.take(event)
        return platter.left(fate)


@dataclass
class _File:
    """One file: what is safe, and what was done to it since."""

    safe: bytearray = field(default_factory=bytearray)
    since: list[Write | Resize] = field(default_factory=list)

    def sync(self) -> None:
        for done in self.since:
            _apply(self.safe, done)
        self.since.clear()

    def left(self, fate: random.Random) -> bytes:
        """One of the states the file may be in."""
        lengths, now = [len(self.safe)], bytearray(self.safe)
        sectors: dict[int, list[bytes]] = {}
        for done in self.since:
            touched = _apply(now, done)
            lengths.append(len(now))
            for sector in touched:
                begin = sector * SECTOR
                kept = bytes(self.safe[begin : begin + SECTOR]).ljust(SECTOR, b"\0")
                after = bytes(now[begin : begin + SECTOR]).ljust(SECTOR, b"\0")
                sectors.setdefault(sector, [kept]).append(after)
        left = bytearray(self.safe)
        everything, nothing = fate.random() < 0.2, fate.random() < 0.2
        for sector, versions in sectors.items():
            chosen = versions[-1] if everything else fate.choice(versions)
            _apply(left, Write("", sector * SECTOR, versions[0] if nothing else chosen))
        _apply(left, Resize("", fate.choice(lengths)))
        return bytes(left)


class _Platter:
    """Files and names as they are told, and as they are safe."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._safe: dict[str, _File] = {}

    def take(self, event: Event) -> None:
        match event:
            case Write(name) | Resize(name):
                self._files[name].since.append(event)
            case Sync(name):
                self._files[name].sync()
            case Make(name):
                self._files[name] = _File()
            case Remove(name):
                del self._files[name]
            case SyncFolder():
                self._safe = dict(self._files)
            case Said():
                pass

    def left(self, fate: random.Random) -> dict[str, bytes]:
        names = {}
        for name in self._files.keys() | self._safe.keys():
            told, safe = self._files.get(name), self._safe.get(name)
            found = told if told is safe else fate.choice([told, safe])
            if found is not None:
                names[name] = found.left(fate)
        return names


def _apply(data: bytearray, done: Write | Resize) -> range:
    """Do `done` to `data`; the sectors it touched."""
    if isinstance(done, Resize):
        first, last = sorted((done.size, len(data)))
        del data[done.size :]
        data.extend(bytes(done.size - len(data)))
    else:
        first, last = done.offset, done.offset + len(done.data)
        data.extend(bytes(max(0, first - len(data))))
        data[first:last] = done.data
    return range(first // SECTOR, -(-last // SECTOR))


class _Vfs(apsw.VFS):
    """The machine's own VFS, with notes."""

    def __init__(self, disk: RecordedDisk) -> None:
        self.name = f"recorded-{uuid4().hex}"
        self._disk = disk
        super().__init__(self.name, "")

    def xOpen(  # noqa: N802 - SQLite's name
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> "_VfsFile":
        return _VfsFile(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001
        super().xDelete(filename, syncdir)
        self._disk.events.append(Remove(Path(filename).name))
        if syncdir:
            self._disk.events.append(SyncFolder())


class _VfsFile(apsw.VFSFile):
    """A file with notes. Syncs only take time on the disk below, so they are left out there."""

    def __init__(
        self, disk: RecordedDisk, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._disk = disk
        self._name = Path(path).name if path else None
        made = path is not None and not Path(path).exists()
        super().__init__("", name, flags)
        # As SQLite's VFS for Unix: the first sync of a new log syncs its folder too.
        log = apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_MAIN_JOURNAL
        self._new_log = made and bool(flags[0] & log)
        if made and self._name:
            self._note(Make(self._name))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        if self._disk.writes_fail is not None:
            raise self._disk.writes_fail("as the test says")
        super().xWrite(data, offset)
        if self._name:
            self._note(Write(self._name, offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        if self._name:
            self._note(Resize(self._name, newsize))

    def xSync(self, flags: int) -> None:  # noqa: ARG002, N802
        if self._disk.syncs_fail is not None:
            raise self._disk.syncs_fail("as the test says")
        if self._name:
            self._note(Sync(self._name))
        if self._new_log:
            self._new_log = False
            self._note(SyncFolder())

    def _note(self, event: Event) -> None:
        self._disk.events.append(event)


class _Sqlite3:
    """Python's module `sqlite3`, but that it connects through a VFS of apsw."""

    def __init__(self, vfs: str) -> None:
        self._vfs = vfs

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - a module's attributes
        return getattr(sqlite3, name)

    def connect(self, path: Path, **_: object) -> "_Connection":
        return _Connection(apsw.Connection(str(path), vfs=self._vfs))


@contextmanager
def _as_sqlite3() -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        raise sqlite3.OperationalError(str(error)) from error


class _Connection:
    """As much of `sqlite3.Connection` as the outbox uses."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def execute(self, sql: str, values: Sequence[Any] = ()) -> "_Cursor":
        with _as_sqlite3():
            return _Cursor(self._db, self._db.execute(sql, tuple(values)))

    def executemany(self, sql: str, many: Iterable[Sequence[Any]]) -> None:
        with _as_sqlite3():
            self._db.executemany(sql, many)

    @property
    def in_transaction(self) -> bool:
        return self._db.in_transaction

    def close(self) -> None:
        self._db.close()


class _Cursor:
    """As much of `sqlite3.Cursor` as the outbox uses."""

    def __init__(self, db: apsw.Connection, cursor: apsw.Cursor) -> None:
        self._cursor = cursor
        self.rowcount = db.changes()
        self.lastrowid = db.last_insert_rowid()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)

    def fetchone(self) -> Any:  # noqa: ANN401
        return next(self._cursor, None)

    def fetchall(self) -> list[Any]:
        return list(self._cursor)

    def close(self) -> None:
        self._cursor.close()
