"""MQTT 5 on one socket: bytes in, packets out, and the other way round; used once.

The packets are read and written by `mqtt5`, compiled code: paho is Python, and ingest takes,
confirms and answers thousands of messages a second.
"""

import socket
import ssl
from typing import NamedTuple

import mqtt5

from shared.errors import DongseonError

_READ_BYTES = 1 << 18
_PUBLISH = 3
_QOS_SHIFT = 1
_HEADER_BYTES = 5
_LENGTH_BITS = 7

_AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class LineError(DongseonError):
    """The connection to the broker broke, or the other side is no MQTT 5 broker."""


class Unreadable(NamedTuple):
    """A PUBLISH packet whose properties or topic are not what MQTT allows.

    To break the connection for it, as a strict client does, would bring it again for ever.
    """

    packet_id: int | None
    qos: int
    data: bytes
    reason: str


Packet = mqtt5.Packet | Unreadable


class Wire:
    """Packets over `sock`, which is connected and does not block. One thread only.

    Raises:
        LineError: from `receive` and `flush`: it broke.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._in = bytearray()
        self._out = bytearray()

    def fileno(self) -> int:
        """For a selector."""
        return self._socket.fileno()

    @property
    def unsent(self) -> bool:
        """Whether something waits until the socket takes more."""
        return bool(self._out)

    def send(self, data: bytes | bytearray) -> None:
        """Put encoded packets into what `flush` sends."""
        self._out += data

    def flush(self) -> None:
        """Send as much as the socket takes."""
        try:
            while self._out:
                del self._out[: self._socket.send(self._out)]
        except _AGAIN:
            return
        except OSError as error:
            raise LineError(f"cannot send to the broker: {error}") from error

    def receive(self) -> list[Packet]:
        """The packets that have arrived."""
        try:
            while True:
                data = self._socket.recv(_READ_BYTES)
                if not data:
                    raise LineError("the broker closed the connection")
                self._in += data
                # TLS may hold more than a selector can see.
                if not isinstance(self._socket, ssl.SSLSocket):
                    break
        except _AGAIN:
            pass
        except OSError as error:
            raise LineError(f"cannot receive from the broker: {error}") from error
        return self._parsed()

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()

    def _parsed(self) -> list[Packet]:
        packets: list[Packet] = []
        done = 0
        with memoryview(self._in) as view:
            while done < len(view):
                try:
                    packet, size = _read(view[done:])
                except IndexError:
                    break
                packets.append(packet)
                done += size
        del self._in[:done]
        return packets


def _read(view: memoryview) -> tuple[Packet, int]:
    """The first packet in `view`, and its size.

    Raises:
        IndexError: the rest of it has not arrived.
        LineError: it is not MQTT 5.
    """
    try:
        return mqtt5.read(view)
    except ValueError as error:
        return _unreadable(view, str(error))


def _unreadable(view: memoryview, reason: str) -> tuple[Unreadable, int]:
    """A packet that `mqtt5` refuses, taken apart as far as confirming it needs.

    MQTT 5, sections 2.1 (fixed header: type, flags, length) and 3.3.2 (topic, packet id).

    Raises:
        LineError: it is no PUBLISH, or not even its length can be read.
    """
    kind, qos = view[0] >> 4, view[0] >> _QOS_SHIFT & 0b11
    length = start = 0
    for start in range(1, min(_HEADER_BYTES, len(view))):
        length |= (view[start] & 0x7F) << _LENGTH_BITS * (start - 1)
        if not view[start] & 0x80:
            break
    body = bytes(view[start + 1 : start + 1 + length])
    if kind != _PUBLISH or not length or len(body) < length:
        raise LineError(f"the broker sent what is not MQTT 5: {reason}")
    after_topic = 2 + int.from_bytes(body[:2], "big")
    found = body[after_topic : after_topic + 2]
    packet_id = int.from_bytes(found, "big") if qos and len(found) == 2 else None  # noqa: PLR2004
    return Unreadable(packet_id, qos, body, reason), start + 1 + length
