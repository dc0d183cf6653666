"""Which parts of a way are in view. No input or output here.

Parts are from where to where along the way, in metres from its start.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

ASSUMED_M = 30.0
"""How far around a camera of unknown geometry it is taken to look. Between recognising that it is
somebody (25 pixels a metre: 38 m) and seeing what he wears (62.5 pixels a metre: 15 m), EN IEC
62676-4, for a picture 1,920 pixels wide over 90 degrees."""


class View(NamedTuple):
    """A part of a way that a camera looks at.

    `assumed`: its geometry is not known. `working` is False where it is known to have been silent.
    """

    camera: str
    from_m: float
    to_m: float
    assumed: bool = False
    working: bool = True


Part = tuple[float, float]


def merged(parts: Iterable[Part]) -> list[Part]:
    """The same parts, in order, those that overlap as one."""
    found: list[Part] = []
    for start, end in sorted(parts):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def gaps(metres: float, views: Iterable[View]) -> list[Part]:
    """The parts of a way `metres` long that no working camera looks at."""
    looked = merged((view.from_m, view.to_m) for view in views if view.working)
    found, at = list[Part](), 0.0
    for start, end in looked:
        if start > at:
            found.append((at, min(start, metres)))
        at = max(at, end)
    if at < metres:
        found.append((at, metres))
    return [part for part in found if part[1] > part[0]]


def unseen_by(cameras: Collection[str], metres: float, views: Iterable[View]) -> float:
    """How much of a way `metres` long none of `cameras` looks at, whether they worked or not."""
    own = (view._replace(working=True) for view in views if view.camera in cameras)
    return sum(end - start for start, end in gaps(metres, own))


def stretch(
    metres: float, views: Iterable[View], ends: tuple[str, str], least_m: float = 0.0
) -> Part:
    """From where a way leaves the view of the camera at its start to where it comes to the other's.

    Before and after, those cameras had somebody: only what lies between them is to be explained. A
    way that comes through the first view again left it there. Views shorter than `least_m` are too
    short to be seen in. As long as the way where one camera is both ends.
    """
    start, end = ends
    if start == end:
        return (0.0, metres)
    own = [view for view in views if view.to_m - view.from_m >= least_m]
    came = min((view.from_m for view in own if view.camera == end), default=metres)
    left = (view.to_m for view in own if view.camera == start and view.from_m <= came)
    return (max(left, default=0.0), came)


def passed(views: Iterable[View], part: Part, least_m: float) -> list[View]:
    """The views that `part` of a way passes for `least_m` or more, cut to it, in its order."""
    cut = (
        view._replace(from_m=max(view.from_m, part[0]), to_m=min(view.to_m, part[1]))
        for view in views
    )
    return sorted(
        (view for view in cut if view.to_m - view.from_m >= least_m), key=lambda each: each.from_m
    )
