"""The ends of a leg: where and when somebody was, and how well the clocks say so."""

from dataclasses import dataclass

from central.search.reach import CLOCK_S, UNMEASURED_S, VIEW_M


@dataclass(frozen=True, slots=True)
class End:
    """A stop as a leg's end.

    `first_s`, `last_s`: seconds since the epoch by the centre's clock, as far as the box `measured`
    how far its own is off. `view_m`: how far from its place on the map it may have been.
    """

    camera: str
    box: str
    first_s: float
    last_s: float
    measured: bool = True
    view_m: float = VIEW_M
    plate: str | None = None


def clock_between(before: End, after: End) -> float:
    """How far the times of the two may be apart wrongly, in seconds.

    One box has one clock for all its cameras. It counts as two where it measured its clock before
    the one and not before the other: the one's times are corrected, the other's are not.
    """
    one_clock = before.box == after.box and before.measured == after.measured
    return CLOCK_S if one_clock or (before.measured and after.measured) else UNMEASURED_S


def gap_between(before: End, after: End) -> float:
    """Seconds from the one's end to the other's beginning; below 0 by how long they overlap.

    Where one lies within the other, by as much as it must be moved to be before or after it.
    """
    return max(after.first_s - before.last_s, before.first_s - after.last_s)
