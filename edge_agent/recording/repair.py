"""What a crash or a loss of power left half written: cut back to its last whole fragment."""

import os
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

import av
import structlog

from edge_agent.recording.segment import Segment, Unsealed, seal

_HEADER = struct.Struct(">I4s")
_LARGE = struct.Struct(">Q")
# A size of 1 says that the true one, of 64 bits, follows (ISO/IEC 14496-12, section 4.2).
_IS_LARGE = 1

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class _Box(NamedTuple):
    """A top-level box of an MP4 file, and where it ends."""

    kind: bytes
    end: int


def repair(found: Unsealed) -> Segment | None:
    """Seal what is whole of `found`; None when nothing of it is, and it is deleted.

    Raises:
        OSError, StorageError: the disk refuses.
    """
    with found.path.open("r+b") as file:
        whole = _whole_bytes(file)
        file.truncate(whole)
        os.fsync(file.fileno())
    length_ms = _length_ms(found.path) if whole else 0
    if not length_ms:
        found.path.unlink()
        log.warning("a recording that broke off holds nothing", file=str(found.path))
        return None
    log.info("a recording that broke off is kept", file=str(found.path), seconds=length_ms / 1000)
    return seal(found.path, found.channel, found.start_ms + length_ms)


def _whole_bytes(file: BinaryIO) -> int:
    """How far the file goes with whole fragments; 0 when there is none."""
    size, place, whole = os.fstat(file.fileno()).st_size, 0, 0
    kinds: list[bytes] = []
    while box := _box_at(file, place):
        if box.end > size:
            break
        place = box.end
        kinds.append(box.kind)
        if kinds[-2:] == [b"moof", b"mdat"] and b"moov" in kinds:
            whole = place
    return whole


def _box_at(file: BinaryIO, place: int) -> _Box | None:
    file.seek(place)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    size, kind = _HEADER.unpack(header)
    if size == _IS_LARGE:
        large = file.read(_LARGE.size)
        if len(large) < _LARGE.size:
            return None
        (size,) = _LARGE.unpack(large)
    # Smaller than its own header: zeros that a loss of power left, or no MP4 at all.
    return _Box(kind, place + size) if size >= _HEADER.size else None


def _length_ms(path: Path) -> int:
    """Milliseconds from the first picture to the end of the last; 0 when it cannot be read."""
    try:
        with av.open(str(path), "r", format="mp4") as container:
            times = [
                (packet.pts * packet.time_base, (packet.duration or 0) * packet.time_base)
                for packet in container.demux(video=0)
                if packet.pts is not None
            ]
    except (av.FFmpegError, OSError, IndexError) as error:
        log.warning("a recording that broke off cannot be read", file=str(path), error=str(error))
        return 0
    if not times:
        return 0
    first = min(start for start, _ in times)
    return max(1, round(1000 * max(start + length - first for start, length in times)))
