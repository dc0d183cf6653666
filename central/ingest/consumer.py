"""The connection to the broker: MQTT 5, nothing acknowledged before it is committed.

Back-pressure is the protocol's own: the broker hands out at most `window` messages that are not
acknowledged, so what waits here is bounded by it. The session outlives a restart of the centre.
"""

import os
import random
import select
import selectors
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import mqtt5
import structlog

from central.ingest.broker import BrokerAddress, dial
from central.ingest.envelope import to_received
from central.ingest.received import Received
from central.ingest.subscription import EVERYTHING, Subscription
from central.ingest.wire import LineError, Unreadable, Wire
from shared.clock import Clock
from shared.errors import StorageError
from shared.topics import Topic

_KEEPALIVE_S = 20
_QUIET_S = 0.5
_FIRST_DELAY_S = 1.0
_LONGEST_DELAY_S = 30.0
_JOIN_S = 15.0
# A busy broker writes message by message. Let a few come before the next look at the socket: else
# each wakes this thread, which costs more than reading it.
_GATHER_MS = 4
_SUBSCRIBE_ID, _UNSUBSCRIBE_ID = 1, 2

_log = structlog.get_logger(__name__)


class Consumer:
    """Takes messages of all boxes; reconnects by itself, with back-off, for ever.

    Args:
        address: the broker. Its `client_id` names the session that the broker keeps.
        clock: says when a message came.
        window: messages that may be handed out and not acknowledged.
        subscription: which messages.
    """

    def __init__(
        self,
        address: BrokerAddress,
        clock: Clock,
        window: int,
        subscription: Subscription = EVERYTHING,
    ) -> None:
        self._address = address
        self._clock = clock
        self._window = window
        self._subscription = subscription
        self._waiting: deque[Received] = deque()
        self._changed = threading.Condition()
        self._wanted = 1
        self._connection = 0
        self._outgoing = bytearray()
        self._stopping = threading.Event()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread = threading.Thread(
            target=self._keep_connected, name=f"broker-{address.client_id}", daemon=True
        )
        self.connected = False
        self.dropped = 0

    @property
    def waiting(self) -> int:
        """Messages that have come and were not taken yet; at most `window`."""
        return len(self._waiting)

    def start(self) -> None:
        """Connect in the background; a broker that is not there yet is waited for."""
        self._thread.start()

    def close(self) -> None:
        """Disconnect; the broker keeps the session and what is not acknowledged.

        A consumer that was closed is not started again.
        """
        self._stopping.set()
        self._wake_up()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)
        with self._changed:
            if self._wake >= 0 and not self._thread.is_alive():
                os.close(self._wake)
                self._wake = -1

    def take(self, limit: int, linger_s: float) -> list[Received]:
        """The next messages: when there is one, waits up to `linger_s` until there are `limit`.

        Empty after half a second without any, so that a caller can look at other things.

        Raises:
            StorageError: the thread that speaks to the broker has died.
        """
        with self._changed:
            if not self._wait_for(1, _QUIET_S):
                self._check_alive()
            elif len(self._waiting) < limit:
                self._wait_for(limit, linger_s)
            count = min(limit, len(self._waiting))
            return [self._waiting.popleft() for _ in range(count)]

    def settle(self, messages: Sequence[Received]) -> None:
        """Acknowledge `messages` to the broker, in the order they came.

        Those of an earlier connection are passed over: their numbers mean something else now,
        and the broker sends them again.
        """
        with self._changed:
            for message in messages:
                connection, mid, qos = message.delivery
                if connection == self._connection and qos > 0:
                    self._outgoing += mqtt5.PubAckPacket(mid).write()
        self._wake_up()

    def publish(self, answers: Iterable[tuple[Topic | str, bytes]]) -> None:
        """Send payloads, QoS 0, on the connection there is; without one they are dropped.

        Nothing is lost by it. An answer goes before the acknowledgement of its message (`settle`)
        on one connection, so a break in between brings the message, and its answer, again; and a
        box sends a row again, and a command is given again, until somebody answers.
        """
        packets = [mqtt5.PublishPacket(str(topic), payload).write() for topic, payload in answers]
        with self._changed:
            if self.connected:
                self._outgoing += b"".join(packets)
        self._wake_up()

    def _wait_for(self, count: int, seconds: float) -> bool:
        self._wanted = count
        return self._changed.wait_for(lambda: len(self._waiting) >= count, seconds)

    def _check_alive(self) -> None:
        if not self._thread.is_alive():
            raise StorageError("the thread that speaks to the broker has died")

    def _wake_up(self) -> None:
        with self._changed:
            if self._wake >= 0:
                os.eventfd_write(self._wake, 1)

    # From here on in the thread of the connection.

    def _keep_connected(self) -> None:
        delay = _FIRST_DELAY_S
        while not self._stopping.is_set():
            try:
                with self._line() as wire:
                    delay = _FIRST_DELAY_S
                    self._serve(wire)
            except (LineError, OSError) as error:
                _log.warning("no connection to the broker", reason=str(error))
                self._stopping.wait(delay * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
                delay = min(delay * 2, _LONGEST_DELAY_S)

    @contextmanager
    def _line(self) -> Iterator[Wire]:
        """A connection that the broker has not answered on yet; closed in the end."""
        wire = Wire(dial(self._address))
        try:
            wire.send(self._hello().write())
            yield wire
        finally:
            wire.close()
            self.connected = False
            with self._changed:
                # Not acknowledged, so all of it comes again, from the broker or from the boxes.
                self._connection += 1
                self._waiting.clear()
                self._outgoing.clear()

    def _hello(self) -> mqtt5.ConnectPacket:
        address = self._address
        return mqtt5.ConnectPacket(
            address.client_id,
            username=address.username,
            password=address.password.encode() if address.password is not None else None,
            clean_start=False,
            keep_alive=_KEEPALIVE_S,
            session_expiry_interval=self._subscription.session_s,
            receive_max=self._window,
        )

    def _serve(self, wire: Wire) -> None:
        """Until told to stop.

        Raises:
            LineError: the connection broke, or nothing came on it for too long.
        """
        # The broker's patience is real seconds, whatever clock messages are stamped with.
        heard = spoke = time.monotonic()
        gathering = select.poll()
        gathering.register(self._wake, select.POLLIN)
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake, selectors.EVENT_READ)
            selector.register(wire, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while not self._stopping.is_set():
                ready = {key.fd for key, _ in selector.select(_KEEPALIVE_S / 4)}
                now = time.monotonic()
                if self._wake in ready:
                    os.eventfd_read(self._wake)
                if wire.fileno() in ready and (packets := wire.receive()):
                    heard = now
                    self._handle(wire, packets)
                if now - spoke > _KEEPALIVE_S / 2:
                    wire.send(mqtt5.PingReqPacket().write())
                    spoke = now
                if now - heard > _KEEPALIVE_S * 1.5:
                    raise LineError("the broker says nothing any more")
                self._flush(wire)
                if self._wake not in ready:
                    gathering.poll(_GATHER_MS)
                waits = selectors.EVENT_WRITE if wire.unsent else 0
                selector.modify(wire, selectors.EVENT_READ | waits)
            wire.send(mqtt5.DisconnectPacket().write())
            self._flush(wire)

    def _flush(self, wire: Wire) -> None:
        with self._changed:
            outgoing, self._outgoing = self._outgoing, bytearray()
        wire.send(outgoing)
        wire.flush()

    def _handle(self, wire: Wire, packets: Sequence[mqtt5.Packet | Unreadable]) -> None:
        arrived, now_ms = [], self._clock.now_ms()
        for packet in packets:
            if isinstance(packet, (mqtt5.PublishPacket, Unreadable)):
                arrived.append(to_received(packet, self._connection, now_ms))
            else:
                self._obey(wire, packet)
        if arrived:
            self._keep(arrived)

    def _keep(self, arrived: Sequence[Received]) -> None:
        with self._changed:
            for received in arrived:
                # Only messages without QoS, which the window does not count, can be too many.
                if len(self._waiting) < self._window or received.delivery.qos > 0:
                    self._waiting.append(received)
                else:
                    self.dropped += 1
            if len(self._waiting) >= self._wanted:
                self._changed.notify_all()

    def _obey(self, wire: Wire, packet: mqtt5.Packet) -> None:
        if isinstance(packet, mqtt5.ConnAckPacket):
            if packet.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
                raise LineError(f"the broker refused the connection: {packet.reason_code!r}")
            self._subscribe(wire)
        elif isinstance(packet, mqtt5.SubAckPacket):
            self._subscribed(packet)
        elif isinstance(packet, mqtt5.DisconnectPacket):
            raise LineError(f"the broker ended the connection: {packet.reason_code!r}")

    def _subscribe(self, wire: Wire) -> None:
        filters = [
            mqtt5.TopicFilter(topic, max_qos=mqtt5.QoS.AT_LEAST_ONCE, retain_as_published=False)
            for topic in self._subscription.topics
        ]
        if self._subscription.given_up:
            given_up = list(self._subscription.given_up)
            wire.send(mqtt5.UnsubscribePacket(_UNSUBSCRIBE_ID, given_up).write())
        wire.send(mqtt5.SubscribePacket(_SUBSCRIBE_ID, filters).write())

    def _subscribed(self, packet: mqtt5.SubAckPacket) -> None:
        refused = [repr(code) for code in packet.reason_codes if int(code) >= _FIRST_FAILURE]
        if refused:
            _log.error("the broker refused a subscription; check its ACL", reasons=refused)
            return
        self.connected = True
        _log.info("connected to the broker", host=self._address.host, port=self._address.port)


_FIRST_FAILURE = 0x80
"""MQTT 5, section 2.4: reason codes from here on say that something failed."""
