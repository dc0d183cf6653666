"""One segment of a recording: a file whose name is its entry in the index.

`SEQ-START-END.mp4`: a number that only rises, and the UTC milliseconds of its first and last
picture. The name is given by renaming the finished file, so that folder and index never differ.
While it is written it is `SEQ-START.part`. Fragmented MP4: each second is a fragment of its own
(`moof` and `mdat`), so that whatever is cut off, the fragments before it can be read.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

from shared.errors import StorageError

_SEALED = re.compile(r"(\d{10})-(\d{13})-(\d{13})\.mp4")
_OPEN = re.compile(r"(\d{10})-(\d{13})\.part")


class Segment(NamedTuple):
    """A sealed segment. `end_ms` is when its last picture ends; UTC milliseconds.

    A large disk holds tens of thousands: each knows its folder and makes its name when asked.
    """

    channel: str
    seq: int
    start_ms: int
    end_ms: int
    size: int
    folder: Path

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / _sealed_name(self.seq, self.start_ms, self.end_ms)


class Unsealed(NamedTuple):
    """A file that a program which has ended was writing."""

    channel: str
    seq: int
    start_ms: int
    path: Path


def open_name(seq: int, start_ms: int) -> str:
    """The name of a segment that is being written."""
    return f"{seq:010}-{start_ms:013}.part"


def _sealed_name(seq: int, start_ms: int, end_ms: int) -> str:
    return f"{seq:010}-{start_ms:013}-{end_ms:013}.mp4"


def seal(path: Path, channel: str, end_ms: int) -> Segment:
    """Give the written file at `path` its final name; `end_ms` is when its last picture ends.

    Raises:
        StorageError: it is no segment that is being written, or cannot be renamed.
    """
    found = parse_open(path, channel)
    if found is None:
        raise StorageError(f"{path} is not a segment that is being written")
    name = _sealed_name(found.seq, found.start_ms, end_ms)
    try:
        size = path.rename(path.with_name(name)).stat().st_size
    except OSError as error:
        raise StorageError(f"{path}: {error}") from error
    return Segment(channel, found.seq, found.start_ms, end_ms, size, path.parent)


def parse_open(path: Path, channel: str) -> Unsealed | None:
    """The unsealed segment that `path` names; None when it names none."""
    named = _OPEN.fullmatch(path.name)
    return Unsealed(channel, int(named[1]), int(named[2]), path) if named else None


def parse_sealed(entry: os.DirEntry[str], channel: str) -> Segment | None:
    """The segment that a folder's entry names; None when it names none."""
    named = _SEALED.fullmatch(entry.name)
    if named is None:
        return None
    seq, start_ms, end_ms = (int(part) for part in named.groups())
    return Segment(channel, seq, start_ms, end_ms, entry.stat().st_size, Path(entry.path).parent)
