"""What the fake centre says of routes: legs of each type, where next, suggestions, learnt links."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from central.cameras.model import Camera
from central.roads.model import Mode
from central.routes.blaming import Blame
from central.routes.links.model import Link
from central.routes.model import Leg, LegExplanation, LegGap, LegReason, LegWay, Stop, seconds
from central.routes.next.model import NextAnswer, NextCamera, NextRequest, ReachableArea
from central.routes.suggest.model import SuggestAnswer, SuggestedPath, SuggestedStop
from central.routes.verdicts import LegType
from central.search.model import SearchRequest
from central.sightings.model import Sighting
from central.values import LonLat
from shared.classes import ObjectClass
from tests.browser.canned import START, STREET, Canned

METRES_APART = 12.4
_BEND = 0.00006
_REASONS: dict[LegType, tuple[str, dict[str, float | str]]] = {
    LegType.OBSERVED: ("both_views", {"seconds": 1.5, "metres": METRES_APART}),
    LegType.UNOBSERVED: (
        "passed",
        {"cameras": "demo-middle", "metres": 148.0, "unseen": 61.0},
    ),
    LegType.COVERAGE_GAP: ("gap", {"unseen": 8.0, "metres": METRES_APART}),
    LegType.CONTRADICTION: (
        "too_fast",
        {"metres": METRES_APART, "seconds": 0.2, "needed": 42.0, "clock": 5.0},
    ),
}


def leg(a: Stop, b: Stop, kind: LegType) -> Leg:
    """From `a` to `b`, straight, with another way round; of a contradiction nothing was travelled.

    What of it is in no view is its middle third.
    """
    assert a.position is not None
    assert b.position is not None
    travelled = kind is not LegType.CONTRADICTION
    line = [_place(a.position), _place(b.position)]
    code, figures = _REASONS[kind]
    took = max(0.0, seconds(a.left, b.arrived))
    ways = [_way(line, METRES_APART), _way([line[0], _bend(line), line[1]], 2 * METRES_APART)]
    return Leg(
        from_=a.number,
        to=b.number,
        type=kind,
        reason="as the centre says it",
        reasons=[LegReason(code=code, figures=figures, text="as the centre says it")],
        explanations=[] if travelled else _explanations(),
        distance_m=METRES_APART if travelled else None,
        straight_m=METRES_APART,
        duration_s=took,
        overlap_s=0,
        speed_m_s=round(METRES_APART / seconds(a.shot, b.shot), 3) if travelled else None,
        clock_s=5,
        needed_s=0,
        usual_s=took,
        mode=Mode.WALK,
        ways=ways if travelled else [],
        gaps=[_gap(line)] if kind is LegType.COVERAGE_GAP else [],
        ask_again=["demo-middle"] if kind is LegType.UNOBSERVED else [],
        geometry={"type": "LineString", "coordinates": line} if travelled else None,
        times=[a.left.timestamp(), a.left.timestamp() + took] if travelled else None,
    )


def onward(canned: Canned, last: Sighting, asked: NextRequest) -> NextAnswer:
    """Squares around the last camera that grow, and every other placed camera."""
    now = asked.now or START + timedelta(hours=1)
    others = [each for each in canned.cameras.values() if each.position and each.id != last.camera]
    place = canned.cameras[last.camera].position
    assert place is not None
    return NextAnswer(
        sighting_id=last.id,
        camera=last.camera,
        last_seen=last.last_seen,
        now=now,
        elapsed_s=seconds(last.last_seen, now),
        areas=[
            ReachableArea(
                means=means,
                minutes=minutes,
                seconds=60.0 * minutes,
                straight=False,
                edges=3,
                geometry=_around(place, (1 + minutes) * 0.00003 * (1 + number)),
            )
            for number, means in enumerate(asked.modes)
            for minutes in asked.minutes
        ],
        cameras=[
            NextCamera(
                rank=rank,
                camera=camera.id,
                camera_name=camera.name,
                position=camera.position,
                chance=round(0.6 / rank, 3),
                soon=0.3,
                from_=now + timedelta(minutes=rank),
                likely=now + timedelta(minutes=2 * rank),
                to=now + timedelta(minutes=5 * rank),
                usual_s=(60, 300),
                learnt=rank == 1,
                passed=rank - 1,
                text="",
            )
            for rank, camera in enumerate(others, 1)
        ],
        unseen=0.1,
        note=None,
    )


def suggested(canned: Canned, search: SearchRequest) -> SuggestAnswer:
    """The way of the one searched with, and another without its first stop that is in doubt."""
    assert search.by is not None
    person = canned.of_person(canned.person_of[search.by.ids[0]])
    sure = {*search.by.ids, *search.confirmed}
    doubtful = [each.id for each in person if each.id not in sure]
    rejected = set(search.rejected)
    kept = [each for each in person if each.id not in rejected]
    ways = [kept, [each for each in kept if each.id not in doubtful[:1]]]
    return SuggestAnswer(
        paths=[_path(rank, way, sure, doubtful[:1]) for rank, way in enumerate(ways, 1)],
        clashes=[],
        ask=doubtful[:1],
        candidates=len(canned.sightings),
        unreachable=0,
        note=None,
        took_ms={},
    )


def drawn_links(canned: Canned) -> dict[str, Any]:
    """One link that is trusted and its way back that is not."""
    ends = [canned.cameras[each] for each in STREET[:2]]
    return {
        "type": "FeatureCollection",
        "features": [_link(*ends, trusted=True), _link(*ends[::-1], trusted=False)],
    }


def _link(a: Camera, b: Camera, *, trusted: bool) -> dict[str, Any]:
    link = Link(
        from_=a.id,
        to=b.id,
        object_class=ObjectClass.PERSON,
        samples=14 if trusted else 1,
        weight=9,
        p05_s=6,
        p50_s=11,
        p95_s=19,
        newest=START.date(),
        trusted=trusted,
        network_s=9,
    )
    assert a.position is not None
    assert b.position is not None
    line = [_place(a.position), _place(b.position)]
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": line},
        "properties": link.model_dump(mode="json"),
    }


def _path(rank: int, way: list[Sighting], sure: set[UUID], doubtful: list[UUID]) -> SuggestedPath:
    return SuggestedPath(
        rank=rank,
        score=9.5 - rank,
        share=0.6 / rank,
        stops=[
            SuggestedStop(
                number=number,
                confirmed=each.id in sure,
                chance=1 if each.id in sure else 0.8,
                looks=None if each.id in sure else 0.7,
                sighting=each,
            )
            for number, each in enumerate(way, 1)
        ],
        legs=[],
        adds=[],
        drops=doubtful if rank > 1 else [],
        differs=None,
        left_out=[],
        left_out_more=0,
    )


def _explanations() -> list[LegExplanation]:
    clock: dict[str, float | str] = {
        "seconds": 37.0,
        "before": "box-a",
        "after": "box-b",
        "unmeasured": "box-b",
    }
    return [
        LegExplanation(
            kind=Blame.CLOCK,
            code="clock_unmeasured",
            likely=True,
            offset_s=37,
            figures=clock,
            text="",
        ),
        LegExplanation(
            kind=Blame.WRONG_CONFIRMATION,
            code="wrong_confirmation",
            likely=False,
            offset_s=None,
            figures={},
            text="",
        ),
    ]


def _way(line: list[list[float]], metres: float) -> LegWay:
    return LegWay(
        mode=Mode.WALK,
        distance_m=metres,
        seconds=metres,
        plausible=True,
        straight=False,
        unseen_m=0,
        passes=[],
        silent=[],
        geometry={"type": "LineString", "coordinates": line},
    )


def _gap(line: list[list[float]]) -> LegGap:
    (west, south), (east, north) = line
    third = [[west + (east - west) * part, south + (north - south) * part] for part in (0.3, 0.7)]
    return LegGap(from_m=3.7, to_m=8.7, geometry={"type": "LineString", "coordinates": third})


def _bend(line: list[list[float]]) -> list[float]:
    (west, south), (east, north) = line
    return [(west + east) / 2 + _BEND / 2, (south + north) / 2 + _BEND]


def _place(position: LonLat) -> list[float]:
    return [position.lon, position.lat]


def _around(place: LonLat, degrees: float) -> dict[str, Any]:
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]
    ring = [[place.lon + x * degrees, place.lat + y * degrees] for x, y in corners]
    return {"type": "Polygon", "coordinates": [ring]}
