"""The motion gate: which frames of a channel are worth a detector, and how closely to watch next.

It never says "nothing is there", only "nothing has moved since the last look": what was found then
still holds, so that tracks of things that stand still go on without a detector.

    gate = MotionGate(policy)
    source = open_source(name, replace(options, watcher=gate))
    for frame in source.frames(stop):
        if gate.judge(frame).look:
            detections = detector.detect(frame.picture)
            gate.saw(detections, frame.position_s)
        else:
            detections = gate.held()
        tracker.update(detections, frame.position_s, frame.area)

`saw` may come later than the next `judge`, from another thread, and need not come for every look.
"""

from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

from edge_agent.gate.judging import Judging, Reason
from edge_agent.gate.packets import PacketSizes
from edge_agent.gate.settings import GatePolicy
from edge_agent.source import Attention, Frame, FrameImage, PacketSeen
from models.detection import Detection
from models.preparation import Size


class Verdict(NamedTuple):
    """Whether to look at a frame, why, and what the decoder gets from now on."""

    look: bool
    reason: Reason
    attention: Attention


class MotionGate:
    """The gate of one channel. It is its source's watcher as well.

    Args:
        policy: the knobs.
    """

    def __init__(self, policy: GatePolicy) -> None:
        self._policy = policy
        self._sizes = PacketSizes()
        self._judging: Judging | None = None
        self._lock = Lock()
        self.attention = Attention.FULL

    def packet(self, seen: PacketSeen) -> None:
        """See `edge_agent.source.Watcher`: a burst between two key frames wakes the channel."""
        if self._judging is None or seen.key:
            return
        quiet = self._judging.still_s(seen.position_s) > self._policy.linger_s
        if self._sizes.burst(seen.size, seen.position_s, quiet=quiet):
            self.attention = Attention.FULL

    def stirs(self, image: FrameImage) -> bool:
        """See `edge_agent.source.Watcher`: a key frame that is unlike the background."""
        judging = self._judging
        if judging is None or judging.area != image.size:
            return True
        return judging.differs(image.luma(judging.luma))

    def judge(self, frame: Frame) -> Verdict:
        """Whether `frame` is worth a look. Every frame of the channel, in the order of time."""
        judging, area = self._judging, frame.image.size
        if judging is None or judging.area != area or frame.cut:
            judging = self._begin(area, frame.position_s)
        with self._lock:
            if judging.moves_on(frame.position_s):
                return Verdict(True, Reason.LINGER, self.attention)
        luma = frame.image.luma(judging.luma)
        with self._lock:
            reason = judging.see(luma, frame.position_s)
            still_s = judging.still_s(frame.position_s)
        quiet = self._policy.keyframes and still_s > self._policy.quiet_s
        self.attention = Attention.KEYFRAMES if quiet else Attention.FULL
        return Verdict(reason is not Reason.STILL, reason, self.attention)

    def saw(self, detections: Sequence[Detection], position_s: float) -> None:
        """Told what a look at the frame at `position_s` found."""
        with self._lock:
            if self._judging is not None:
                self._judging.saw(detections, position_s)

    def held(self) -> list[Detection]:
        """What the last looks found, which holds while there is nothing to look at."""
        with self._lock:
            return [] if self._judging is None else self._judging.held()

    def _begin(self, area: Size, position_s: float) -> Judging:
        with self._lock:
            self._judging = Judging(self._policy, area, position_s)
            return self._judging
