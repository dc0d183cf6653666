"""The stack's Mosquitto."""

import signal
from typing import ClassVar

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from deploy.local.process import Deadline
from deploy.local.server import Server

# Loopback only, so no accounts. The size limit stands above the project's own cap of 256 KiB, so
# that a message over the cap reaches ingest and is answered instead of vanishing here.
_CONFIGURATION = """\
listener {port} {host}
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 30
max_inflight_messages 1000
max_queued_messages 100000
message_size_limit 1048576
set_tcp_nodelay true
log_dest stdout
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""


class Broker(Server):
    """A private Mosquitto: anonymous, on loopback, persistent in its own folder."""

    name: ClassVar[str] = "broker"
    program: ClassVar[str] = "mosquitto"
    preferred_user: ClassVar[str] = "mosquitto"
    polite: ClassVar[signal.Signals] = signal.SIGTERM
    stop_s: ClassVar[float] = 10.0

    def _prepare(self, port: int) -> list[str]:
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text(
            _CONFIGURATION.format(port=port, host=self.host, folder=self.folder),
            encoding="utf-8",
        )
        configuration.chmod(0o644)
        return [str(self._around.programs.mosquitto), "-c", str(configuration)]

    def _answers(self, seconds: float) -> bool:
        """Whether it accepts an MQTT 5 client."""
        accepted: list[bool] = []

        def on_connect(
            _client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _more: object
        ) -> None:
            accepted.append(not reason.is_failure)

        client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        client.on_connect = on_connect
        try:
            client.connect(self.host, self.port, keepalive=10)
        except OSError:
            return False
        deadline = Deadline(min(seconds, 5.0))
        while not accepted and deadline.left > 0:
            if client.loop(timeout=deadline.left) != mqtt.MQTT_ERR_SUCCESS:
                break
        client.disconnect()
        return accepted == [True]
