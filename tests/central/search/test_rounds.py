"""Confirming and rejecting, who can have been where, and the cameras' means, over the API."""

from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import text

from central.search.means import ALL_CAMERAS, ALL_HOURS, CameraHour, MeansFollower, means_of
from shared.classes import ObjectClass
from shared.messages import Attribute, ClockOffset
from shared.vectors import Vector, normalised
from tests.central.asking import Centre
from tests.factories import SPACE, unit_vector

NOON = 12


def near(vector: Vector, amount: float, seed: int) -> Vector:
    noise = np.random.default_rng(seed).standard_normal(vector.size) / np.sqrt(vector.size)
    return normalised(vector + amount * noise)


def ids(answer: dict[str, Any]) -> list[str]:
    return [candidate["sighting"]["id"] for candidate in answer["candidates"]]


@pytest.fixture
def person() -> Vector:
    return unit_vector(np.random.default_rng(5))


@pytest.fixture
def street(centre: Centre) -> None:
    """Cameras every kilometre eastwards."""
    for number in range(4):
        centre.camera(f"km-{number}", 127.0 + 0.01131 * number, 37.5)


def follow(centre: Centre) -> None:
    centre.follow()
    means = MeansFollower(centre.engine)
    while means.step():
        pass


def test_whoever_cannot_have_been_there_is_left_out_or_marked(
    centre: Centre, street: None, person: Vector
) -> None:
    query = centre.sighting("km-0", 0, vector=person)
    late = centre.sighting("km-2", 900, vector=near(person, 0.3, 1))
    soon = centre.sighting("km-2", 30, vector=near(person, 0.1, 2))
    centre.follow()
    asked: dict[str, Any] = {"by": {"sighting_id": str(query)}}
    answer = centre.post("/search", asked)
    assert ids(answer) == [str(late)]
    assert answer["unreachable"] == 1
    said = answer["candidates"][0]["reach"]
    assert said["possible"]
    assert (said["sighting_id"], said["camera"]) == (str(query), "km-0")
    assert said["distance_m"] == pytest.approx(1995, abs=20)
    assert said["available_s"] == pytest.approx(895)
    assert said["text"] == "1995 m in 15 min; too fast on foot, 2 to 11 min by car"
    marked = centre.post("/search", {**asked, "show_unreachable": True})
    assert ids(marked) == [str(late), str(soon)]
    assert [each["reach"]["possible"] for each in marked["candidates"]] == [True, False]
    assert marked["unreachable"] == 0
    why = "not possible: 1995 m in 25 s, a straight line takes 95 s at least"
    assert marked["candidates"][1]["reach"]["text"] == why
    assert marked["candidates"][1]["reach"]["streets_s"] is None
    off = centre.post("/search", {**asked, "ladder": {"reach": False}})
    assert set(ids(off)) == {str(late), str(soon)}


def test_on_foot_is_said_in_minutes(centre: Centre, person: Vector) -> None:
    centre.camera("here", 127.0, 37.5)
    centre.camera("there", 127.00565, 37.5)
    query = centre.sighting("here", 0, vector=person)
    centre.sighting("there", 600, vector=near(person, 0.1, 1))
    centre.follow()
    answer = centre.post("/search", {"by": {"sighting_id": str(query)}})
    assert answer["candidates"][0]["reach"]["on_foot"] == {"least": 4, "most": 11}
    assert answer["candidates"][0]["reach"]["text"] == "498 m in 10 min; 4 to 11 min on foot"


def test_a_camera_that_was_moved_counts_where_it_stood(
    centre: Centre, street: None, person: Vector
) -> None:
    query = centre.sighting("km-0", 0, vector=person)
    beside = centre.sighting("km-1", 100, vector=near(person, 0.1, 1))
    far = centre.sighting("km-3", 60, vector=near(person, 0.2, 2))
    centre.follow()
    asked: dict[str, Any] = {"by": {"sighting_id": str(query)}}
    assert ids(centre.post("/search", asked)) == [str(beside)]
    for name, lon in (("km-1", 127.5), ("km-3", 127.0001)):
        place = {"position": {"lon": lon, "lat": 37.5}}
        centre.client.patch(f"/api/v1/cameras/{name}", json=place).raise_for_status()
    answer = centre.post("/search", {**asked, "show_unreachable": True})
    assert ids(answer) == [str(beside), str(far)]
    assert [each["reach"]["possible"] for each in answer["candidates"]] == [True, False]
    assert answer["candidates"][0]["reach"]["distance_m"] == pytest.approx(998, abs=10)


def test_confirmed_ones_that_clash_hide_nobody(
    centre: Centre, street: None, person: Vector
) -> None:
    query = centre.sighting("km-0", 0, vector=person)
    clashing = [centre.sighting(f"km-{n}", 600, vector=near(person, 0.2, n)) for n in (1, 3)]
    there = centre.sighting("km-1", 700, vector=near(person, 0.3, 4))
    centre.follow()
    asked: dict[str, Any] = {"by": {"sighting_id": str(query)}}
    answer = centre.post("/search", {**asked, "confirmed": [str(each) for each in clashing]})
    assert ids(answer) == [str(there)]
    assert answer["candidates"][0]["reach"]["camera"] == "km-0"
    assert "clash" in answer["note"]


def test_a_confirmed_stop_anchors_too(centre: Centre, street: None, person: Vector) -> None:
    query = centre.sighting("km-0", 0, vector=person)
    stop = centre.sighting("km-1", 600, vector=near(person, 0.2, 1))
    possible = centre.sighting("km-3", 900, vector=near(person, 0.2, 2))
    elsewhere = centre.sighting("km-3", 610, vector=near(person, 0.2, 3))
    centre.follow()
    asked: dict[str, Any] = {"by": {"sighting_id": str(query)}}
    assert set(ids(centre.post("/search", asked))) == {str(stop), str(possible), str(elsewhere)}
    answer = centre.post("/search", {**asked, "confirmed": [str(stop)]})
    assert ids(answer) == [str(possible)]
    assert answer["candidates"][0]["reach"]["camera"] == "km-1"


def test_a_known_travel_time_counts_instead_of_the_distance(
    centre: Centre, street: None, person: Vector
) -> None:
    query = centre.sighting("km-0", 0, vector=person)
    centre.sighting("km-1", 300, vector=near(person, 0.1, 1))
    centre.follow()
    asked: dict[str, Any] = {"by": {"sighting_id": str(query)}}
    assert len(ids(centre.post("/search", asked))) == 1
    with centre.engine.begin() as connection:
        told = "INSERT INTO travel_times VALUES ('km-0', 'km-1', '{}', 3600)"
        connection.execute(text(told.format("walk")))
    # They may have taken a car, of which nothing is told.
    assert len(ids(centre.post("/search", asked))) == 1
    with centre.engine.begin() as connection:
        connection.execute(text(told.format("drive")))
    assert ids(centre.post("/search", asked)) == []
    marked = centre.post("/search", {**asked, "show_unreachable": True})
    said = marked["candidates"][0]["reach"]
    # Half of the hour, less what the two views may reach of the way.
    assert said["streets_s"] == pytest.approx(1620, abs=5)
    assert said["text"] == "not possible: 998 m in 5 min, the streets take 27 min by car at least"


def test_minutes_are_by_the_streets_where_they_are_known(
    centre: Centre, street: None, person: Vector
) -> None:
    query = centre.sighting("km-1", 0, vector=person)
    after = centre.sighting("km-2", 1500, vector=near(person, 0.1, 1))
    before = centre.sighting("km-0", -1500, vector=near(person, 0.1, 2))
    centre.follow()

    def said() -> dict[str, Any]:
        answer = centre.post("/search", {"by": {"sighting_id": str(query)}})
        return {each["sighting"]["id"]: each["reach"] for each in answer["candidates"]}

    straight = said()[str(after)]
    assert straight["text"] == "998 m in 25 min; 9 to 22 min on foot"
    # A stream lies between: half an hour around it on foot; and what was before is come from.
    told = "INSERT INTO travel_times VALUES ('km-{}', 'km-{}', '{}', {})"
    known = [(1, 2, "walk", 2400), (1, 2, "drive", 300), (0, 1, "walk", 900), (1, 0, "walk", 1800)]
    with centre.engine.begin() as connection:
        for row in known:
            connection.execute(text(told.format(*row)))
    there = said()
    by_street = there[str(after)]
    assert by_street["on_foot"] == {"least": 29, "most": 54}
    assert by_street["by_car"] == {"least": 3, "most": 10}
    assert by_street["text"] == "998 m in 25 min; too fast on foot, 3 to 10 min by car"
    assert by_street["streets_s"] == pytest.approx(135, abs=1)
    # Without a time by car the straight line decides, and says the minutes by car.
    assert there[str(before)]["text"] == "998 m in 25 min; 11 to 21 min on foot"
    assert there[str(before)]["streets_s"] is None
    assert there[str(before)]["by_car"] == straight["by_car"]


def test_the_clocks_that_boxes_measured_are_allowed_for(
    centre: Centre, street: None, person: Vector
) -> None:
    ahead, behind = (ClockOffset(offset_ms=ms, round_trip_ms=3.0) for ms in (-900_000, 900_000))
    query = centre.sighting("km-0", 0, vector=person)
    # By its box a quarter of an hour later, in truth at the same time; and the other way around.
    centre.sighting("km-2", 900, vector=near(person, 0.1, 1), clock=ahead)
    late = centre.sighting("km-2", 0, vector=near(person, 0.1, 2), clock=behind)
    unmeasured = centre.sighting("km-2", 50, vector=near(person, 0.1, 3), clock=None)
    centre.follow()
    answer = centre.post("/search", {"by": {"sighting_id": str(query)}})
    assert set(ids(answer)) == {str(late), str(unmeasured)}
    assert answer["unreachable"] == 1


def test_many_who_cannot_be_reached_hide_nobody_who_can(
    centre: Centre, street: None, person: Vector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("central.search.ranking.DEPTH", 5)
    query = centre.sighting("km-0", 0, vector=person)
    for number in range(10):
        centre.sighting("km-3", 6, vector=near(person, 0.1, number))
    right = centre.sighting("km-1", 900, vector=near(person, 0.5, 20))
    centre.follow()
    answer = centre.post("/search", {"by": {"sighting_id": str(query)}, "limit": 1})
    assert ids(answer) == [str(right)]
    assert answer["unreachable"] == 10


def test_a_rejected_one_is_never_answered_again_and_takes_its_likes_down(
    centre: Centre, person: Vector
) -> None:
    centre.camera("here", 127.0, 37.5)
    other = unit_vector(np.random.default_rng(8))
    looks = normalised(person + 0.6 * other)
    query = centre.sighting("here", 0, vector=person)
    right = centre.sighting("here", 100, vector=near(person, 0.68, 1))
    wrong = centre.sighting("here", 200, vector=looks)
    again = centre.sighting("here", 300, vector=near(looks, 0.1, 2))
    centre.follow()
    off = {"k_reciprocal": False, "recency": False, "attributes": False}
    asked: dict[str, Any] = {"by": {"sighting_id": str(query)}, "ladder": off}
    assert ids(centre.post("/search", asked))[-1] == str(right)
    steered = centre.post("/search", {**asked, "rejected": [str(wrong)]})
    assert set(ids(steered)) == {str(right), str(again)}
    assert ids(steered)[0] == str(right)


def test_what_was_judged_and_is_not_kept_any_more_is_left_out(centre: Centre) -> None:
    query, other = centre.sighting(), centre.sighting()
    centre.follow()
    asked: dict[str, Any] = {"by": {"sighting_id": str(query)}}
    rejected = centre.post("/search", {**asked, "rejected": [str(uuid4())]})
    assert (ids(rejected), rejected["note"]) == ([str(other)], None)
    confirmed = centre.post("/search", {**asked, "confirmed": [str(uuid4()), str(uuid4())]})
    assert ids(confirmed) == [str(other)]
    assert "not kept any more were left out: 2" in confirmed["note"]


def test_bands_are_told_from_plain_cosines_whatever_was_rejected(
    centre: Centre, person: Vector
) -> None:
    query = centre.sighting("cam-1", 0, vector=person)
    same = centre.sighting("cam-2", 60, vector=near(person, 0.2, 1))
    wrong = centre.sighting("cam-3", 60, vector=near(person, 0.2, 2))
    for number in range(20):
        centre.sighting("cam-3", 60 + number)
    centre.follow()
    asked: dict[str, Any] = {"by": {"sighting_id": str(query)}}
    answer = centre.post("/search", {**asked, "rejected": [str(wrong)]})
    bands = {each["sighting"]["id"]: each["band"] for each in answer["candidates"]}
    assert bands[str(same)] == "likely"


def test_every_candidate_has_a_band_and_the_likest_is_likely(
    centre: Centre, person: Vector
) -> None:
    query = centre.sighting("cam-1", 0, vector=person)
    same = centre.sighting("cam-2", 60, vector=near(person, 0.2, 1))
    for number in range(20):
        centre.sighting("cam-3", 60 + number)
    centre.follow()
    answer = centre.post("/search", {"by": {"sighting_id": str(query)}})
    bands = {each["sighting"]["id"]: each["band"] for each in answer["candidates"]}
    assert bands.pop(str(same)) == "likely"
    assert set(bands.values()) == {"unlikely"}


def test_attributes_order_those_who_look_the_same(centre: Centre, person: Vector) -> None:
    red, blue = ({"upper_colour": Attribute(value=v, confidence=0.9)} for v in ("red", "blue"))
    query = centre.sighting("cam-1", 0, vector=person, attributes=red)
    in_blue = centre.sighting("cam-2", 60, vector=near(person, 0.2, 1), attributes=blue)
    in_red = centre.sighting("cam-3", 60, vector=near(person, 0.2, 2), attributes=red)
    centre.follow()
    asked: dict[str, Any] = {"by": {"sighting_id": str(query)}, "ladder": {"k_reciprocal": False}}
    assert ids(centre.post("/search", asked)) == [str(in_red), str(in_blue)]


def mean(centre: Centre, camera: str, hour: int) -> Vector:
    place = CameraHour(camera, hour)
    with centre.engine.connect() as connection:
        return means_of(connection, SPACE, ObjectClass.PERSON, [place], 256)[place]


def test_the_means_follow_what_is_committed(centre: Centre, person: Vector) -> None:
    assert not mean(centre, "cam-1", NOON).any()
    for number in range(30):
        centre.sighting("cam-1", number, vector=near(person, 0.1, number))
    for number in range(30):
        centre.sighting("cam-2", number, vector=near(-person, 0.1, number))
    follow(centre)
    assert float(mean(centre, "cam-1", NOON) @ person) > 0.4
    assert float(mean(centre, "cam-2", NOON) @ person) < -0.4
    # Another hour is not known: the camera's own mean, a little nearer to that of all.
    assert float(mean(centre, "cam-1", 3) @ person) > 0.4
    assert abs(float(mean(centre, "cam-9", 3) @ person)) < 0.1
    assert abs(float(mean(centre, ALL_CAMERAS, ALL_HOURS) @ person)) < 0.1


def test_few_sightings_say_nothing_of_their_camera(centre: Centre, person: Vector) -> None:
    for number in range(10):
        centre.sighting("cam-1", number, vector=near(person, 0.1, number))
    follow(centre)
    assert not mean(centre, "cam-1", NOON).any()


def test_a_sighting_counts_once_and_only_when_it_has_ended(centre: Centre, person: Vector) -> None:
    centre.sighting("cam-1", 0, vector=person, ended=False)
    follow(centre)
    assert centre.keeping.count("camera_means") == 0
    centre.sighting("cam-1", 5, vector=person)
    follow(centre)
    follow(centre)
    seen = centre.keeping.rows("SELECT camera, hour, seen FROM camera_means ORDER BY camera, hour")
    assert seen == [("", -1, 1.0), ("cam-1", -1, 1.0), ("cam-1", NOON, 1.0)]


def test_means_that_were_lost_are_made_again(centre: Centre, person: Vector) -> None:
    for number in range(50):
        centre.sighting("cam-1", number, vector=near(person, 0.1, number))
    follow(centre)
    before = mean(centre, "cam-1", NOON)
    assert before.any()
    with centre.engine.begin() as connection:
        connection.execute(text("DELETE FROM index_cursor"))
    follow(centre)
    assert mean(centre, "cam-1", NOON) == pytest.approx(before)


def test_a_camera_s_push_is_taken_away_before_anything_is_compared(
    centre: Centre, person: Vector
) -> None:
    rng = np.random.default_rng(11)
    pushes = {name: unit_vector(rng) for name in ("cam-1", "cam-2")}

    def seen(camera: str, at: float, who: Vector) -> UUID:
        return centre.sighting(camera, at, vector=normalised(who + 1.5 * pushes[camera]))

    for number in range(40):
        for camera in pushes:
            seen(camera, number, unit_vector(rng))
    query = seen("cam-1", 100, person)
    same = seen("cam-2", 200, person)
    follow(centre)
    asked: dict[str, Any] = {"by": {"sighting_id": str(query)}, "limit": 1}
    off = {"k_reciprocal": False, "camera_mean": False}
    assert ids(centre.post("/search", {**asked, "ladder": off})) != [str(same)]
    assert ids(centre.post("/search", asked)) == [str(same)]
