"""Where next over the API: somebody was last seen in the middle of a street."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from central.roads import times
from shared.clock import to_datetime
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS
from tests.central.roads.town import BLOCK_M, WALK
from tests.central.routes.scenes import stand


def at(seconds: float) -> str:
    return to_datetime(NOON_MS + round(seconds * 1000)).isoformat()


@pytest.fixture
def last(centre: Centre) -> UUID:
    """Cameras a to e, 118 m apart; last seen at c, until 10 s after noon."""
    for number, name in enumerate("abcde"):
        centre.camera(name, 127.0 + 0.00134 * number, 37.5)
    return centre.sighting("c", 0, lasts_s=10)


def ask(centre: Centre, sighting: UUID, status: int = 200, **more: object) -> dict[str, Any]:
    asked = {"sighting_id": str(sighting), "now": at(20), **more}
    return centre.post("/routes/next", asked, status)


def test_the_neighbours_are_the_next_to_look_at(centre: Centre, last: UUID) -> None:
    answer = ask(centre, last)
    assert (answer["camera"], answer["elapsed_s"]) == ("c", 10)
    cameras = answer["cameras"]
    assert {each["camera"] for each in cameras[:2]} == {"b", "d"}
    assert [each["passed"] for each in cameras] == [0, 0, 1, 1]
    assert sum(each["chance"] for each in cameras) + answer["unseen"] == pytest.approx(1, abs=0.01)
    first = cameras[0]
    assert at(20)[:19] <= first["from"] < first["likely"] < first["to"]
    assert "most likely in" in first["text"]
    assert "straight" in answer["note"]


def test_neighbours_fall_behind_when_nothing_turns_up(centre: Centre, last: UUID) -> None:
    soon, late = ask(centre, last), ask(centre, last, now=at(400))
    chance = {each["camera"]: each["chance"] for each in late["cameras"]}
    assert chance["b"] < {each["camera"]: each["chance"] for each in soon["cameras"]}["b"]
    assert late["unseen"] > soon["unseen"]


def test_a_destination_makes_the_cameras_on_the_way_likelier(centre: Centre, last: UUID) -> None:
    home = {"place": {"lon": 127.0062, "lat": 37.5}, "weight": 0.8, "name": "home"}
    first = ask(centre, last, destinations=[home])["cameras"][0]
    assert first["camera"] == "d"


def test_the_area_grows_by_the_minute(centre: Centre, last: UUID) -> None:
    areas = ask(centre, last, modes=["walk", "bus"], minutes=[0, 5])["areas"]
    assert [(each["means"], each["minutes"], each["seconds"]) for each in areas] == [
        ("walk", 0, 10),
        ("walk", 5, 310),
        ("bus", 0, 10),
        ("bus", 5, 310),
    ]
    assert all(each["straight"] for each in areas)
    widths = [_width(each["geometry"]) for each in areas]
    assert widths[0] < widths[1] < widths[3]
    # 310 s at 1.7 m/s to either side, in degrees at 37.5 north.
    assert widths[1] == pytest.approx(2 * 310 * 1.7 / 88_300, rel=0.02)
    (forgotten,) = ask(centre, last, now=at(5 * 3600))["areas"]
    assert forgotten["geometry"] is None


def test_a_route_goes_on_from_its_last_stop(centre: Centre, last: UUID) -> None:
    first = centre.sighting("a", -200)
    stops = [{"sighting_id": str(each)} for each in (last, first)]
    route = centre.post("/routes", {"stops": stops}, 201)["id"]
    with capture_logs() as lines:
        answer = centre.post(f"/routes/{route}/next", {"now": at(60), "purpose": "report 9"})
    assert answer["sighting_id"] == str(last)
    (line,) = [line for line in lines if line["event"] == "next"]
    assert (line["route"], line["purpose"]) == (route, "report 9")


def test_after_hours_no_camera_is_ranked_and_that_is_said(centre: Centre, last: UUID) -> None:
    answer = ask(centre, last, now=at(3 * 3600))
    assert answer["cameras"] == []
    assert answer["unseen"] == pytest.approx(1, abs=0.01)
    assert "too long" in answer["note"]
    assert all(each["chance"] >= 0.005 for each in ask(centre, last, now=at(600))["cameras"])


def test_means_and_minutes_that_are_named_twice_are_answered_once(
    centre: Centre, last: UUID
) -> None:
    areas = ask(centre, last, modes=["walk", "walk", "car"], minutes=[5, 0, 5])["areas"]
    assert [(each["means"], each["minutes"]) for each in areas] == [
        ("walk", 5),
        ("walk", 0),
        ("car", 5),
        ("car", 0),
    ]


def test_the_database_has_only_so_long_to_say_where_next(centre: Centre, last: UUID) -> None:
    said: list[str] = []

    def follow(*of: Any) -> None:  # noqa: ANN401 - the event's arguments
        said.append(of[2])

    event.listen(centre.engine, "before_cursor_execute", follow)
    ask(centre, last)
    event.remove(centre.engine, "before_cursor_execute", follow)
    assert any("statement_timeout" in each for each in said)


def test_who_asked_in_vain_where_next_is_in_the_log(centre: Centre, last: UUID) -> None:
    with capture_logs() as lines:
        ask(centre, last, 422, now=at(5), purpose="report 9")
    (line,) = [line for line in lines if line["event"] == "next failed"]
    assert (line["sighting"], line["purpose"]) == (str(last), "report 9")
    assert line["error"] == "InputError"


def test_a_camera_without_a_place_says_so(centre: Centre, last: UUID) -> None:
    centre.camera("loose")
    answer = ask(centre, centre.sighting("loose", 0))
    assert (answer["areas"], answer["cameras"], answer["unseen"]) == ([], [], 1)
    assert "not placed" in answer["note"]


def test_a_camera_that_was_moved_since_counts_where_it_stood(centre: Centre, last: UUID) -> None:
    before = ask(centre, last)
    away = {"position": {"lon": 127.2, "lat": 37.7}, "valid_from": at(15)}
    centre.client.patch("/api/v1/cameras/c", json=away).raise_for_status()
    answer = ask(centre, last)
    assert answer["cameras"] == before["cameras"]
    assert answer["areas"] == before["areas"]
    assert "moved since" in answer["note"]


def test_what_cannot_be_told_says_why(centre: Centre, last: UUID) -> None:
    assert "before" in ask(centre, last, 422, now=at(5))["detail"]
    ask(centre, uuid4(), 404)
    ask(centre, last, 422, minutes=[1] * 7)
    centre.post(f"/routes/{uuid4()}/next", {}, 404)


def test_on_streets_times_are_those_of_the_way_and_the_area_follows_them(town: Centre) -> None:
    """Last seen at A, the south-west corner of the town: its streets lead north and east."""
    stand(town, "ACD")
    times.renew(town.engine, lambda *_: None)
    seen = town.sighting("A", 0, lasts_s=10)
    answer = ask(town, seen, now=at(20), minutes=[1])
    assert answer["note"] is None
    by_name = {each["camera"]: each for each in answer["cameras"]}
    for name, blocks in {"C": 2, "D": 3}.items():
        low, high = by_name[name]["usual_s"]
        # The middle of a log-normal; straight it would be 2.6 and 2.9 blocks.
        assert (low * high) ** 0.5 == pytest.approx(blocks * BLOCK_M / WALK, rel=0.01)
        assert not by_name[name]["learnt"]
    (area,) = answer["areas"]
    assert (area["seconds"], area["straight"]) == (70, False)
    assert area["edges"] == 2
    # 70 s at 1.34 m/s along both streets; a circle would be as wide to the south and the west.
    lons, lats = zip(*area["geometry"]["coordinates"][0], strict=True)
    reached = 70 * WALK / BLOCK_M / 1000
    assert (max(lons) - 127, max(lats)) == pytest.approx((reached, reached), abs=2e-5)
    assert (min(lons) - 127, min(lats)) == pytest.approx((0, 0), abs=2e-5)


def _width(geometry: dict[str, Any]) -> float:
    (ring,) = geometry["coordinates"]
    lons = [lon for lon, _ in ring]
    return float(max(lons) - min(lons))
