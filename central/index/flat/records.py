"""The records of a tail's log: one batch each, as length, CRC-32 and MessagePack.

What is torn at the end was not flushed; a damaged record with whole ones after it is damage.
"""

import struct
import zlib
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgpack
import numpy as np
from numpy.typing import NDArray

from central.index.flat.columns import Columns, Group
from central.index.flat.scan import Ids, to_ids

_HEAD = struct.Struct("<II")
# The first key of every record, as MessagePack writes it.
_BEGIN = b"\xa4gone"


class Record(NamedTuple):
    """One batch of the log: sightings, and ids that are no longer of this part."""

    columns: Columns | None
    gone: Ids

    @property
    def ids(self) -> Ids:
        """Those that are no longer where they were."""
        return self.gone if self.columns is None else self.columns.ids


def record_of(columns: Columns) -> Record:
    """A batch of sightings."""
    return Record(columns, np.empty((0, 2), np.uint64))


def record_gone(ids: Sequence[UUID]) -> Record:
    """A batch of ids that are no longer of this part."""
    return Record(None, to_ids(ids))


def packed(record: Record) -> bytes:
    """`record` as the log has it."""
    values: dict[str, object] = {"gone": record.gone.tobytes()}
    if record.columns is not None:
        values["groups"] = record.columns.groups
        for name in ("ids", "codes", "first_seen", "last_seen", "vectors"):
            values[name] = np.ascontiguousarray(getattr(record.columns, name)).tobytes()
    body: bytes = msgpack.packb(values)
    return _HEAD.pack(len(body), zlib.crc32(body)) + body


def whole_records(data: bytes, dimensions: int) -> tuple[list[Record], int]:
    """The whole records of `data`, and where they end.

    Raises:
        ValueError: one is damaged and whole ones follow, or one says what makes no sense.
        KeyError: one lacks something.
        TypeError: something in one is of another type.
    """
    records, offset = [], 0
    while body := _body(data, offset):
        records.append(_unpacked(body, dimensions))
        offset += _HEAD.size + len(body)
    begin = data.find(_BEGIN, offset)
    while begin >= 0:
        # Before it: one byte that says how many keys follow, and the head.
        if _body(data, begin - 1 - _HEAD.size):
            raise ValueError(f"what stands at byte {offset} is no record, and whole ones follow")
        begin = data.find(_BEGIN, begin + 1)
    return records, offset


def _body(data: bytes, offset: int) -> bytes:
    """What the record at `offset` says; empty if there is no whole one."""
    if not 0 <= offset <= len(data) - _HEAD.size:
        return b""
    length, crc = _HEAD.unpack_from(data, offset)
    body = data[offset + _HEAD.size : offset + _HEAD.size + length]
    # Zeros, as a disk may leave after a loss of power, would be an empty record with its sum.
    return body if len(body) == length and zlib.crc32(body) == crc else b""


def _unpacked(body: bytes, dimensions: int) -> Record:
    values = msgpack.unpackb(body)
    gone = _array(values["gone"], np.uint64).reshape(-1, 2)
    if "ids" not in values:
        return Record(None, gone)
    columns = Columns(
        _array(values["ids"], np.uint64).reshape(-1, 2),
        [Group(*pair) for pair in values["groups"]],
        _array(values["codes"], np.int32),
        _array(values["first_seen"], np.int64),
        _array(values["last_seen"], np.int64),
        _array(values["vectors"], np.int8).reshape(-1, dimensions),
    )
    return Record(columns, gone)


def _array(data: bytes, kind: type[np.generic]) -> NDArray[Any]:
    return np.frombuffer(data, kind)
