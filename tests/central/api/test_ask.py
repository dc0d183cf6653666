"""Questions in words over the API: places are those of the database."""

from typing import Any

from sqlalchemy import text

from tests.central.asking import Centre


def parse(centre: Centre, question: str) -> dict[str, Any]:
    return centre.post("/ask/parse", {"text": question})


def test_places_are_names_of_cameras_and_groups(centre: Centre) -> None:
    for identifier, name, lon in (
        ("a", "강남역 1번 출구", 127.0),
        ("b", "강남역 2번 출구", 127.002),
    ):
        place = {"lon": lon, "lat": 37.5}
        centre.post("/cameras", {"id": identifier, "name": name, "position": place}, 201)
    centre.post("/cameras", {"id": "c", "name": "City Hall", "position": None}, 201)
    with centre.engine.begin() as connection:
        connection.execute(text("INSERT INTO camera_groups (name) VALUES ('학교 앞')"))
        connection.execute(text("INSERT INTO camera_group_members VALUES ('학교 앞', 'c')"))
    around = parse(centre, "빨간 상의 여자 강남역 500m")["request"]
    middle = around["cameras"]["radius"]
    assert (middle["metres"], round(middle["center"]["lon"], 6)) == (500, 127.001)
    assert parse(centre, "강남역에서 남자")["request"]["cameras"]["ids"] == ["a", "b"]
    assert parse(centre, "man near city hall")["request"]["cameras"]["ids"] == ["c"]
    assert parse(centre, "학교 앞 노란 버스")["request"]["cameras"]["groups"] == ["학교 앞"]
    assert parse(centre, "100%_ 서울역")["not_understood"] == ["100%_", "서울역"]


def test_what_was_understood_can_be_searched_as_it_is(centre: Centre) -> None:
    centre.camera("cam-1")
    truck = centre.sighting(plate="12가3456", at_s=-86_400)
    asked = parse(centre, "12?3456 어제")
    found = centre.post("/search", {key: value for key, value in asked["request"].items() if value})
    assert [each["sighting"]["id"] for each in found["candidates"]] == [str(truck)]


def test_what_is_no_question_is_refused(centre: Centre) -> None:
    for question in (
        {"text": ""},
        {"text": "x" * 501},
        {"text": "\x00"},
        {"text": "x", "zone": "x"},
    ):
        centre.post("/ask/parse", question, 422)
