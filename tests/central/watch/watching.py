"""A watch list over a whole centre, and shorthand for what tests put on it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from central.watch import events
from central.watch.watcher import Watcher
from shared.vectors import Vector, normalised
from tests.central.asking import Centre
from tests.factories import unit_vector

UNTIL = "2026-07-27T12:00:00.000Z"
"""A week after the factories' noon."""


@dataclass
class Watch:
    """The list of `centre`, compared when a test says so."""

    centre: Centre
    watcher: Watcher

    def enrol(self, *sightings: UUID, status: int = 201, **more: object) -> dict[str, Any]:
        """Put sightings on the list."""
        by = {"sighting_ids": [str(each) for each in sightings]}
        entry = {"name": "someone", "purpose": "report 1", "until": UNTIL, "by": by}
        return self.centre.post("/watch", entry | more, status)

    def compare(self) -> int:
        """Compare all that has come; gives how many sightings were."""
        total = 0
        while rows := self.watcher.step():
            total += rows
        return total

    def alerts(self, **wanted: object) -> list[dict[str, Any]]:
        """The alerts, oldest first."""
        found: list[dict[str, Any]] = self.centre.get("/watch/alerts", **wanted)["items"]
        return found[::-1]

    def told(self) -> list[str]:
        """The kinds of all events, in order."""
        return [event.kind for event in events.after(self.centre.engine, 0)]


@pytest.fixture
def watch(centre: Centre) -> Watch:
    services = centre.services
    return Watch(centre, Watcher(services.engine, services.likeness, services.clock))


def near(vector: Vector, cosine: float, seed: int = 0) -> Vector:
    """A unit vector at `cosine` from the unit vector `vector`."""
    other = unit_vector(np.random.default_rng(seed))
    across = normalised(other - (other @ vector) * vector)
    return normalised(cosine * vector + np.sqrt(1 - cosine**2) * across)
