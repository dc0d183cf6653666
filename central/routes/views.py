"""Which parts of a way are in view. No input or output here.

Parts are from where to where along the way, in metres from its start.
"""

from collections.abc import Collection, Iterable, Sequence
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


def unseen_m(metres: float, views: Iterable[View]) -> float:
    """How much of a way `metres` long no working camera looks at."""
    return sum(end - start for start, end in gaps(metres, views))


def unseen_between(metres: float, views: Iterable[View], ends: Collection[str]) -> float:
    """How much of the way neither of the cameras at its `ends` looks at, which saw somebody."""
    own = (view._replace(working=True) for view in views if view.camera in ends)
    return unseen_m(metres, own)


def passed(views: Sequence[View], ends: Collection[str], *, working: bool) -> list[str]:
    """The other cameras whose views the way passes, in its order."""
    wanted = [view for view in views if view.camera not in ends and view.working is working]
    return list(dict.fromkeys(view.camera for view in sorted(wanted, key=lambda each: each.from_m)))
