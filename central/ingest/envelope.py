"""A message's envelope: which box, which lane, which row of an outbox."""

from functools import lru_cache

import mqtt5

from central.ingest.received import Delivery, Received
from central.ingest.wire import Unreadable
from shared.errors import MalformedPayload
from shared.messages.base import MAX_PAYLOAD_BYTES
from shared.outbox_id import PROPERTY, OutboxId
from shared.topics import Lane, parse_topic

# Topics of a city's boxes are the same few thousand all day.
_TOPICS = 65_536
_parse_topic = lru_cache(_TOPICS)(parse_topic)


def to_received(packet: mqtt5.PublishPacket | Unreadable, connection: int, now_ms: int) -> Received:
    """`packet` as ingest sees it; what is wrong with its envelope goes into `unreadable`.

    Of a payload over the cap only so much is kept: what waits is bounded in bytes too.
    """
    if isinstance(packet, Unreadable):
        return _refused(packet, connection, now_ms)
    unreadable = None
    try:
        box, lane = _parse_topic(packet.topic)
    except MalformedPayload as error:
        box, lane, unreadable = "", Lane.SIGHTING, str(error)
    outbox = None
    try:
        outbox = _outbox_id(packet)
    except MalformedPayload as error:
        unreadable = unreadable or str(error)
    payload = bytes(packet.payload)
    if len(payload) > MAX_PAYLOAD_BYTES:
        unreadable = unreadable or _too_large(lane, len(payload))
        payload = payload[:MAX_PAYLOAD_BYTES]
    return Received(
        box=box,
        lane=lane,
        payload=payload,
        outbox=outbox,
        received_ms=now_ms,
        delivery=Delivery(connection, packet.packet_id or 0, int(packet.qos)),
        retained=packet.retain,
        unreadable=unreadable,
    )


def _refused(packet: Unreadable, connection: int, now_ms: int) -> Received:
    return Received(
        box="",
        lane=Lane.SIGHTING,
        payload=packet.data[:MAX_PAYLOAD_BYTES],
        outbox=None,
        received_ms=now_ms,
        delivery=Delivery(connection, packet.packet_id or 0, packet.qos),
        unreadable=f"topic or properties are not MQTT 5: {packet.reason}",
    )


def _outbox_id(packet: mqtt5.PublishPacket) -> OutboxId | None:
    found = next((value for name, value in packet.user_properties if name == PROPERTY), None)
    return None if found is None else OutboxId.parse(found)


def _too_large(lane: Lane, size: int) -> str:
    return f"a message of {size} bytes on lane {lane}; the cap is {MAX_PAYLOAD_BYTES}"
