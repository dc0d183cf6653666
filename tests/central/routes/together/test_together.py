"""Who went with the target, and whether two routes met."""

from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from structlog.testing import capture_logs

from central.routes.together.grouping import by_looks, by_plate
from shared.classes import ObjectClass
from shared.messages import ClockOffset
from shared.vectors import Vector, normalised
from tests.central.asking import Centre
from tests.factories import unit_vector


def near(vector: Vector, seed: int) -> Vector:
    noise = np.random.default_rng(seed).standard_normal(vector.size) / np.sqrt(vector.size)
    return normalised(vector + 0.3 * noise)


@pytest.fixture
def street(centre: Centre) -> Centre:
    for number in range(4):
        centre.camera(f"cam-{number}", 127.0 + 0.00134 * number, 37.5)
    return centre


def route(centre: Centre, *sightings: UUID) -> str:
    stops = [{"sighting_id": str(each)} for each in sightings]
    return str(centre.post("/routes", {"stops": stops}, 201)["id"])


def walk(centre: Centre, start_s: float = 0.0, cameras: tuple[int, ...] = (0, 1, 2, 3)) -> str:
    seen = (
        centre.sighting(f"cam-{camera}", start_s + 90 * number)
        for number, camera in enumerate(cameras)
    )
    return route(centre, *seen)


def companions(centre: Centre, of: str, **asked: object) -> dict[str, Any]:
    return centre.post(f"/routes/{of}/companions", asked)


def test_whoever_looks_alike_at_three_stops_went_along(street: Centre) -> None:
    target = walk(street)
    friend = unit_vector(np.random.default_rng(8))
    along = [
        street.sighting(f"cam-{camera}", 90 * camera + 6, vector=near(friend, camera))
        for camera in range(3)
    ]
    late = street.sighting("cam-3", 270 + 200, vector=near(friend, 9))
    (found,) = companions(street, target)["companions"]
    assert [stop["sighting"]["id"] for stop in found["stops"]] == [str(each) for each in along]
    assert [(stop["number"], stop["apart_s"]) for stop in found["stops"]] == [
        (1, 6),
        (2, 6),
        (3, 6),
    ]
    assert (found["plate"], found["object_class"]) == (None, "person")
    assert found["likely"] > 0.7
    wider = companions(street, target, within_s=300)["companions"][0]
    assert str(late) in [stop["sighting"]["id"] for stop in wider["stops"]]


def test_a_plate_that_was_there_each_time_is_told_first(street: Centre) -> None:
    target = walk(street)
    for camera in range(3):
        street.sighting(
            f"cam-{camera}",
            90 * camera + 3,
            plate="12가3456",
            object_class=ObjectClass.VEHICLE,
        )
    (found,) = companions(street, target)["companions"]
    assert (found["plate"], found["likely"], len(found["stops"])) == ("12가3456", None, 3)
    assert companions(street, target, least_stops=4)["companions"] == []


def test_whoever_went_along_is_found_where_a_box_is_an_hour_behind(street: Centre) -> None:
    behind = ClockOffset(offset_ms=3_600_000.0, round_trip_ms=3.0)
    target = route(
        street,
        *(street.sighting(f"cam-{camera}", 90 * camera, clock=behind) for camera in range(3)),
    )
    for camera in range(3):
        street.sighting(
            f"cam-{camera}",
            90 * camera + 3,
            plate="12가3456",
            object_class=ObjectClass.VEHICLE,
            clock=behind,
        )
    (found,) = companions(street, target)["companions"]
    assert [stop["apart_s"] for stop in found["stops"]] == [3, 3, 3]


def test_strangers_at_each_stop_are_no_companions(street: Centre) -> None:
    target = walk(street)
    for camera in range(4):
        for number in range(5):
            street.sighting(f"cam-{camera}", 90 * camera + number)
    answer = companions(street, target)
    assert (answer["companions"], answer["looked_at"], answer["stops"]) == ([], 20, 4)


def test_the_target_itself_seen_twice_at_each_stop_is_no_companion(street: Centre) -> None:
    person = unit_vector(np.random.default_rng(4))
    target = route(
        street,
        *(
            street.sighting(f"cam-{camera}", 90 * camera, vector=near(person, camera))
            for camera in range(3)
        ),
    )
    for camera in range(3):
        street.sighting(f"cam-{camera}", 90 * camera + 7, vector=near(person, 10 + camera))
    answer = companions(street, target)
    assert (answer["companions"], answer["like_target"]) == ([], 3)


def test_who_asked_for_companions_and_why_is_in_the_log(street: Centre) -> None:
    target = walk(street)
    along = [
        street.sighting(
            f"cam-{camera}", 90 * camera, plate="12가3456", object_class=ObjectClass.VEHICLE
        )
        for camera in range(3)
    ]
    with capture_logs() as lines:
        companions(street, target, purpose="report 3")
    (line,) = [line for line in lines if line["event"] == "companions"]
    assert (line["route"], line["purpose"]) == (target, "report 3")
    assert line["sightings"] == [str(each) for each in along]


def test_companions_and_meetings_that_were_not_found_are_in_the_log_too(street: Centre) -> None:
    target, absent = walk(street), str(uuid4())
    with capture_logs() as lines:
        street.post(f"/routes/{absent}/companions", {"purpose": "report 3"}, 404)
        street.get(f"/routes/{target}/meeting", 404, other=absent, purpose="report 3")
    told = {line["event"]: line for line in lines if line.get("purpose") == "report 3"}
    assert told["companions failed"]["route"] == absent
    assert told["meeting failed"]["other"] == absent
    assert {line["error"] for line in told.values()} == {"NotFoundError"}


def test_routes_through_one_street_at_one_time_met(street: Centre) -> None:
    one, other = walk(street), walk(street, start_s=4, cameras=(3, 2, 1, 0))
    found = street.get(f"/routes/{one}/meeting", other=other)
    assert found["met"] is True
    assert found["nearest_m"] < 5
    assert found["first"]["lon"] == pytest.approx(127.002, abs=3e-4)
    assert found["at"].startswith("2026-07-20T12:02")


def test_routes_at_other_times_or_places_did_not_meet(street: Centre) -> None:
    one, later = walk(street), walk(street, start_s=3600)
    found = street.get(f"/routes/{one}/meeting", other=later)
    assert (found["met"], found["nearest_m"]) == (None, None)
    assert "same time" in found["text"]
    street.camera("north-0", 127.0, 37.51)
    street.camera("north-1", 127.001, 37.51)
    away = route(street, street.sighting("north-0", 0), street.sighting("north-1", 90))
    found = street.get(f"/routes/{one}/meeting", other=away)
    assert found["met"] is False
    # A hundredth of a degree of latitude.
    assert found["nearest_m"] == pytest.approx(1110, abs=2)


def test_what_cannot_be_compared_says_why(street: Centre) -> None:
    one = walk(street)
    street.get(f"/routes/{one}/meeting", 404, other=str(uuid4()))
    assert "itself" in street.get(f"/routes/{one}/meeting", 422, other=one)["detail"]
    street.get(f"/routes/{one}/meeting", 422, other=one, metres=0)
    street.post(f"/routes/{uuid4()}/companions", {}, 404)


def test_one_body_is_at_a_stop_once_and_one_good_pair_joins_no_crowds() -> None:
    stops = np.arange(6)
    same = np.eye(6)
    for one, two in ((0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5)):
        same[one, two] = same[two, one] = 0.9
    same[2, 3] = same[3, 2] = 0.8
    assert sorted(group.rows for group in by_looks(same, stops, 3)) == [[0, 1, 2], [3, 4, 5]]
    at_once = by_looks(np.full((3, 3), 0.9), np.array([0, 0, 1]), 2)
    assert [len(group.rows) for group in at_once] == [2]
    plates = ["a", "a", None, "a", "b", "a"]
    assert [group.rows for group in by_plate(plates, np.array([0, 1, 2, 0, 1, 2]), 3)] == [
        [0, 1, 5]
    ]
