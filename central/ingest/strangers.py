"""Attributes that the label sets do not have: kept, but said aloud."""

import structlog
from prometheus_client import Counter

from shared.attributes import unknown_in
from shared.messages import Sighting

_TOLD = 1_000
"""Different ones that are told; a box that invents more fills no log."""

_log = structlog.get_logger(__name__)


class Strangers:
    """Counts them, and tells each of a box once: that box is newer than the centre, or wrong."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._told: set[tuple[str, str]] = set()

    def note(self, box: str, sighting: Sighting) -> None:
        """Look at the attributes of one sighting of `box`."""
        values = {name: each.value for name, each in sighting.attributes.items()}
        for unknown in unknown_in(sighting.object_class, values):
            self._counter.inc()
            if (box, unknown) not in self._told and len(self._told) < _TOLD:
                self._told.add((box, unknown))
                _log.warning(
                    "an attribute that the centre does not know is kept; is the box newer?",
                    box=box,
                    attribute=unknown,
                )
