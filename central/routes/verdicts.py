"""What is known of a leg and what is said of it. No input or output here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from central.roads.model import Mode
from central.routes.blaming import Explanation
from central.routes.ends import End
from central.routes.views import Part, View, gaps, passed, stretch, unseen_by
from shared.classes import ObjectClass

GLIMPSE_S = 0.5
"""Whoever is in view for less is not noticed: a track counts from its third detection, and boxes
look five times a second or a little more often."""


class LegType(StrEnum):
    """What is known of the way from one stop to the next."""

    OBSERVED = "OBSERVED"
    UNOBSERVED = "UNOBSERVED"
    COVERAGE_GAP = "COVERAGE_GAP"
    CONTRADICTION = "CONTRADICTION"


@dataclass(frozen=True, slots=True)
class Option:
    """A way that may have been taken, and who looks at it.

    `seconds` as it usually takes by `mode`. `straight`: no street is known, a straight line stands
    for the way.
    """

    mode: Mode
    metres: float
    seconds: float
    views: Sequence[View] = ()
    straight: bool = False

    def between(self, ends: tuple[str, str]) -> Part:
        """From where it leaves the one end camera's view to where it comes to the other's."""
        return stretch(self.metres, self.views, ends, self._glimpse_m)

    def apart_m(self, ends: tuple[str, str]) -> float:
        """How much of it neither of the cameras at its ends looks at, which saw somebody."""
        return unseen_by(ends, self.metres, self.views)

    def cameras(self, ends: tuple[str, str], *, working: bool) -> list[str]:
        """The other cameras that looked at it between those views, or would have."""
        others = (view for view in self.views if view.camera not in ends)
        found = passed(others, self.between(ends), self._glimpse_m)
        return list(dict.fromkeys(view.camera for view in found if view.working is working))

    def unseen_m(self) -> float:
        """How much of it no working camera looks at."""
        return sum(end - start for start, end in gaps(self.metres, self.views))

    @property
    def _glimpse_m(self) -> float:
        return GLIMPSE_S * self.metres / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Between:
    """What is known between two stops.

    `metres` straight, None where a place is not known. `options`, the fastest of each mode first.
    `network`: streets are imported.
    """

    metres: float | None
    options: Sequence[Option]
    network: bool
    object_class: ObjectClass


Figures = dict[str, float | str]


class Reason(NamedTuple):
    """Why, by a word that `central.routes.words` has sentences for, and what stands in them."""

    code: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a leg is.

    `chosen` is the option that is drawn, None where there is none or none can have been taken;
    `plausible` are those that the time suffices for. `available_s` is from the last moment at the
    one to the first at the other, below 0 by how long they overlap; `needed_s` the least that the
    way takes.
    """

    type: LegType
    reasons: list[Reason]
    available_s: float
    clock_s: float
    needed_s: float | None
    chosen: int | None = None
    plausible: list[int] = field(default_factory=list)
    ask_again: list[str] = field(default_factory=list)
    explanations: list[Explanation] = field(default_factory=list)


def notes(before: End, after: End, clock: float) -> list[Reason]:
    """What the clocks leave open between two ends, which may be wrong by `clock` seconds."""
    found = list[Reason]()
    if unmeasured := sorted({end.box for end in (before, after) if not end.measured}):
        found.append(Reason("unmeasured", {"boxes": ", ".join(unmeasured), "clock": clock}))
    if before.box != after.box and abs(after.first_s - before.first_s) < clock:
        found.append(Reason("order", {"clock": clock}))
    return found
