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


class CommandTopic(NamedTuple):
    """Where the centre asks a box to do what `name` says."""

    box: str
    name: str

    def __str__(self) -> str:
        return f"{ROOT}/{self.box}/cmd/{self.name}"


def every_command(box: str) -> str:
    """The subscription filter for all commands to `box`."""
    return str(CommandTopic(box, "+"))


def command_name(topic: str) -> str | None:
    """The name of the command that `topic` is for; None when it is a lane's."""
    head, _, name = topic.rpartition("/")
    return name if head.startswith(f"{ROOT}/") and head.endswith("/cmd") else None


def every_box(lane: Lane) -> str:
    """The subscription filter for `lane` of all boxes."""
    return f"{ROOT}/+/{lane}"


def parse_topic(topic: str) -> Topic:
    """The box and lane `topic` names.

    Raises:
        MalformedPayload: it is none of ours.
    """
    head, _, lane = topic.rpartition("/")
    root, _, box = head.rpartition("/")
    if root != ROOT or lane not in set(Lane) or not is_box_name(box):
        raise MalformedPayload(f"topic {topic[:200]!r} is not {ROOT}/{{box}}/{{lane}}")
    return Topic(box, Lane(lane))
