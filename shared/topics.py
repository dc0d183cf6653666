"""MQTT topics: `dongseon/1/{box}/{lane}`, and `dongseon/1/{box}/cmd/{name}` for commands."""

from enum import StrEnum
from typing import NamedTuple

from shared.errors import MalformedPayload
from shared.ids import is_box_name

ROOT = "dongseon/1"


class Lane(StrEnum):
    """The last level of a topic."""

    SIGHTING = "sighting"
    ALERT = "alert"
    CROP = "crop"
    TELEMETRY = "telemetry"
    STATE = "state"
    ACK = "ack"
    DESIRED = "desired"
    REPORTED = "reported"
    REPLY = "reply"


class Topic(NamedTuple):
    """A box's lane."""

    box: str
    lane: Lane

    def __str__(self) -> str:
        return f"{ROOT}/{self.box}/{self.lane}"


_LANES = frozenset(Lane)


def every_box(lane: Lane) -> str:
    """The subscription filter for `lane` of all boxes."""
    return f"{ROOT}/+/{lane}"


def command(box: str, name: str) -> str:
    """The topic on which `box` is told to do `name`; `+` for every name of its own."""
    return f"{ROOT}/{box}/cmd/{name}"


def parse_topic(topic: str) -> Topic:
    """The box and lane `topic` names.

    Raises:
        MalformedPayload: it is none of ours.
    """
    head, _, lane = topic.rpartition("/")
    root, _, box = head.rpartition("/")
    if root != ROOT or lane not in _LANES or not is_box_name(box):
        raise MalformedPayload(f"topic {topic[:200]!r} is not {ROOT}/{{box}}/{{lane}}")
    return Topic(box, Lane(lane))
