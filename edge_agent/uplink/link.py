"""One MQTT connection, used once: a fresh paho client each time.

paho keeps messages of a lost connection and sends them again on its own, ignores the broker's
Receive Maximum for those, and drops the newest when its queue is full. None of that may happen
to rows of the outbox, so a client is thrown away with its connection.
"""

import select
import socket
import ssl
import struct
from typing import NamedTuple

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt import MQTTException
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge_agent.uplink.broker import Broker
from edge_agent.uplink.waker import Waker
from shared.clock import Clock
from shared.errors import DongseonError
from shared.messages.base import MAX_PAYLOAD_BYTES
from shared.outbox_id import PROPERTY, OutboxId
from shared.topics import Lane, Topic, command

_CONNECT_S = 10.0
_TICK_S = 1.0
_HEADERS = 4096
# MQTT 5, section 3.2.2.3.3: what a broker takes that does not say.
_DEFAULT_RECEIVE_MAXIMUM = 65_535
# What paho lets through from sockets, TLS and packets that are not MQTT.
_BROKEN = (OSError, ValueError, struct.error, IndexError, MQTTException)

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class LinkError(DongseonError):
    """The connection to the broker cannot be made, or is lost."""


class Outgoing(NamedTuple):
    """One message to publish; `row` travels beside it as the property `outbox`."""

    lane: Lane
    payload: bytes
    retain: bool = False
    row: OutboxId | None = None


class Command(NamedTuple):
    """What the centre tells the box to do."""

    name: str
    payload: bytes


class Link:
    """A connection to the broker, subscribed to the box's acks and commands.

    `acks` collects the payloads of acks, `commands` the commands; `heard` is when the broker last
    said anything (stopwatch).

    Args:
        box: the box's name.
        broker: where it is.
        will: the state message the broker publishes when this connection breaks.
        clock: its stopwatch.
        waker: ends waits early.
    """

    def __init__(self, box: str, broker: Broker, will: bytes, clock: Clock, waker: Waker) -> None:
        self.acks: list[bytes] = []
        self.commands: list[Command] = []
        self.heard = clock.monotonic()
        self._box = box
        self._ack_topic = str(Topic(box, Lane.ACK))
        self._broker = broker
        self._clock = clock
        self._waker = waker
        self._connected = False
        self._failure: str | None = None
        self._receive_maximum = _DEFAULT_RECEIVE_MAXIMUM
        self._unconfirmed: set[int] = set()
        self._client = self._made(will)

    @property
    def room(self) -> int:
        """Messages the broker still takes before it has confirmed (PUBACK) earlier ones."""
        return self._receive_maximum - len(self._unconfirmed)

    @property
    def unconfirmed(self) -> int:
        """Messages the broker has not confirmed (PUBACK)."""
        return len(self._unconfirmed)

    def open(self) -> None:
        """Connect and subscribe.

        Raises:
            LinkError: nobody there, refused, or not an MQTT 5 broker.
        """
        try:
            self._connect()
        except _BROKEN as error:
            raise LinkError(f"broker {self._broker}: {error}") from error
        deadline = self._clock.monotonic() + _CONNECT_S
        while not self._connected:
            if self._clock.monotonic() >= deadline:
                raise LinkError(f"broker {self._broker}: no answer in {_CONNECT_S:.0f} s")
            self.turn(_TICK_S)
        self._client.subscribe([(self._ack_topic, 1), (command(self._box, "+"), 1)])

    def publish(self, message: Outgoing) -> None:
        """Hand `message` to the connection, QoS 1.

        Raises:
            LinkError: the connection is lost.
        """
        properties = _properties(PacketTypes.PUBLISH)
        if message.row is not None:
            properties.UserProperty = [(PROPERTY, str(message.row))]
        topic = str(Topic(self._box, message.lane))
        if not self._unconfirmed:
            self.heard = self._clock.monotonic()
        try:
            sent = self._client.publish(topic, message.payload, 1, message.retain, properties)
        except _BROKEN as error:
            raise LinkError(f"publish on {topic}: {error}") from error
        if sent.rc not in {MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_AGAIN}:
            raise LinkError(f"publish on {topic}: {mqtt.error_string(sent.rc)}")
        self._unconfirmed.add(sent.mid)

    def turn(self, seconds: float) -> None:
        """Let messages come and go, until something happened or `seconds` are over.

        Raises:
            LinkError: the connection is lost.
        """
        try:
            code = self._turn(min(seconds, _TICK_S))
        except _BROKEN as error:
            raise LinkError(f"connection lost: {error}") from error
        if self._failure is not None:
            raise LinkError(self._failure)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkError(f"connection lost: {mqtt.error_string(code)}")

    def close(self, *, politely: bool = False) -> None:
        """End the connection. Politely: with a DISCONNECT, so that the will is not published."""
        if politely:
            self._client.disconnect()
        if found := self._client.socket():
            found.close()

    def _connect(self) -> None:
        """By name, or where it was last if names are dead."""
        broker = self._broker
        try:
            self._connect_to(broker.settings.host)
        except socket.gaierror:
            if broker.last_address is None:
                raise
            log.warning("no names: the broker is sought where it was", address=broker.last_address)
            self._connect_to(broker.last_address)
        if isinstance(found := self._client.socket(), socket.socket):
            broker.last_address = found.getpeername()[0]

    def _connect_to(self, host: str) -> None:
        properties = _properties(PacketTypes.CONNECT)
        properties.MaximumPacketSize = MAX_PAYLOAD_BYTES + _HEADERS
        settings = self._broker.settings
        self._client.connect(
            host,
            settings.broker_port,
            keepalive=settings.keepalive_s,
            clean_start=True,
            properties=properties,
        )

    def _turn(self, seconds: float) -> MQTTErrorCode:
        found = self._client.socket()
        if found is None:
            return MQTTErrorCode.MQTT_ERR_NO_CONN
        buffered = isinstance(found, ssl.SSLSocket) and found.pending() > 0
        net, woken = found.fileno(), self._waker.fileno()
        writing = [net] if self._client.want_write() else []
        ready = select.select([net, woken], writing, [], 0.0 if buffered else seconds)
        if woken in ready[0]:
            self._waker.rest()
        code = MQTTErrorCode.MQTT_ERR_SUCCESS
        if net in ready[0] or buffered:
            code = self._client.loop_read()
        if net in ready[1] and code == MQTTErrorCode.MQTT_ERR_SUCCESS:
            code = self._client.loop_write()
        return code or self._client.loop_misc()

    def _made(self, will: bytes) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"dongseon-{self._box}",
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,
        )
        client.max_inflight_messages_set(0)  # the window and `room` see to it
        client.will_set(str(Topic(self._box, Lane.STATE)), will, qos=1, retain=True)
        if self._broker.tls is not None:
            client.tls_set_context(self._broker.tls)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _on_connect(
        self,
        _client: mqtt.Client,
        _data: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._failure = f"the broker refuses {self._box}: {reason}"
            return
        self._connected = True
        self._receive_maximum = getattr(properties, "ReceiveMaximum", _DEFAULT_RECEIVE_MAXIMUM)

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _data: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._failure = (
                f"the broker does not let {self._box} read its acks and commands "
                f"({', '.join(map(str, reasons))}); its access list must allow what is below the "
                "box's own name"
            )

    def _on_publish(
        self,
        _client: mqtt.Client,
        _data: object,
        mid: int,
        reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        self.heard = self._clock.monotonic()
        self._unconfirmed.discard(mid)
        if reason.is_failure:
            self._failure = f"the broker does not take a message of {self._box}: {reason}"

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        self.heard = self._clock.monotonic()
        if message.topic == self._ack_topic:
            self.acks.append(bytes(message.payload))
        else:
            self.commands.append(Command(message.topic.rpartition("/")[2], bytes(message.payload)))

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _data: object,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._failure = self._failure or f"connection lost: {reason}"


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves it untyped
