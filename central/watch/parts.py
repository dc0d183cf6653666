"""The threads of the watch list."""

import random
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Engine

from central.supervisor import Supervised
from central.watch.delivery import Deliverer, DeliveryParts
from central.watch.feed import Feed
from central.watch.hub import Hub
from central.watch.likeness import Likeness
from central.watch.watcher import Watcher
from shared.clock import Clock

FEED = "watch events"
"""What subscribers of the API hear by, so that it runs wherever the API does."""


class WatchParts(NamedTuple):
    """What they work with. `hosts`: those that alerts may be sent to."""

    engine: Engine
    clock: Clock
    hub: Hub
    likeness: Likeness
    hosts: Collection[str]


def watch_parts(parts: WatchParts) -> list[Supervised]:
    """The watcher, what tells subscribers, and what sends to webhooks; none is started."""
    engine, clock = parts.engine, parts.clock
    # Jitter, no secret.
    rng = random.Random()  # noqa: S311
    sending = DeliveryParts(engine, clock, parts.hosts, rng)
    return [
        Supervised("watch", lambda: Watcher(engine, parts.likeness, clock)),
        Supervised(FEED, lambda: Feed(engine, parts.hub)),
        Supervised("webhooks", lambda: Deliverer(sending)),
    ]
