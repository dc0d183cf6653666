"""Every type of leg on the streets of a made-up town, in figures that can be checked by hand.

`test_real_legs.py` has real streets.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from central.routes import ways
from shared.classes import ObjectClass
from shared.messages import ClockOffset
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS
from tests.central.roads.town import place
from tests.central.routes.scenes import BLOCK_M, FAR_M, build, codes, stand

VEHICLE = ObjectClass.VEHICLE
NOON = datetime.fromtimestamp(NOON_MS / 1000, UTC)


def only_leg(centre: Centre, start: UUID, end: UUID) -> dict[str, Any]:
    legs: list[dict[str, Any]] = build(centre, start, end)["legs"]
    (leg,) = legs
    return leg


def coordinates(*names: str) -> list[list[float]]:
    return [[place(name).lon, place(name).lat] for name in names]


def test_observed_views_of_45_m_at_both_ends_of_a_block_leave_21_m(town: Centre) -> None:
    stand(town, "AB")
    # 83 s at a walk, from when A was left to when B was come to.
    leg = only_leg(town, town.sighting("A", 0), town.sighting("B", 88))
    assert (leg["type"], codes(leg), leg["mode"]) == ("OBSERVED", ["adjacent"], "walk")
    assert leg["reasons"][0]["figures"]["apart"] == pytest.approx(BLOCK_M - 2 * FAR_M, abs=0.5)
    assert leg["usual_s"] == pytest.approx(83, abs=0.5)
    assert leg["distance_m"] == pytest.approx(BLOCK_M, abs=0.5)
    assert leg["speed_m_s"] == pytest.approx(BLOCK_M / 88, abs=0.01)
    assert leg["geometry"]["coordinates"] == coordinates("A", "B")
    assert [leg["times"][0], leg["times"][-1]] == [NOON_MS / 1000 + 5, NOON_MS / 1000 + 88]
    (gap,) = leg["gaps"]
    assert (gap["from_m"], gap["to_m"]) == pytest.approx((FAR_M, BLOCK_M - FAR_M), abs=0.5)


def test_coverage_gap_two_blocks_on_which_nobody_looks(town: Centre) -> None:
    stand(town, "AC")
    leg = only_leg(town, town.sighting("A", 0), town.sighting("C", 171))
    assert (leg["type"], codes(leg)[0]) == ("COVERAGE_GAP", "gap")
    unseen = leg["reasons"][0]["figures"]["unseen"]
    assert unseen == pytest.approx(2 * BLOCK_M - 2 * FAR_M, abs=1)
    assert leg["geometry"]["coordinates"] == coordinates("A", "B", "C")
    assert leg["ways"][0]["geometry"] == leg["geometry"]


def test_unobserved_past_a_camera_that_did_not_report_it(town: Centre) -> None:
    stand(town, "AC")
    stand(town, "B", far_m=20)
    # In 60 s a walker at twice the pace does the 122 m between the views (46 s), and nobody the
    # 4 blocks around (half of 332 s for 55 % of them: 91 s).
    leg = only_leg(town, town.sighting("A", 0), town.sighting("C", 65))
    assert (leg["type"], codes(leg)[0]) == ("UNOBSERVED", "passed")
    assert leg["ask_again"] == ["B"]
    # 222.4 m less 45, 40 and 45.
    assert leg["reasons"][0]["figures"]["unseen"] == pytest.approx(92.4, abs=1)
    assert len(leg["gaps"]) == 2


def test_of_two_ways_the_one_past_nobody_makes_it_a_gap_and_is_drawn(town: Centre) -> None:
    stand(town, "AD")
    stand(town, "B", far_m=20)
    # Three blocks over B and C, and as many over E and F.
    start, end = town.sighting("A", 0), town.sighting("D", 255)
    leg = only_leg(town, start, end)
    assert leg["type"] == "COVERAGE_GAP"
    assert leg["geometry"]["coordinates"] == coordinates("A", "E", "F", "D")
    assert leg["distance_m"] == pytest.approx(3 * BLOCK_M, abs=1)
    assert leg["ways"][0]["passes"] == []
    assert ["B"] in [way["passes"] for way in leg["ways"]]
    stand(town, "E", far_m=20)
    watched = only_leg(town, start, end)
    assert watched["type"] == "UNOBSERVED", "every way passes somebody now"
    assert watched["ask_again"] in (["B"], ["E"])


def test_contradiction_a_car_cannot_be_through_the_tunnel_in_ten_seconds(town: Centre) -> None:
    stand(town, "AG")
    # 4 blocks are 40 s, of which 345 m lie between the views: 31 s, 15.5 at twice the speed.
    start = town.sighting("A", 0, object_class=VEHICLE, plate="12가3456")
    soon = town.sighting("G", 15, object_class=VEHICLE, plate="12가3456")
    leg = only_leg(town, start, soon)
    assert (leg["type"], codes(leg)) == ("CONTRADICTION", ["too_fast"])
    assert leg["needed_s"] == pytest.approx(15.5, abs=0.1)
    assert (leg["geometry"], leg["times"], leg["ways"], leg["gaps"]) == (None, None, [], [])
    assert leg["explanations"][0]["kind"] == "cloned_plate"
    later = only_leg(town, start, town.sighting("G", 16, object_class=VEHICLE))
    assert later["type"] == "COVERAGE_GAP"
    assert later["geometry"]["coordinates"][0] == coordinates("A")[0]


def test_the_clock_of_another_box_is_named_with_the_seconds_that_would_explain_it(
    town: Centre,
) -> None:
    stand(town, "AG")
    start = town.sighting("A", 0, object_class=VEHICLE)
    unmeasured: dict[str, Any] = {"object_class": VEHICLE, "sender": "box-2", "clock": None}
    within = only_leg(town, start, town.sighting("G", -35, **unmeasured))
    assert within["type"] == "COVERAGE_GAP"
    assert {"unmeasured", "order"} <= set(codes(within))
    # Box 2 says 100 to 105 s past noon for a car that box 1 had from noon to 200 s past it.
    long = town.sighting("A", 0, lasts_s=200, object_class=VEHICLE)
    leg = only_leg(town, long, town.sighting("G", 100, **unmeasured))
    assert leg["type"] == "CONTRADICTION"
    (clock, wrong) = leg["explanations"]
    # 100 s at once and 15.5 s for the way.
    assert (clock["kind"], clock["likely"]) == ("clock", True)
    assert clock["offset_s"] == pytest.approx(115.5, abs=0.2)
    assert (wrong["kind"], wrong["likely"]) == ("wrong_confirmation", False)


def test_times_are_corrected_by_what_the_box_measured_and_both_are_shown(town: Centre) -> None:
    stand(town, "AB")
    slow = ClockOffset(offset_ms=180_000.0, round_trip_ms=10.0)
    # By its own clock box 2 saw it 92 s before noon; that is 88 s past noon.
    second = town.sighting("B", -92, sender="box-2", clock=slow)
    route = build(town, second, town.sighting("A", 0))
    one, two = route["stops"]
    assert (one["camera"], two["camera"]) == ("A", "B")
    assert two["arrived"] == "2026-07-20T12:01:28.000Z"
    assert two["box_arrived"] == "2026-07-20T11:58:28.000Z"
    assert (two["clock_offset_s"], two["clock_s"]) == (180, 5)
    assert route["legs"][0]["type"] == "OBSERVED"


def test_an_island_is_reached_by_a_straight_line_that_says_so(town: Centre) -> None:
    stand(town, "AI")
    start = town.sighting("A", 0, object_class=VEHICLE)
    leg = only_leg(town, start, town.sighting("I", 120, object_class=VEHICLE))
    assert leg["type"] == "COVERAGE_GAP"
    assert "no_way" in codes(leg)
    assert leg["geometry"]["coordinates"] == coordinates("A", "I")
    assert leg["distance_m"] == pytest.approx(20 * BLOCK_M, rel=0.005)


def test_without_streets_every_leg_says_that_it_is_straight(centre: Centre) -> None:
    stand(centre, "AC")
    leg = only_leg(centre, centre.sighting("A", 0), centre.sighting("C", 171))
    assert (leg["type"], "no_network" in codes(leg)) == ("COVERAGE_GAP", True)
    assert leg["geometry"]["coordinates"] == coordinates("A", "C")


def test_somebody_too_fast_on_foot_took_a_car_through_the_tunnel(town: Centre) -> None:
    stand(town, "CG")
    # On foot 314 m, 235 s; by car 222 m, 20 s.
    leg = only_leg(town, town.sighting("C", 0), town.sighting("G", 35))
    assert (leg["mode"], leg["type"]) == ("drive", "COVERAGE_GAP")
    assert "by_vehicle" in codes(leg)
    on_foot = only_leg(town, town.sighting("C", 0), town.sighting("G", 300))
    assert on_foot["mode"] == "walk"
    assert on_foot["distance_m"] == pytest.approx(2 * 2**0.5 * BLOCK_M, abs=1)


def test_a_camera_that_sent_nothing_for_half_an_hour_did_not_see(town: Centre) -> None:
    stand(town, "AC")
    stand(town, "B", far_m=20)
    for number in range(10):
        town.sighting("B", -86_400 + 60 * number, lasts_s=1)
    leg = only_leg(town, town.sighting("A", 0), town.sighting("C", 65))
    assert (leg["type"], codes(leg)[:2]) == ("COVERAGE_GAP", ["gap", "silent"])
    assert leg["ways"][0]["silent"] == ["B"]
    assert leg["ask_again"] == []


def test_a_camera_that_was_moved_is_where_it_was_at_each_stop(town: Centre) -> None:
    stand(town, "A")
    since = (NOON + timedelta(seconds=60)).isoformat()
    moved = {"position": place("C").model_dump(), "valid_from": since}
    town.client.patch("/api/v1/cameras/A", json=moved).raise_for_status()
    route = build(town, town.sighting("A", 0), town.sighting("A", 300))
    assert [stop["position"] for stop in route["stops"]] == [
        place("A").model_dump(),
        place("C").model_dump(),
    ]
    (leg,) = route["legs"]
    assert leg["distance_m"] == pytest.approx(2 * BLOCK_M, abs=1)
    assert leg["type"] == "COVERAGE_GAP"


def test_long_views_that_touch_are_crossed_in_no_time(town: Centre) -> None:
    # 6 blocks, 667 m, and each sees more than half of it.
    stand(town, "AH", far_m=340)
    start, end = town.sighting("A", 0), town.sighting("H", 6)
    leg = only_leg(town, start, end)
    assert (leg["needed_s"], leg["type"] != "CONTRADICTION") == (0, True)
    short = {"view": {"fov_deg": 360, "far_m": 45}}
    for name in "AH":
        since = {"valid_from": (NOON - timedelta(seconds=60)).isoformat()}
        town.client.patch(f"/api/v1/cameras/{name}", json=short | since).raise_for_status()
    assert only_leg(town, start, end)["type"] == "CONTRADICTION"


def test_far_legs_are_given_the_fastest_way_alone(
    town: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand(town, "AD")
    start, end = town.sighting("A", 0), town.sighting("D", 255)
    assert len(only_leg(town, start, end)["ways"]) > 1
    # A and D are 249 m apart.
    monkeypatch.setattr(ways, "FAR_M", 248)
    assert len(only_leg(town, start, end)["ways"]) == 1


def test_a_long_stay_rules_out_stops_after_the_next_one(town: Centre) -> None:
    stand(town, "AG")
    stand(town, "B", far_m=80)
    # In the views of A and B at once, and still at A when G, beyond the tunnel, has somebody.
    long, touching = town.sighting("A", 0, lasts_s=600), town.sighting("B", 60)
    route = build(town, long, touching, town.sighting("G", 400))
    assert [leg["type"] for leg in route["legs"]] == ["OBSERVED", "CONTRADICTION"]
    last = route["legs"][1]
    assert codes(last)[:2] == ["also", "two_places"]
    assert last["reasons"][0]["figures"] == {"stop": "1", "camera": "A"}
    assert (last["from"], last["to"], last["geometry"]) == (2, 3, None)
    short = town.sighting("A", 0, lasts_s=100)
    fine = build(town, short, touching, town.sighting("G", 400))
    assert "CONTRADICTION" not in [leg["type"] for leg in fine["legs"]]
