"""A box as the broker sees it: publishes rows, hears what the centre answers."""

import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Self
from uuid import UUID

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from deploy.local.broker import Broker
from shared.messages import Ack, Message, decode, encode
from shared.outbox_id import PROPERTY, OutboxId
from shared.topics import Lane, Topic
from tests.central.keeping import EPOCH
from tests.waiting import LONG_S


class TestBox:
    """Publishes with QoS 1 and keeps every answer. A row may be sent as often as one likes."""

    __test__ = False

    def __init__(self, broker: Broker, name: str = "box-1", epoch: UUID = EPOCH) -> None:
        self.name = name
        self.epoch = epoch
        self.accepted: list[int] = []
        self.refused: dict[int, str] = {}
        self.acks: list[Ack] = []
        self._heard = threading.Condition()
        self._subscribed = threading.Event()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=name, protocol=mqtt.MQTTv5
        )
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        self._client.max_inflight_messages_set(1000)
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()

    def __enter__(self) -> Self:
        assert self._subscribed.wait(LONG_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def send(
        self,
        message: Message | bytes,
        outbox: int | str | None = None,
        *,
        lane: Lane = Lane.SIGHTING,
        retain: bool = False,
    ) -> mqtt.MQTTMessageInfo:
        """Publish `message` as row `outbox` (a number; or the property's whole text)."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if outbox is not None:
            row = str(OutboxId(self.epoch, outbox)) if isinstance(outbox, int) else outbox
            properties.UserProperty = (PROPERTY, row)
        payload = message if isinstance(message, bytes) else encode(message)
        topic = str(Topic(self.name, lane))
        return self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)

    def wait_for(self, seqs: Iterable[int], timeout_s: float = LONG_S) -> bool:
        """Whether all of `seqs` are answered within `timeout_s`."""
        wanted = set(seqs)
        with self._heard:
            return self._heard.wait_for(lambda: wanted <= self.answered, timeout_s)

    @property
    def answered(self) -> set[int]:
        """The rows the centre has answered for."""
        return {*self.accepted, *self.refused}

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, _reason: object, _more: object
    ) -> None:
        client.subscribe(str(Topic(self.name, Lane.ACK)), qos=1)

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        ack = decode(Ack, bytes(message.payload))
        with self._heard:
            self.acks.append(ack)
            if ack.epoch == self.epoch:
                self.accepted += ack.accepted
                self.refused |= {refusal.seq: refusal.reason for refusal in ack.refused}
            self._heard.notify_all()
