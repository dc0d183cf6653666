"""From the outbox to the centre over MQTT, until the centre has said that it is kept."""

from edge_agent.uplink.identity import Identity
from edge_agent.uplink.uplink import Uplink, UplinkStatus

__all__ = ["Identity", "Uplink", "UplinkStatus"]
