"""Whether a leg cannot have been travelled. No input or output here.

Impossible is only what even the fastest way and the clocks' uncertainty do not suffice for.
"""

from central.roads.model import Mode
from central.routes.blaming import explanations
from central.routes.ends import End, clock_between, gap_between
from central.routes.verdicts import Between, Figures, LegType, Reason, Verdict, notes
from central.search.reach import FASTER_THAN_TOLD, FASTEST_M_S
from shared.classes import ObjectClass

RUN_M_S = 5.0
"""On foot, where there is no street: a run that few keep up for a minute (18 km/h)."""

CROSSING_M = 300.0
"""How far at most somebody runs where the network has no way: over a park or a car park."""


def contradicted(before: End, after: End, between: Between) -> Verdict | None:
    """Why nobody gets from `before` to `after`; None: somebody may."""
    needed = least_s(before, after, between)
    available, clock = gap_between(before, after), clock_between(before, after)
    if needed is None or needed <= max(available + clock, 0.0):
        return None
    return _contradiction(before, after, between, needed)


def least_s(before: End, after: End, between: Between) -> float | None:
    """The least time from view to view in seconds; None where a place is not known.

    By the network `FASTER_THAN_TOLD` times faster than usual, on foot over a short open stretch
    at `RUN_M_S`, and never faster than `FASTEST_M_S` straight, which alone decides where there is
    no street. Each end may have been as far from its place as its view reaches.
    """
    if between.metres is None:
        return None
    part = part_between(before, after, between.metres)
    free = part * between.metres
    straight = free / FASTEST_M_S[between.object_class]
    told = [each for each in between.options if not each.straight]
    if not any(each.mode is Mode.DRIVE for each in told):
        # A time on foot says nothing of the fastest, and most places can be driven to.
        return straight
    least = min(each.seconds for each in told) / FASTER_THAN_TOLD * part
    if between.object_class is ObjectClass.PERSON and between.metres <= CROSSING_M:
        least = min(least, free / RUN_M_S)
    return max(least, straight)


def part_between(before: End, after: End, metres: float) -> float:
    """How much of the way lies between the two views, from 0 to 1."""
    return max(metres - before.view_m - after.view_m, 0.0) / max(metres, 1.0)


def _contradiction(before: End, after: End, between: Between, needed: float) -> Verdict:
    available, clock = gap_between(before, after), clock_between(before, after)
    metres = between.metres or 0.0
    figures: Figures = {"metres": metres, "seconds": abs(available), "clock": clock}
    reason = (
        Reason("two_places", figures)
        if available < 0
        else Reason("too_fast", {**figures, "needed": needed})
    )
    reasons = [reason, *notes(before, after, clock)]
    if between.metres is not None and not any(not each.straight for each in between.options):
        reasons.append(Reason("no_way" if between.network else "no_network", {}))
    return Verdict(
        LegType.CONTRADICTION,
        reasons,
        available,
        clock,
        needed,
        explanations=explanations(before, after, needed - available),
    )
