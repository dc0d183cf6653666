"""A centre small enough to read: it keeps what arrives and acks it, on a real broker."""

import ssl
from collections.abc import Callable
from threading import Condition, Event
from typing import Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from shared.clock import SystemClock
from shared.messages import Ack, BoxState, ClockEcho, Refusal, Telemetry, decode, encode
from shared.outbox_id import PROPERTY, OutboxId
from shared.topics import ROOT, Lane, Topic, command, parse_topic
from tests.waiting import LONG_S

_LANES_WITH_ROWS = (Lane.SIGHTING, Lane.ALERT, Lane.CROP, Lane.TELEMETRY)


class TinyCentre:
    """Keeps rows of all boxes in memory, acks each unless told not to.

    `acks` False: it reads and says nothing. `refuses`: payloads it answers with a refusal.
    """

    def __init__(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.acks = True
        self.refuses: set[bytes] = set()
        self.received: list[tuple[OutboxId, Lane, bytes]] = []
        self.states: list[BoxState] = []
        self.telemetry: list[Telemetry] = []
        self._boxes: set[str] = set()
        self._changed = Condition()
        self._subscribed = Event()
        self._clock = SystemClock()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        if tls is not None:
            self._client.tls_set_context(tls)
        self._client.connect_async(host, port)

    def __enter__(self) -> Self:
        self._client.loop_start()
        # What is sent before is sent to nobody, and again only when the box doubts that it came.
        assert self._subscribed.wait(LONG_S)
        return self

    def __exit__(self, *_: object) -> None:
        # Tests share a broker: a retained state would tell the next one of a box of this one.
        for box in self._boxes:
            cleared = self._client.publish(str(Topic(box, Lane.STATE)), b"", qos=1, retain=True)
            cleared.wait_for_publish(LONG_S)
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def rows(self) -> dict[OutboxId, bytes]:
        """Each row once, however often it came."""
        return {row: payload for row, _, payload in self.received}

    def wait(self, done: Callable[["TinyCentre"], bool], seconds: float = LONG_S) -> None:
        """Wait until `done(self)`; fails the test after `seconds`."""
        with self._changed:
            assert self._changed.wait_for(lambda: done(self), seconds), (
                f"{len(self.rows)} rows, {len(self.states)} states after {seconds} s"
            )

    def say(self, box: str, payload: bytes) -> None:
        """Publish `payload` on the ack topic of `box`."""
        self._client.publish(str(Topic(box, Lane.ACK)), payload, qos=1)

    def command(self, box: str, name: str, payload: bytes) -> None:
        """Tell `box` to do `name`."""
        self._client.publish(command(box, name), payload, qos=1)

    def ack(self, box: str, row: OutboxId, *, refused: bool = False) -> None:
        """Answer for `row`."""
        now = self._clock.now_ms()
        echo = ClockEcho(seq=row.seq, received_ms=now, sent_ms=now)
        if refused:
            refusals = [Refusal(seq=row.seq, reason="no")]
            self.say(box, encode(Ack(epoch=row.epoch, refused=refusals, echo=echo)))
        else:
            self.say(box, encode(Ack(epoch=row.epoch, accepted=[row.seq], echo=echo)))

    def _on_connect(
        self,
        client: mqtt.Client,
        _data: object,
        _flags: mqtt.ConnectFlags,
        _reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        client.subscribe(f"{ROOT}/+/+", qos=1)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        topic = parse_topic(message.topic)
        with self._changed:
            self._take(topic, message)
            self._changed.notify_all()

    def _take(self, topic: Topic, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        if topic.lane == Lane.STATE and payload:
            self._boxes.add(topic.box)
            self.states.append(decode(BoxState, payload))
        row = _row_of(message)
        if topic.lane == Lane.TELEMETRY:
            self.telemetry.append(decode(Telemetry, payload))
        if row is not None and topic.lane in _LANES_WITH_ROWS:
            self.received.append((row, topic.lane, payload))
            if self.acks:
                self.ack(topic.box, row, refused=payload in self.refuses)


def _row_of(message: mqtt.MQTTMessage) -> OutboxId | None:
    named: list[tuple[str, str]] = getattr(message.properties, "UserProperty", [])
    return next((OutboxId.parse(text) for name, text in named if name == PROPERTY), None)
