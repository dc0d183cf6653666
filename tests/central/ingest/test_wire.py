"""One message that is not what MQTT allows must not end the connection, for it would come again."""

import socket
from collections.abc import Iterator
from uuid import UUID

import mqtt5
import pytest

from central.ingest.envelope import to_received
from central.ingest.wire import LineError, Unreadable, Wire
from shared.messages.base import MAX_PAYLOAD_BYTES
from shared.outbox_id import PROPERTY, OutboxId
from shared.topics import Lane

ROW = OutboxId(UUID(int=7), 3)


@pytest.fixture
def line() -> Iterator[tuple[Wire, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    wire = Wire(ours)
    yield wire, theirs
    wire.close()
    theirs.close()


def publish(payload: bytes = b"x", topic: str = "dongseon/1/box-1/sighting") -> bytes:
    return mqtt5.PublishPacket(
        topic,
        payload,
        qos=mqtt5.QoS.AT_LEAST_ONCE,
        packet_id=5,
        user_properties=[(PROPERTY, str(ROW))],
    ).write()


def damaged() -> bytes:
    """A PUBLISH whose first property has a number that MQTT does not know."""
    whole = bytearray(publish())
    whole[whole.index(0x26)] = 0x7E
    return bytes(whole)


def test_packets_come_out_whole_however_they_are_cut(
    line: tuple[Wire, socket.socket],
) -> None:
    wire, broker = line
    found = []
    for byte in publish() * 3:
        broker.send(bytes([byte]))
        found += wire.receive()
    assert [packet.packet_id for packet in found if isinstance(packet, mqtt5.PublishPacket)] == [
        5,
        5,
        5,
    ]


def test_a_damaged_message_is_kept_aside_and_can_be_confirmed(
    line: tuple[Wire, socket.socket],
) -> None:
    wire, broker = line
    broker.send(publish() + damaged() + publish())
    first, odd, last = wire.receive()
    assert isinstance(first, mqtt5.PublishPacket)
    assert isinstance(last, mqtt5.PublishPacket)
    assert isinstance(odd, Unreadable)
    assert (odd.packet_id, odd.qos) == (5, 1)
    received = to_received(odd, connection=2, now_ms=1)
    assert received.delivery == (2, 5, 1)
    assert received.unreadable is not None
    assert (received.box, received.outbox) == ("", None)


def test_what_is_no_message_and_no_mqtt_ends_the_connection(
    line: tuple[Wire, socket.socket],
) -> None:
    wire, broker = line
    broker.send(b"\x00\x00HTTP/1.1 400 Bad Request\r\n")
    with pytest.raises(LineError, match="not MQTT 5"):
        wire.receive()


def test_a_broker_that_goes_away_is_noticed(line: tuple[Wire, socket.socket]) -> None:
    wire, broker = line
    broker.close()
    with pytest.raises(LineError, match="closed"):
        wire.receive()


def test_the_envelope_is_read() -> None:
    packet, _ = mqtt5.read(memoryview(publish(b"hello")))
    assert isinstance(packet, mqtt5.PublishPacket)
    received = to_received(packet, connection=1, now_ms=9)
    assert received.box == "box-1"
    assert received.lane is Lane.SIGHTING
    assert received.outbox == ROW
    assert received.payload == b"hello"
    assert received.unreadable is None


def test_of_a_payload_over_the_cap_only_the_beginning_waits_in_memory() -> None:
    packet, _ = mqtt5.read(memoryview(publish(bytes(1_000_000))))
    assert isinstance(packet, mqtt5.PublishPacket)
    received = to_received(packet, connection=1, now_ms=9)
    assert len(received.payload) == MAX_PAYLOAD_BYTES
    assert (
        received.unreadable
        == f"a message of 1000000 bytes on lane sighting; the cap is {MAX_PAYLOAD_BYTES}"
    )
    assert received.outbox == ROW
