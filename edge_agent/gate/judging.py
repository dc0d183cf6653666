"""Whether a picture of one size is worth a look: motion, and what became of the looks before."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from edge_agent.gate.held import Held
from edge_agent.gate.places import Places
from edge_agent.gate.scene import Change, Mask, Scene
from edge_agent.gate.settings import GatePolicy
from edge_agent.source import Luma
from models.detection import Detection
from models.preparation import Size

# The smallest object in luma: enough pixels to be told from noise, few enough to cost nothing.
_OBJECT_WIDTH = 3.0
_LUMA_WIDTH = (96.0, 320.0)
# Detections from here up tell of a change when they come or go: the tracker's `high`.
_SURE = 0.4
# Part of the time a channel lingers after motion in which nobody needs to know whether it goes on.
_TAKEN_ON = 0.5
# Looks whose answers may be outstanding.
_ASKED = 64


class Reason(Enum):
    """Why a picture is looked at, or not (`STILL`); `GatePolicy` names the knob of each."""

    WARMING = "warming"
    MOTION = "motion"
    GLOBAL = "global"
    LINGER = "linger"
    WAVERS = "wavers"
    BARREN = "barren"
    ANYWAY = "anyway"
    STILL = "still"


@dataclass(slots=True)
class _Times:
    """When what was last, seconds of the source.

    `tried` is the last look that nothing that is trusted asked for.
    """

    began: float
    seen: float
    moved: float
    looked: float
    tried: float
    changed: float
    answered: float


class Judging:
    """Judges the pictures of a channel from `position_s` on, as long as they go on.

    Args:
        policy: the knobs.
        area: size of the channel's area, whose pixels detections are in.
        position_s: of the first picture.
    """

    def __init__(self, policy: GatePolicy, area: Size, position_s: float) -> None:
        self.area = area
        self.luma, smallest = sizes(area, policy)
        self._policy = policy
        self._scene = Scene(policy, smallest)
        self._places = Places(self.luma, area, policy.fruitless_s)
        self._held = Held(policy.linger_s, _SURE)
        self._asked: deque[tuple[float, Mask]] = deque(maxlen=_ASKED)
        self._times = _Times(*[position_s] * 7)

    def see(self, luma: Luma, position_s: float) -> Reason:
        """Whether the next picture, of that luma, is worth a look, and why."""
        change = self._scene.see(luma, position_s - self._times.seen)
        self._times.seen = position_s
        moved = self._places.of(change.moved)
        reason = self._reason(change, moved, position_s)
        if reason is not Reason.STILL:
            self._times.looked = position_s
            self._asked.append((position_s, moved))
        return reason

    def moves_on(self, position_s: float) -> bool:
        """Whether something moved just now: the next picture is looked at whatever it shows.

        Then it need not be given to `see`, which is half of what a busy channel costs the gate.
        """
        policy, times = self._policy, self._times
        if times.moved < times.seen or position_s - times.began < policy.warm_s:
            return False
        if position_s - times.seen >= _TAKEN_ON * policy.linger_s:
            return False
        times.moved = times.looked = position_s
        return True

    def saw(self, detections: Sequence[Detection], position_s: float) -> None:
        """What a look at the picture at `position_s` found."""
        times = self._times
        if self._held.looked(detections, position_s):
            times.changed = position_s
        moved = next((moved for at_s, moved in self._asked if at_s == position_s), None)
        if moved is not None:
            passed_s = min(position_s - times.answered, self._policy.linger_s)
            self._places.looked(moved, [one.rect for one in detections], passed_s)
            times.answered = position_s

    def held(self) -> list[Detection]:
        """What the last looks found, which holds while nothing moves."""
        return self._held.detections()

    def differs(self, luma: Luma) -> bool:
        """Whether a picture shows motion; nothing is learnt from it."""
        return self._scene.differs(luma)

    def still_s(self, position_s: float) -> float:
        """How long nothing has moved that was worth a look."""
        return position_s - self._times.moved

    def _reason(self, change: Change, moved: Mask, position_s: float) -> Reason:
        policy, times = self._policy, self._times
        if change.share > policy.global_share:
            times.moved = position_s
            return Reason.GLOBAL
        if self._places.fertile(moved):
            times.moved = position_s
            return Reason.MOTION
        if position_s - times.began < policy.warm_s:
            return Reason.WARMING
        if position_s - times.moved < policy.linger_s:
            return Reason.LINGER
        if self._wavers(position_s):
            return Reason.WAVERS
        return self._now_and_then(position_s, barren=bool(moved.any()))

    def _wavers(self, position_s: float) -> bool:
        """Whether what the last looks found is not settled, though nothing moves."""
        lately = position_s - self._times.changed < self._policy.linger_s
        since_s = position_s - max(self._times.moved, self._times.tried)
        return lately and since_s < self._policy.confirm_s

    def _now_and_then(self, position_s: float, *, barren: bool) -> Reason:
        unseen_s = position_s - self._times.looked
        reason = Reason.STILL
        if barren and unseen_s >= self._policy.doubt_s:
            reason = Reason.BARREN
        elif unseen_s >= self._policy.anyway_s:
            reason = Reason.ANYWAY
        if reason is not Reason.STILL:
            self._times.tried = position_s
        return reason


def sizes(area: Size, policy: GatePolicy) -> tuple[Size, Size]:
    """The luma to look at for an area, and the smallest object in it."""
    least, most = _LUMA_WIDTH
    width = min(max(area.width * _OBJECT_WIDTH / policy.object_width, least), most, area.width)
    scale = width / area.width
    luma = Size(round(width), max(1, round(area.height * scale)))
    across, down = policy.object_width * scale, policy.object_height * scale
    return luma, Size(max(2, round(across)), max(2, round(down)))
