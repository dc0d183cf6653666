"""From stops to a route: legs as they are kept, and what is drawn. No input or output here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from central.routes.lines import Floats, along, part, to_geojson
from central.routes.model import Leg, LegExplanation, LegGap, LegReason, LegWay, Stop, seconds
from central.routes.verdicts import LegType, Option, Verdict
from central.routes.views import gaps
from central.routes.words import sentence
from central.values import iso
from shared.clock import to_ms

# Enough for a thousandth of a metre per second; below it, the clock's step is what is measured.
_DIGITS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """An option with its line: (N, 2) degrees, and (N,) seconds from its start."""

    option: Option
    line: Floats
    times_s: Floats


def leg(
    ends: tuple[Stop, Stop], verdict: Verdict, ways: Sequence[Known], metres: float | None
) -> Leg:
    """The leg between two stops, as it was judged; `ways` are its options in the same order.

    `metres` straight, None where a place is not known.
    """
    start, end = ends
    drawn = None if verdict.chosen is None else ways[verdict.chosen]
    gap = seconds(start.left, end.arrived)
    straight = None if metres is None else round(metres, 1)
    distance = straight if drawn is None or drawn.option.straight else drawn.option.metres
    reasons = [_reason(each.code, each.figures) for each in verdict.reasons]
    return Leg(
        from_=start.number,
        to=end.number,
        type=verdict.type,
        reason="; ".join(each.text for each in reasons),
        reasons=reasons,
        explanations=_explanations(verdict),
        distance_m=None if distance is None else round(distance, 1),
        straight_m=straight,
        duration_s=max(gap, 0.0),
        overlap_s=max(-gap, 0.0),
        speed_m_s=_speed(distance, seconds(start.shot, end.shot)),
        clock_s=verdict.clock_s,
        needed_s=None if verdict.needed_s is None else round(verdict.needed_s, 1),
        usual_s=None if drawn is None else round(drawn.option.seconds, 1),
        mode=None if drawn is None else drawn.option.mode,
        ways=_ways(verdict, ways, (start.camera, end.camera)),
        gaps=[] if drawn is None else _gaps(drawn),
        ask_again=verdict.ask_again,
        geometry=None if drawn is None else to_geojson(drawn.line),
        times=None if drawn is None else _times(drawn, start, end),
    )


def collection(stops: Sequence[Stop], legs: Sequence[Leg]) -> dict[str, Any]:
    """The route as GeoJSON: stops as numbered points, legs as lines."""
    return {
        "type": "FeatureCollection",
        "features": [*map(_stop_feature, stops), *map(_leg_feature, legs)],
    }


def distance_of(legs: Sequence[Leg]) -> float:
    """Metres along the legs that may have been travelled."""
    travelled = (each for each in legs if each.type is not LegType.CONTRADICTION)
    return round(sum(each.distance_m or 0 for each in travelled), 1)


def _speed(distance: float | None, between_pictures: float) -> float | None:
    if distance is None or between_pictures <= 0:
        return None
    return round(distance / between_pictures, _DIGITS)


def _reason(code: str, figures: dict[str, float | str]) -> LegReason:
    rounded = {k: v if isinstance(v, str) else round(v, 1) for k, v in figures.items()}
    return LegReason(code=code, figures=rounded, text=sentence(code, rounded))


def _explanations(verdict: Verdict) -> list[LegExplanation]:
    return [
        LegExplanation(
            kind=each.kind,
            likely=each.likely,
            offset_s=each.offset_s,
            **_reason(each.code, each.figures).model_dump(),
        )
        for each in verdict.explanations
    ]


def _ways(verdict: Verdict, ways: Sequence[Known], ends: tuple[str, str]) -> list[LegWay]:
    """The drawn one first; none of a contradiction, which went none of them."""
    if verdict.chosen is None:
        return []
    order = sorted(range(len(ways)), key=lambda index: index != verdict.chosen)
    return [_way(ways[index], ends, index in verdict.plausible) for index in order]


def _way(known: Known, ends: tuple[str, str], plausible: bool) -> LegWay:  # noqa: FBT001
    option = known.option
    return LegWay(
        mode=option.mode,
        distance_m=round(option.metres, 1),
        seconds=round(option.seconds, 1),
        plausible=plausible,
        straight=option.straight,
        unseen_m=round(option.unseen_m(), 1),
        passes=option.cameras(ends, working=True),
        silent=option.cameras(ends, working=False),
        geometry=to_geojson(known.line),
    )


def _gaps(drawn: Known) -> list[LegGap]:
    """The parts out of all views, drawn. Views count along the ellipsoid: brought to scale."""
    at = along(drawn.line)
    scale = float(at[-1]) / drawn.option.metres if drawn.option.metres else 0.0
    return [
        LegGap(
            from_m=round(start, 1),
            to_m=round(end, 1),
            geometry=to_geojson(part(drawn.line, start * scale, end * scale)),
        )
        for start, end in gaps(drawn.option.metres, drawn.option.views)
    ]


def _times(drawn: Known, start: Stop, end: Stop) -> list[float] | None:
    left, arrived = to_ms(start.left) / 1000, to_ms(end.arrived) / 1000
    usual = float(drawn.times_s[-1])
    if arrived <= left or usual <= 0:
        return None
    spread = left + drawn.times_s / usual * (arrived - left)
    return [float(each) for each in np.round(spread, 3)]


def _stop_feature(stop: Stop) -> dict[str, Any]:
    place = stop.place
    return {
        "type": "Feature",
        "geometry": place and {"type": "Point", "coordinates": [place.lon, place.lat]},
        "properties": {
            "kind": "stop",
            "number": stop.number,
            "sighting_id": str(stop.sighting_id),
            "camera": stop.camera,
            "camera_name": stop.camera_name,
            "arrived": iso(stop.arrived),
            "left": iso(stop.left),
            "dwell_s": stop.dwell_s,
            "clock_s": stop.clock_s,
        },
    }


def _leg_feature(leg: Leg) -> dict[str, Any]:
    told = leg.model_dump(mode="json", by_alias=True, exclude={"geometry", "ways", "gaps"})
    return {"type": "Feature", "geometry": leg.geometry, "properties": {"kind": "leg", **told}}
