"""What a consumer asks the broker for, and how long the broker keeps it while nobody is there.

Alone, one consumer takes every lane and its session outlives a day. Several workers share the
lanes that carry load (MQTT 5, section 4.8.2): the broker hands each message to one of them. It
hands no retained message to any, so births are taken by one consumer of their own.

Mosquitto goes on dealing messages to a worker that is away as long as its session lasts (measured
with 2.0.11), so the sessions of workers are short: what was dealt to one that does not come back
goes with its session, and its box, which was never answered, sends it again.
"""

from dataclasses import dataclass

from shared.topics import Lane, every_box

LANES = (Lane.SIGHTING, Lane.CROP, Lane.STATE, Lane.TELEMETRY)
_SHARED = (Lane.SIGHTING, Lane.CROP, Lane.TELEMETRY)
_DAY_S = 24 * 3600
_WORKER_S = 60


@dataclass(frozen=True, slots=True)
class Subscription:
    """Filters to have, filters to give up that an earlier life may have had, and patience."""

    topics: tuple[str, ...]
    given_up: tuple[str, ...] = ()
    session_s: int = _DAY_S


def plain(*lanes: Lane) -> Subscription:
    """`lanes` of all boxes, for one consumer alone; no other lanes."""
    others = (every_box(lane) for lane in LANES if lane not in lanes)
    return Subscription(tuple(every_box(lane) for lane in lanes), tuple(others))


EVERYTHING = plain(*LANES)
"""For a single ingest."""

BIRTHS = plain(Lane.STATE)
"""For the one consumer beside workers."""


def shared(group: str) -> Subscription:
    """For a worker of `group`: whatever is not retained."""
    return Subscription(
        tuple(f"$share/{group}/{every_box(lane)}" for lane in _SHARED), session_s=_WORKER_S
    )
