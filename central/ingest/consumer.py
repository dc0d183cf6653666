"""The connection to the broker: MQTT 5, nothing acknowledged before it is committed.

Back-pressure is the protocol's own: the broker hands out at most `window` messages that are not
acknowledged, so what waits here is bounded by it. The session outlives a restart of the centre.
"""

import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from central.ingest.received import Delivery, Received
from shared.clock import Clock
from shared.errors import MalformedPayload, StorageError
from shared.outbox_id import PROPERTY, OutboxId
from shared.topics import Lane, Topic, every_box, parse_topic

LANES = (Lane.SIGHTING, Lane.CROP, Lane.STATE, Lane.TELEMETRY)
_SESSION_EXPIRY_S = 24 * 3600
_KEEPALIVE_S = 20
_QUIET_S = 0.5
_ACKS_IN_FLIGHT = 64
_FIRST_DELAY_S = 1
_LONGEST_DELAY_S = 30

_log = structlog.get_logger(__name__)


class BrokerAddress(NamedTuple):
    """Where the broker is and as whom to speak to it. A `ca` switches TLS on."""

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


def identify(client: mqtt.Client, address: BrokerAddress) -> None:
    """Give `client` what `address` says of accounts and certificates."""
    if address.username is not None:
        client.username_pw_set(address.username, address.password)
    if address.ca is not None:
        client.tls_set(
            ca_certs=str(address.ca),
            certfile=str(address.cert) if address.cert else None,
            keyfile=str(address.key) if address.key else None,
        )


class Consumer:
    """Takes messages of all boxes; reconnects by itself, with back-off, for ever."""

    def __init__(
        self,
        address: BrokerAddress,
        clock: Clock,
        window: int,
        lanes: tuple[Lane, ...] = LANES,
    ) -> None:
        self._lanes = lanes
        self._address = address
        self._clock = clock
        self._window = window
        self._waiting: deque[Received] = deque()
        self._changed = threading.Condition()
        self._connection = 0
        self.connected = False
        self.dropped = 0
        self._client = self._make_client()

    def start(self) -> None:
        """Connect in the background; a broker that is not there yet is waited for."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = _SESSION_EXPIRY_S
        properties.ReceiveMaximum = self._window
        self._client.connect_async(
            self._address.host,
            self._address.port,
            keepalive=_KEEPALIVE_S,
            clean_start=False,
            properties=properties,
        )
        self._client.loop_start()

    def close(self) -> None:
        """Disconnect; the broker keeps the session and what is not acknowledged."""
        self._client.disconnect()
        self._client.loop_stop()

    def take(self, limit: int, linger_s: float) -> list[Received]:
        """The next messages: when there is one, waits up to `linger_s` until there are `limit`.

        Empty after half a second without any, so that a caller can look at other things.

        Raises:
            StorageError: the thread that speaks to the broker has died.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._waiting), _QUIET_S):
                self._check_alive()
            elif len(self._waiting) < limit:
                self._changed.wait_for(lambda: len(self._waiting) >= limit, linger_s)
            count = min(limit, len(self._waiting))
            return [self._waiting.popleft() for _ in range(count)]

    def settle(self, messages: Sequence[Received]) -> None:
        """Acknowledge `messages` to the broker, in the order they came.

        Those of an earlier connection are passed over: their numbers mean something else now,
        and the broker sends them again.
        """
        for message in messages:
            connection, mid, qos = message.delivery
            if connection == self._connection and qos > 0:
                self._client.ack(mid, qos)

    def publish(self, topic: Topic | str, payload: bytes) -> None:
        """Send `payload` (QoS 1); while the broker is away it is kept for the next connection."""
        self._client.publish(str(topic), payload, qos=1)

    def _check_alive(self) -> None:
        name = f"paho-mqtt-client-{self._address.client_id}"
        if not any(thread.name == name for thread in threading.enumerate()):
            raise StorageError("the thread that speaks to the broker has died")

    def _make_client(self) -> mqtt.Client:
        address = self._address
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=address.client_id,
            protocol=mqtt.MQTTv5,
            manual_ack=True,
        )
        # A bug in a callback is logged and must not end paho's thread.
        client.suppress_exceptions = True
        client.on_log = _on_log
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.max_inflight_messages_set(_ACKS_IN_FLIGHT)
        client.reconnect_delay_set(_FIRST_DELAY_S, _LONGEST_DELAY_S)
        identify(client, address)
        return client

    def _on_connect(
        self,
        client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            _log.error("the broker refused the connection", reason=str(reason))
            return
        client.subscribe([(every_box(lane), SubscribeOptions(qos=1)) for lane in self._lanes])

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            _log.error("the broker refused a subscription; check its ACL", reasons=refused)
            return
        self.connected = True
        _log.info("connected to the broker", host=self._address.host, port=self._address.port)

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self.connected = False
        with self._changed:
            # Not acknowledged, so all of it comes again, from the broker or from the boxes.
            self._connection += 1
            self._waiting.clear()
        _log.warning("disconnected from the broker", reason=str(reason))

    def _on_message(
        self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage
    ) -> None:
        delivery = Delivery(self._connection, message.mid, message.qos)
        received = to_received(message, delivery, self._clock.now_ms())
        with self._changed:
            # Only messages without QoS, which the window does not count, can be too many.
            if len(self._waiting) < self._window or message.qos > 0:
                self._waiting.append(received)
                self._changed.notify_all()
            else:
                self.dropped += 1


def to_received(message: mqtt.MQTTMessage, delivery: Delivery, now_ms: int) -> Received:
    """`message` as ingest sees it; what is wrong with its envelope goes into `unreadable`."""
    unreadable = None
    try:
        box, lane = parse_topic(message.topic)
    except MalformedPayload as error:
        box, lane, unreadable = "", Lane.SIGHTING, str(error)
    outbox = None
    try:
        outbox = _outbox_id(message)
    except MalformedPayload as error:
        unreadable = unreadable or str(error)
    return Received(
        box=box,
        lane=lane,
        payload=bytes(message.payload),
        outbox=outbox,
        received_ms=now_ms,
        delivery=delivery,
        retained=message.retain,
        unreadable=unreadable,
    )


def _outbox_id(message: mqtt.MQTTMessage) -> OutboxId | None:
    pairs = getattr(message.properties, "UserProperty", [])
    found = next((value for name, value in pairs if name == PROPERTY), None)
    return None if found is None else OutboxId.parse(found)


def _on_log(_client: mqtt.Client, _userdata: object, level: int, line: str) -> None:
    if level == mqtt.MQTT_LOG_ERR:
        _log.error("paho", line=line)
