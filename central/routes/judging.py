"""What a leg is: seen, not seen, out of all views, or impossible. No input or output here.

Every judgement says why, in figures. What is impossible is said only where even the fastest way
and the clocks' uncertainty do not suffice; what is observed only where hardly anything lies
between the two views.
"""

from collections.abc import Sequence
from typing import NamedTuple

from central.roads.model import Mode
from central.routes.ends import End, clock_between, gap_between
from central.routes.impossible import contradicted, least_s, part_between
from central.routes.verdicts import (
    Between,
    Figures,
    LegType,
    Option,
    Reason,
    Verdict,
    notes,
)
from central.routes.views import ASSUMED_M
from central.search.reach import FASTER_THAN_TOLD, VIEW_M
from shared.classes import ObjectClass

SAME_VIEW_S = 60.0
"""How long a camera may miss somebody whom it then has again as if he had not left: someone who
walks out of a view of 30 m and back takes less."""

NEARLY_M = 30.0
"""How far apart two views may be on the way and still count as adjacent: a street is crossed, a
pole passed. Half a minute on foot at most, and no side street of a city block of 60 to 100 m."""

LINGERING = 3.0
"""How many times longer than the way usually takes somebody still counts as on the way: who looks
at shop windows walks at a third of 1.4 m/s."""

STAY_S = 120.0
"""...and how much longer it must be before it is said that somebody stayed."""


def judge(before: End, after: End, between: Between) -> Verdict:
    """The leg from `before` to `after`."""
    if (found := contradicted(before, after, between)) is not None:
        return found
    available, clock = gap_between(before, after), clock_between(before, after)
    needed, common = least_s(before, after, between), notes(before, after, clock)
    if (seen := _same_view(before, after, available, between.metres)) is not None:
        chosen = 0 if between.options else None
        plausible_ones = [] if chosen is None else [chosen]
        again = [before.camera] if seen.code == "twice" else []
        return Verdict(
            LegType.OBSERVED,
            [seen, *common],
            available,
            clock,
            needed,
            chosen,
            plausible_ones,
            again,
        )
    if between.metres is None or not between.options:
        nowhere = Reason("no_place", {})
        return Verdict(LegType.UNOBSERVED, [nowhere, *common], available, clock, needed)
    fitting = plausible(
        between.options, part_between(before, after, between.metres), available + clock
    )
    way = _on_the_way(before, after, between, fitting)
    about = _about_the_way(between, way.option, available - clock)
    if not fitting:
        about.append(Reason("faster_than_streets", {}))
    reasons = [*way.reasons, *about, *common]
    return Verdict(way.type, reasons, available, clock, needed, way.option, fitting, way.ask_again)


def plausible(options: Sequence[Option], part: float, most_s: float) -> list[int]:
    """The options of which `part` can be done in `most_s`: those on foot, or else those by car."""
    found = [
        index
        for index, each in enumerate(options)
        if each.seconds / FASTER_THAN_TOLD * part <= max(most_s, 0.0)
    ]
    on_foot = [index for index in found if options[index].mode is Mode.WALK]
    return on_foot or found


def _same_view(before: End, after: End, available: float, metres: float | None) -> Reason | None:
    """One camera soon again, unless it was moved meanwhile."""
    stood = metres is None or metres <= 2 * VIEW_M
    if before.camera != after.camera or not stood or available > SAME_VIEW_S:
        return None
    if available < -clock_between(before, after):
        return Reason("twice", {"camera": after.camera, "seconds": -available})
    return Reason("same_view", {"camera": after.camera, "seconds": max(available, 0.0)})


class _Found(NamedTuple):
    option: int
    type: LegType
    reasons: list[Reason]
    ask_again: list[str]


def _on_the_way(before: End, after: End, between: Between, fitting: list[int]) -> _Found:
    """Which option is drawn, what the leg is, and why."""
    candidates = fitting or [_fastest(between.options)]
    first = between.options[candidates[0]]
    if (reason := _adjacent(before, after, first)) is not None:
        return _Found(candidates[0], LegType.OBSERVED, [reason], [])
    ends = (before.camera, after.camera)
    for index in candidates:
        option = between.options[index]
        if not option.cameras(ends, working=True):
            return _nobody_looked(index, before, after, option)
    cameras = first.cameras(ends, working=True)
    figures: Figures = {
        "cameras": ", ".join(cameras),
        "metres": first.metres,
        "unseen": first.unseen_m(),
    }
    return _Found(candidates[0], LegType.UNOBSERVED, [Reason("passed", figures)], cameras)


def _nobody_looked(index: int, before: End, after: End, option: Option) -> _Found:
    """A way that no other working camera looks at between the two views.

    Where those two see all of it, they would have had whoever stayed on it: it left them.
    """
    ends = (before.camera, after.camera)
    if option.unseen_m() == 0:
        own = Reason("own_views", {"seconds": max(gap_between(before, after), 0.0)})
        return _Found(index, LegType.COVERAGE_GAP, [own], list(dict.fromkeys(ends)))
    found = [Reason("gap", {"unseen": option.unseen_m(), "metres": option.metres})]
    if silent := option.cameras(ends, working=False):
        found.append(Reason("silent", {"cameras": ", ".join(silent)}))
    return _Found(index, LegType.COVERAGE_GAP, found, [])


def _adjacent(before: End, after: End, option: Option) -> Reason | None:
    """Whether the views of the two ends meet or nearly do, and the time is that of the way."""
    apart = option.apart_m((before.camera, after.camera))
    available, clock = gap_between(before, after), clock_between(before, after)
    if apart > 0 and available < -clock:
        # In both at once, with ground between them that neither sees.
        return None
    if apart > NEARLY_M or available > LINGERING * option.seconds + clock:
        return None
    if available < 0:
        return Reason("both_views", {"seconds": -available, "metres": option.metres})
    return Reason(
        "adjacent",
        {"apart": apart, "most": NEARLY_M, "seconds": available, "usual": option.seconds},
    )


def _about_the_way(between: Between, chosen: int, spare_s: float) -> list[Reason]:
    """What else is to be known of the option that is drawn."""
    option, found = between.options[chosen], list[Reason]()
    on_foot = [each.seconds for each in between.options if each.mode is Mode.WALK]
    if between.object_class is ObjectClass.PERSON and option.mode is Mode.DRIVE and on_foot:
        found.append(Reason("by_vehicle", {"usual": min(on_foot)}))
    if spare_s > LINGERING * option.seconds + STAY_S:
        spare = spare_s - option.seconds
        found.append(Reason("stayed", {"spare": spare, "usual": option.seconds}))
    if option.straight and option.metres > 0:
        found.append(Reason("no_way" if between.network else "no_network", {}))
    assumed = sorted({view.camera for view in option.views if view.assumed})
    if assumed:
        found.append(Reason("assumed", {"cameras": ", ".join(assumed), "assumed": ASSUMED_M}))
    return found


def _fastest(options: Sequence[Option]) -> int:
    return min(range(len(options)), key=lambda index: options[index].seconds)
