"""What the broker handed out, before anyone looked into it."""

from typing import NamedTuple

from shared.outbox_id import OutboxId
from shared.topics import Lane


class Delivery(NamedTuple):
    """Which message of which connection this is, to acknowledge it to the broker."""

    connection: int
    mid: int
    qos: int


class Received(NamedTuple):
    """One message. `box` is the topic's: the broker lets a box write only below its own name.

    `outbox` is None when the message does not say which row of its box's outbox it is;
    `unreadable` then may tell why. `retained`: kept by the broker for whoever subscribes.
    """

    box: str
    lane: Lane
    payload: bytes
    outbox: OutboxId | None
    received_ms: int
    delivery: Delivery
    retained: bool = False
    unreadable: str | None = None
