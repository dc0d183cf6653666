"""What the centre tells its boxes to do: `dongseon/1/{box}/cmd/{name}`."""

from typing import Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from central.ingest.broker import BrokerAddress, identify
from shared.errors import StorageError
from shared.messages import Message, encode
from shared.topics import command

_KEEPALIVE_S = 20
_LONGEST_DELAY_S = 30


class Commands:
    """A connection to the broker for commands; comes back by itself. Safe to use from threads.

    A command is for now: a box that is not there does not get it later, and whoever gave it may
    give it again.
    """

    def __init__(self, address: BrokerAddress) -> None:
        self._address = address
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=address.client_id, protocol=mqtt.MQTTv5
        )
        self._client.reconnect_delay_set(1, _LONGEST_DELAY_S)
        identify(self._client, address)

    def __enter__(self) -> Self:
        address = self._address
        self._client.connect_async(address.host, address.port, keepalive=_KEEPALIVE_S)
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, box: str, name: str, message: Message) -> None:
        """Tell `box` to do `name`.

        Raises:
            StorageError: the broker is away.
        """
        topic = command(box, name)
        sent = self._client.publish(topic, encode(message), qos=1) if self._connected else None
        if sent is None or sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise StorageError(f"{box} cannot be told anything: the broker is away; try again")

    @property
    def _connected(self) -> bool:
        return self._client.is_connected()
