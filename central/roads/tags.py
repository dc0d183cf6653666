"""What the tags of an OpenStreetMap way say: who may use it, which way, and how fast.

Keys and values follow the OpenStreetMap wiki (`highway`, `access`, `oneway`, `maxspeed`). Speeds
are those usual in a town, not those allowed. Barriers at nodes and turn restrictions are not read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

KMH = 1 / 3.6
"""Kilometres an hour in metres a second."""

WALK_M_S = 1.34
STAIRS_M_S = 0.65
"""Along the level, of stairs in the middle of up (0.61) and down (0.69): Weidmann,
Transporttechnik der Fussgaenger, ETH Zuerich 1993."""

DRIVE_KMH = {
    "motorway": 80.0,
    "trunk": 60.0,
    "primary": 50.0,
    "secondary": 45.0,
    "tertiary": 40.0,
    "unclassified": 30.0,
    "residential": 25.0,
    "living_street": 15.0,
    "service": 15.0,
}
"""What is driven on each kind where no `maxspeed` is told: as the made city of `deploy/sim`."""

OF_MAXSPEED = 0.8
"""How much of the allowed speed is driven on the whole: as OSRM's car profile has it
(`speed_reduction`). With 50 km/h allowed it gives what `DRIVE_KMH` has for a tertiary street."""

_OTHERWISE_KMH = 10.0
_SPEEDS_KMH = (5.0, 130.0)
_WALK_ONLY = {
    *("footway", "pedestrian", "path", "steps", "track", "cycleway", "corridor", "bridleway"),
    *("platform", "elevator"),
}
_NO_WALKING = {"motorway", "motorway_link", "trunk_link"}
_CLOSED = {"no", "private", "agricultural", "forestry", "use_sidepath", "emergency", "military"}
_ALONG = {"yes", "true", "1"}
_AGAINST = {"-1", "reverse"}
_MAXSPEED = re.compile(r"^\s*([0-9]{1,3}(?:\.[0-9]+)?)\s*(mph|km/h|kmh|kph)?\s*(?:;.*)?$")
_MPH_KMH = 1.609344


@dataclass(frozen=True, slots=True)
class Use:
    """Metres a second along a way and against its direction; 0: not that way."""

    along: float
    against: float

    def __bool__(self) -> bool:
        return self.along > 0 or self.against > 0


NOT = Use(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Street:
    """A way that somebody may use. `walk`, `drive`: how fast, each way."""

    kind: str
    name: str | None
    walk: Use
    drive: Use
    tunnel: bool
    stairs: bool


def read_street(tags: Mapping[str, str]) -> Street | None:
    """What a way with these tags is; None: no street, or one that nobody may use."""
    kind = tags.get("highway", "")
    if kind.removesuffix("_link") not in DRIVE_KMH and kind not in _WALK_ONLY:
        return None
    walk, drive = _walk(kind, tags), _drive(kind, tags)
    if not walk and not drive:
        return None
    return Street(
        kind=kind,
        name=tags.get("name") or None,
        walk=walk,
        drive=drive,
        tunnel=tags.get("tunnel", "no") != "no",
        stairs=kind == "steps",
    )


def _walk(kind: str, tags: Mapping[str, str]) -> Use:
    usual = kind not in _NO_WALKING and tags.get("motorroad") != "yes"
    if not _open(tags, ("foot", "access"), usual=usual):
        return NOT
    speed = STAIRS_M_S if kind == "steps" else WALK_M_S
    along, against = _foot_directions(kind, tags)
    return Use(speed * along, speed * against)


def _foot_directions(kind: str, tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Those on foot mind `oneway` only on ways that are theirs alone; escalators carry one way."""
    told = tags.get("oneway:foot") or tags.get("foot:oneway")
    if told is None and kind in _WALK_ONLY - {"track", "cycleway"}:
        told = {"forward": "yes", "backward": "-1"}.get(tags.get("conveying", ""))
        told = told or tags.get("oneway")
    along, against = _directions(told or "no")
    shut = [tags.get(f"foot:{way}") in _CLOSED for way in ("forward", "backward")]
    return along and not shut[0], against and not shut[1]


def _drive(kind: str, tags: Mapping[str, str]) -> Use:
    usual_kmh = DRIVE_KMH.get(kind.removesuffix("_link"))
    keys = ("motorcar", "motor_vehicle", "vehicle", "access")
    # An area's outline is walked along; nobody drives it.
    usual = usual_kmh is not None and tags.get("area") != "yes"
    # A way for those on foot needs it said that cars may: `access=yes` is not about them.
    if not _open(tags, keys if usual else keys[:3], usual=usual) or kind == "steps":
        return NOT
    told = tags.get("oneway") or ("yes" if _is_oneway_by_kind(kind, tags) else "no")
    along, against = _directions(told)
    speeds = [
        _speed_kmh(tags, way, usual_kmh or _OTHERWISE_KMH) * KMH for way in ("forward", "backward")
    ]
    return Use(speeds[0] * along, speeds[1] * against)


def _is_oneway_by_kind(kind: str, tags: Mapping[str, str]) -> bool:
    return kind == "motorway" or tags.get("junction") in {"roundabout", "circular"}


def _open(tags: Mapping[str, str], keys: tuple[str, ...], *, usual: bool) -> bool:
    """Whether one may pass: the most particular key that is there decides."""
    for key in keys:
        if key in tags:
            if tags[key] in _CLOSED:
                return False
            # `access=yes` opens no motorway to those on foot: it speaks of whom it is made for.
            return usual if key == "access" else True
    return usual


def _directions(oneway: str) -> tuple[bool, bool]:
    """Along and against. One whose direction changes with the hour may be used either way."""
    return oneway not in _AGAINST, oneway not in _ALONG


def _speed_kmh(tags: Mapping[str, str], way: str, usual_kmh: float) -> float:
    told = maxspeed_kmh(tags.get(f"maxspeed:{way}") or tags.get("maxspeed") or "")
    if told is None:
        return usual_kmh
    slowest, fastest = _SPEEDS_KMH
    return min(max(told * OF_MAXSPEED, slowest), fastest)


def maxspeed_kmh(text: str) -> float | None:
    """A `maxspeed` in km/h; None where it is no number (`none`, `signals`, `KR:urban`) or 0."""
    found = _MAXSPEED.match(text)
    if found is None:
        return None
    speed = float(found[1]) * (_MPH_KMH if found[2] == "mph" else 1.0)
    return speed or None
