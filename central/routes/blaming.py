"""What would explain that somebody was where he cannot have been. No input or output here."""

from enum import StrEnum
from typing import NamedTuple

from central.routes.ends import End, gap_between

DRIFT_S = 3_600.0
"""The largest error of a clock that is believed: a box without a time server drifts by seconds a
day; one whose clock was lost is off by months, and ingest or its telemetry shows it."""


class Blame(StrEnum):
    """What may be wrong."""

    CLOCK = "clock"
    CLONED_PLATE = "cloned_plate"
    WRONG_CONFIRMATION = "wrong_confirmation"


class Explanation(NamedTuple):
    """One that would make the leg possible, and whether it is `likely`; `code` is its sentence.

    `offset_s` (clock alone): how far the second box's clock must be behind the first's; below 0,
    ahead of it.
    """

    kind: Blame
    code: str
    likely: bool
    figures: dict[str, float | str]
    offset_s: float | None = None


def explanations(before: End, after: End, lacking_s: float) -> list[Explanation]:
    """What would explain a leg that lacks `lacking_s` seconds, the likely ones first.

    A clock that nobody measured comes first, then two plates that differ, or are the same
    (copied: the two cars are not one). That a confirmation is wrong is always possible.
    """
    found = [*_clock(before, after, lacking_s), *_plates(before, after)]
    if all(each.kind is not Blame.WRONG_CONFIRMATION for each in found):
        likely = not any(each.likely for each in found)
        found.append(Explanation(Blame.WRONG_CONFIRMATION, "wrong_confirmation", likely, {}))
    return sorted(found, key=lambda each: not each.likely)


def _clock(before: End, after: End, lacking_s: float) -> list[Explanation]:
    """One box's clock cannot be off against itself."""
    if before.box == after.box or lacking_s > DRIFT_S:
        return []
    measured = before.measured and after.measured
    unmeasured = ", ".join(sorted({e.box for e in (before, after) if not e.measured}))
    # Of two that overlap, the second may as well have been the first.
    behind = after.first_s - before.last_s == gap_between(before, after)
    slow, fast = (after, before) if behind else (before, after)
    figures: dict[str, float | str] = {
        "seconds": lacking_s,
        "slow": slow.box,
        "fast": fast.box,
        "unmeasured": unmeasured,
    }
    offset = round(lacking_s if behind else -lacking_s, 1)
    code = "clock_measured" if measured else "clock_unmeasured"
    return [Explanation(Blame.CLOCK, code, not measured, figures, offset)]


def _plates(before: End, after: End) -> list[Explanation]:
    if before.plate is None or after.plate is None:
        return []
    plates: dict[str, float | str] = {"before": before.plate, "after": after.plate}
    if before.plate == after.plate:
        return [Explanation(Blame.CLONED_PLATE, "cloned_plate", likely=True, figures=plates)]
    return [Explanation(Blame.WRONG_CONFIRMATION, "other_plate", likely=True, figures=plates)]
