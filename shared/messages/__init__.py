"""What travels over MQTT: one frozen, validated, versioned type a message."""

from shared.messages.ack import Ack, ClockEcho, Refusal
from shared.messages.base import Message, decode, encode
from shared.messages.command import ClipCommand, Command, Reply, SnapshotCommand, Upload
from shared.messages.crop import CropsWanted, LateCrop, LateCrops, part_from_crop
from shared.messages.sighting import Attribute, ClockOffset, Crop, Embedding, Sighting
from shared.messages.state import BoxState, ChannelState
from shared.messages.telemetry import MAX_WHY, ChannelTelemetry, Gap, Telemetry

__all__ = [
    "MAX_WHY",
    "Ack",
    "Attribute",
    "BoxState",
    "ChannelState",
    "ChannelTelemetry",
    "ClipCommand",
    "ClockEcho",
    "ClockOffset",
    "Command",
    "Crop",
    "CropsWanted",
    "Embedding",
    "Gap",
    "LateCrop",
    "LateCrops",
    "Message",
    "Refusal",
    "Reply",
    "Sighting",
    "SnapshotCommand",
    "Telemetry",
    "Upload",
    "decode",
    "encode",
    "part_from_crop",
]
