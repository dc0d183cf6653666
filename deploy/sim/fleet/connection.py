"""One MQTT 5 connection on a socket that never blocks."""

import errno
import selectors
import socket
from collections.abc import Callable

import mqtt5

from shared.errors import DongseonError
from shared.outbox_id import PROPERTY, OutboxId
from shared.topics import Lane, Topic

_READ_BYTES = 1 << 16
# Twice what telemetry comes at, so that nobody needs to ping.
_KEEPALIVE_S = 120
_MAX_ID = 65_535


class LineError(DongseonError):
    """The connection broke, or the broker speaks no MQTT 5."""


class Connection:
    """Registers itself with `selector` (its data is `key`) until it is closed.

    Raises:
        LineError: from any method: it broke. Nothing of it may be used any more but `close`.
    """

    def __init__(
        self, address: tuple[str, int], selector: selectors.BaseSelector, key: object
    ) -> None:
        self._selector = selector
        self._key = key
        self._out = bytearray()
        self._in = bytearray()
        self._last_id = 0
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        code = self._socket.connect_ex(address)
        if code not in {0, errno.EINPROGRESS}:
            self._socket.close()
            raise LineError(f"cannot connect: {errno.errorcode.get(code, code)}")
        selector.register(self._socket, selectors.EVENT_WRITE | selectors.EVENT_READ, key)
        self._writing = True

    def hello(self, box: str, will: bytes) -> None:
        """Say who this is, what its last words are, and that it listens for acks."""
        last = mqtt5.Will(
            str(Topic(box, Lane.STATE)), payload=will, qos=mqtt5.QoS.AT_LEAST_ONCE, retain=True
        )
        self._out += mqtt5.ConnectPacket(
            box, clean_start=True, keep_alive=_KEEPALIVE_S, will=last
        ).write()

    def listen(self, topic: str) -> None:
        """Subscribe to `topic`, QoS 1."""
        wanted = mqtt5.TopicFilter(topic, max_qos=mqtt5.QoS.AT_LEAST_ONCE)
        self._out += mqtt5.SubscribePacket(self._next_id(), [wanted]).write()

    def publish(
        self, topic: str, payload: bytes, *, row: OutboxId | None = None, retain: bool = False
    ) -> None:
        """Put a message with QoS 1 into what `flush` sends."""
        self._out += mqtt5.PublishPacket(
            topic,
            payload,
            qos=mqtt5.QoS.AT_LEAST_ONCE,
            retain=retain,
            packet_id=self._next_id(),
            user_properties=None if row is None else [(PROPERTY, str(row))],
        ).write()

    def bye(self) -> None:
        """Leave in good order: no last words."""
        self._out += mqtt5.DisconnectPacket().write()

    def flush(self) -> None:
        """Send as much as the socket takes; the rest goes when it takes more."""
        if self._out:
            try:
                sent = self._socket.send(self._out)
            except BlockingIOError:
                sent = 0
            except OSError as error:
                raise LineError(f"cannot send: {error}") from error
            del self._out[:sent]
        self._watch_writing(bool(self._out))

    def packets(self) -> list[mqtt5.Packet]:
        """What has arrived; messages are confirmed to the broker by the next `flush`."""
        try:
            data = self._socket.recv(_READ_BYTES)
        except BlockingIOError:
            return []
        except OSError as error:
            raise LineError(f"cannot receive: {error}") from error
        if not data:
            raise LineError("the broker closed the connection")
        self._in += data
        return self._parsed()

    def close(self) -> None:
        """Give the socket back, without a word."""
        self._selector.unregister(self._socket)
        self._socket.close()

    def _parsed(self) -> list[mqtt5.Packet]:
        packets, done = [], 0
        with memoryview(self._in) as view:
            while done < len(view):
                try:
                    packet, size = mqtt5.read(view[done:])
                except IndexError:
                    break
                except ValueError as error:
                    raise LineError(f"not MQTT 5: {error}") from error
                done += size
                if isinstance(packet, mqtt5.PublishPacket) and packet.packet_id is not None:
                    self._out += mqtt5.PubAckPacket(packet.packet_id).write()
                packets.append(packet)
        del self._in[:done]
        return packets

    def _next_id(self) -> int:
        self._last_id = self._last_id % _MAX_ID + 1
        return self._last_id

    def _watch_writing(self, wanted: bool) -> None:  # noqa: FBT001
        if wanted != self._writing:
            self._writing = wanted
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted else 0)
            self._selector.modify(self._socket, events, self._key)


Connect = Callable[[object], Connection]
"""Begins a connection whose events carry the given key."""
