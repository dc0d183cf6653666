"""The seam between a channel and its gate, and the gate that is always open."""

from collections.abc import Sequence
from typing import Protocol

from edge_agent.config import GateSettings, TrackletSettings
from edge_agent.gate.gate import MotionGate, Verdict
from edge_agent.gate.judging import Reason
from edge_agent.gate.settings import GatePolicy
from edge_agent.source import Attention, Frame, WatchesAll
from edge_agent.source.attention import Watcher
from models.detection import Detection

_LOOK = Verdict(look=True, reason=Reason.ANYWAY, attention=Attention.FULL)


class Gate(Watcher, Protocol):
    """Which frames of a channel are looked at. Frames come from one thread, the rest from any."""

    def judge(self, frame: Frame) -> Verdict:
        """Whether `frame` is worth a look. Every frame of the channel, in the order of time."""

    def saw(self, detections: Sequence[Detection], position_s: float) -> None:
        """Told what a look at the frame at `position_s` found."""

    def held(self) -> list[Detection]:
        """What still holds where nothing has moved since the last look."""


class OpenGate(WatchesAll):
    """Every frame is looked at."""

    def judge(self, frame: Frame) -> Verdict:  # noqa: ARG002 - the answer is always the same
        """See `Gate`."""
        return _LOOK

    def saw(self, detections: Sequence[Detection], position_s: float) -> None:
        """See `Gate`."""

    def held(self) -> list[Detection]:
        """See `Gate`."""
        return []


def gate_of(settings: GateSettings, tracklet: TrackletSettings) -> Gate:
    """The gate that `[gate]` asks for."""
    return MotionGate(GatePolicy.of(settings, tracklet)) if settings.on else OpenGate()
