"""The seam between a channel and its motion gate."""

from collections.abc import Sequence
from typing import Protocol

from edge_agent.source import Frame, WatchesAll
from edge_agent.source.attention import Watcher
from models.detection import Detection


class Gate(Watcher, Protocol):
    """Which frames of a channel are looked at. Frames come from one thread, the rest from any."""

    def looks(self, frame: Frame) -> bool:
        """Whether a detector is to see `frame`; every frame, in the order of time."""

    def saw(self, detections: Sequence[Detection], position_s: float) -> None:
        """Told what the detector found in the frame at `position_s`."""

    def held(self) -> list[Detection]:
        """What still holds where nothing has moved since the last look."""


class OpenGate(WatchesAll):
    """Every frame is looked at."""

    def looks(self, frame: Frame) -> bool:  # noqa: ARG002 - see `Gate`
        """See `Gate`."""
        return True

    def saw(self, detections: Sequence[Detection], position_s: float) -> None:
        """See `Gate`."""

    def held(self) -> list[Detection]:
        """See `Gate`."""
        return []
