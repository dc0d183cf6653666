"""Every way to ask, over the API, with the real index and database."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.classes import ObjectClass
from shared.messages import Attribute
from shared.pictures import encode_webp
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS
from tests.factories import unit_vector

NOON = datetime.fromtimestamp(NOON_MS / 1000, tz=UTC)
"""21:00 on a Monday in Seoul."""


def ids(answer: dict[str, Any]) -> list[str]:
    return [candidate["sighting"]["id"] for candidate in answer["candidates"]]


def said(**values: tuple[str, float]) -> dict[str, Attribute]:
    return {
        name: Attribute(value=value, confidence=confidence)
        for name, (value, confidence) in values.items()
    }


@pytest.fixture
def cars(centre: Centre) -> dict[str, UUID]:
    """Vehicles, by plate, one after the other, half an hour apart."""
    return {
        plate: centre.sighting(
            f"cam-{number % 2}", 1800 * number, object_class=ObjectClass.VEHICLE, plate=plate
        )
        for number, plate in enumerate(
            ("12가3456", "12거3456", "12가3457", "서울12가3456", "98나7654", "1'%_;--")
        )
    }


@pytest.mark.parametrize(
    ("plate", "found"),
    [
        (
            "12가3456",
            [
                ("12가3456", "exact"),
                ("12거3456", "folded"),
                ("서울12가3456", "part"),
                ("12가3457", "similar"),
            ],
        ),
        ("12?3456", [("12거3456", "wildcard"), ("12가3456", "wildcard"), ("서울12가3456", "part")]),
        ("l2 거-34S6", [("12거3456", "folded"), ("12가3456", "folded"), ("서울12가3456", "part")]),
        ("7654", [("98나7654", "part")]),
        ("1'%_;--", [("1'%_;--", "exact")]),
        ("0%%%%%1", []),
    ],
)
def test_a_plate_is_found_and_each_says_how_it_fits(
    centre: Centre, cars: dict[str, UUID], plate: str, found: list[tuple[str, str]]
) -> None:
    answer = centre.post("/search", {"plate": plate, "limit": 10})
    told = [(each["sighting"]["plate"], each["plate"]["how"]) for each in answer["candidates"]]
    fitting = [each for each in told if each[1] != "similar" or "similar" in dict(found).values()]
    if found and found[0][1] == "folded":
        assert set(fitting[:2]) == set(found[:2])
    else:
        assert sorted(fitting) == sorted(found)
    assert all(each["score"] is None for each in answer["candidates"])
    assert answer["query"]["space"] is None


def test_the_best_plate_comes_first_and_similar_ones_may_be_left_out(
    centre: Centre, cars: dict[str, UUID]
) -> None:
    best = centre.post("/search", {"plate": "12가3456"})["candidates"][0]
    assert best["sighting"]["id"] == str(cars["12가3456"])
    assert best["plate"] == {"how": "exact", "edits": 0}
    sure = centre.post("/search", {"plate": "12가3456", "similar_plates": False})
    assert str(cars["12가3457"]) not in ids(sure)


def test_a_plate_is_looked_for_where_and_when_it_is_asked_for(
    centre: Centre, cars: dict[str, UUID]
) -> None:
    here = {"plate": "3456", "cameras": {"ids": ["cam-1"]}}
    assert set(ids(centre.post("/search", here))) == {
        str(cars["12거3456"]),
        str(cars["서울12가3456"]),
    }
    later = {**here, "from": "2026-07-20T13:00:00Z"}
    assert ids(centre.post("/search", later)) == [str(cars["서울12가3456"])]


def test_plates_that_fit_whole_are_looked_at_before_parts_and_similar_ones(
    centre: Centre, cars: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"plate": "12가3456"}
    whole = centre.post("/search", asked)
    assert whole["note"] is None
    monkeypatch.setattr("central.plates.finding.MAX_PLATES", 1)
    cut = centre.post("/search", asked)
    assert [each["sighting"]["plate"] for each in cut["candidates"]] == ["12가3456"]
    assert "plates may fit" in cut["note"]


@pytest.mark.parametrize(
    "plate", ["1" * 300, "?*", "*", "1", "12?34", "1*2*3*4*5*6", "12\x003456", ""]
)
def test_what_is_no_plate_is_refused(centre: Centre, plate: str) -> None:
    (error, *_) = centre.post("/search", {"plate": plate}, 422)["errors"]
    assert error["where"] == "body.plate"


def test_a_plate_is_found_by_its_index(centre: Centre, cars: dict[str, UUID]) -> None:
    with centre.engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(
            text("EXPLAIN SELECT id FROM sightings WHERE fold_plate(plate) LIKE '%12_3456%'")
        ).scalars()
        assert "fold_plate" in "\n".join(plan)
    assert cars


def test_looks_and_a_plate_must_both_fit(centre: Centre) -> None:
    vector = unit_vector(centre.rng)
    vehicle = {"object_class": ObjectClass.VEHICLE, "vector": vector}
    query = centre.sighting(**vehicle)  # type: ignore[arg-type]
    right = centre.sighting(at_s=60, plate="12가3456", **vehicle)  # type: ignore[arg-type]
    centre.sighting(at_s=120, plate="98나7654", **vehicle)  # type: ignore[arg-type]
    centre.follow()
    answer = centre.post("/search", {"by": {"sighting_id": str(query)}, "plate": "12?3456"})
    (only,) = answer["candidates"]
    assert only["sighting"]["id"] == str(right)
    assert only["score"] == pytest.approx(1, abs=1e-3)
    assert only["plate"]["how"] == "wildcard"


def test_attributes_alone_give_the_newest_or_the_surest_first(centre: Centre) -> None:
    sure = centre.sighting(at_s=0, attributes=said(upper_colour=("red", 0.9)))
    new = centre.sighting(at_s=60, attributes=said(upper_colour=("red", 0.6)))
    centre.sighting(at_s=30, attributes=said(upper_colour=("blue", 0.9)))
    asked: dict[str, Any] = {"attributes": {"upper_colour": ["red"]}}
    assert ids(centre.post("/search", asked)) == [str(new), str(sure)]
    assert ids(centre.post("/search", {**asked, "order": "confidence"})) == [str(sure), str(new)]
    assert len(centre.post("/search", {})["candidates"]) == 3


@pytest.mark.parametrize(
    ("hours", "inside"),
    [
        ({"from": "20:00", "to": "22:00"}, True),
        ({"from": "22:00", "to": "23:00"}, False),
        ({"from": "22:00", "to": "20:00"}, False),
        ({"from": "19:00", "to": "05:00"}, True),
        ({"from": "21:30", "to": "22:00"}, True),
        ({"from": "00:00", "to": "00:00"}, True),
        ({"from": "19:00", "to": "05:00", "days": ["mon"]}, True),
        ({"from": "19:00", "to": "05:00", "days": ["sun", "tue"]}, False),
        ({"from": "11:00", "to": "13:00", "zone": "UTC"}, True),
        ({"from": "11:00", "to": "13:00"}, False),
        ({"from": "08:00", "to": "09:30", "days": ["mon"], "zone": "America/New_York"}, True),
    ],
)
def test_hours_repeat_by_the_clock_of_a_place(
    centre: Centre,
    hours: dict[str, Any],
    inside: bool,  # noqa: FBT001
) -> None:
    assert NOON.strftime("%a %H:%M") == "Mon 12:00"
    centre.sighting(lasts_s=2400)
    assert len(centre.post("/search", {"hours": hours})["candidates"]) == inside


def test_a_night_belongs_to_the_day_it_begins_on(centre: Centre) -> None:
    past_midnight = centre.sighting(at_s=5 * 3600)  # 02:00 on Tuesday in Seoul
    night = {"from": "22:00", "to": "05:00"}
    for days, expected in ((["mon"], [str(past_midnight)]), (["tue"], [])):
        assert ids(centre.post("/search", {"hours": {**night, "days": days}})) == expected


@pytest.mark.parametrize(
    "hours",
    [
        {"from": "25:00", "to": "05:00"},
        {"from": "22", "to": "05:00"},
        {"from": "22:00", "to": "05:00", "zone": "Mars/Base"},
        {"from": "22:00", "to": "05:00", "zone": "../../etc/passwd"},
        {"from": "22:00", "to": "05:00", "zone": "UTC'; DROP TABLE sightings; --"},
        {"from": "22:00", "to": "05:00", "days": []},
        {"from": "22:00", "to": "05:00", "days": ["someday"]},
        {"from": 79200, "to": "05:00"},
    ],
)
def test_hours_that_are_none_are_refused(centre: Centre, hours: dict[str, Any]) -> None:
    problem = centre.post("/search", {"hours": hours}, 422)
    assert problem["errors"][0]["where"].startswith("body.hours")


def test_cameras_are_chosen_along_a_way(centre: Centre) -> None:
    for number in range(5):
        centre.camera(f"on-{number}", 127.0 + 0.001 * number, 37.5)
        centre.camera(f"aside-{number}", 127.0 + 0.001 * number, 37.502)  # 222 m north
    way = {"type": "LineString", "coordinates": [[126.999, 37.5], [127.0021, 37.5]]}
    chosen = centre.post("/cameras/select", {"corridor": {"line": way, "metres": 50}})
    assert chosen["ids"] == ["on-0", "on-1", "on-2"]
    wide = centre.post("/cameras/select", {"corridor": {"line": way, "metres": 230}})
    assert {"aside-0", "aside-1", "aside-2"} < set(wide["ids"])
    point = {"type": "LineString", "coordinates": [[127, 37.5], [127, 37.5]]}
    assert centre.post("/cameras/select", {"corridor": {"line": point, "metres": 10}})["ids"] == [
        "on-0"
    ]


def test_cameras_are_chosen_along_a_kept_route(centre: Centre) -> None:
    for number in range(4):
        centre.camera(f"on-{number}", 127.0 + 0.001 * number, 37.5)
        centre.camera(f"aside-{number}", 127.0 + 0.001 * number, 37.502)  # 222 m north
    first, later = centre.sighting("on-0"), centre.sighting("on-2", 600)
    route = centre.post("/routes", {"stops": [{"sighting_id": str(first)}]}, 201)
    near = {"corridor": {"route": route["id"], "metres": 50}}
    assert centre.post("/cameras/select", near)["ids"] == ["on-0"]
    # The newest version counts: the way to the second stop leads past a camera between.
    stops = [{"sighting_id": str(each)} for each in (first, later)]
    changed = centre.client.put(f"/api/v1/routes/{route['id']}/stops", json={"stops": stops})
    assert changed.status_code == 200, changed.text
    assert centre.post("/cameras/select", near)["ids"] == ["on-0", "on-1", "on-2"]
    # Who was seen along it, and who was not.
    centre.sighting("aside-1", 300)
    beside = centre.sighting("on-1", 300)
    found = ids(centre.post("/search", {"cameras": near}))
    assert set(found) == {str(first), str(later), str(beside)}
    wide = {"corridor": {"route": route["id"], "metres": 230}}
    assert str(beside) in ids(centre.post("/search", {"cameras": wide}))
    assert "aside-1" in centre.post("/cameras/select", wide)["ids"]


@pytest.mark.parametrize(
    ("corridor", "status", "said"),
    [
        ({"metres": 50}, 422, "along a line or along a route"),
        (
            {
                "metres": 50,
                "route": "019bfd40-0000-7000-8000-000000000000",
                "line": {"type": "LineString", "coordinates": [[127, 37.5], [127, 37.6]]},
            },
            422,
            "along a line or along a route",
        ),
        (
            {"metres": 50, "route": "019bfd40-0000-7000-8000-000000000000"},
            404,
            "there is no route 019bfd40-0000-7000-8000-000000000000",
        ),
    ],
)
def test_a_corridor_along_nothing_is_refused(
    centre: Centre, corridor: dict[str, Any], status: int, said: str
) -> None:
    assert said in str(centre.post("/search", {"cameras": {"corridor": corridor}}, status))


def test_cameras_are_chosen_by_group(centre: Centre) -> None:
    for name in ("a", "b", "c"):
        centre.camera(name)
    with centre.engine.begin() as connection:
        connection.execute(text("INSERT INTO camera_groups (name) VALUES ('역'), ('leer')"))
        connection.execute(text("INSERT INTO camera_group_members VALUES ('역', 'a'), ('역', 'b')"))
    assert centre.post("/cameras/select", {"groups": ["역"]})["ids"] == ["a", "b"]
    assert centre.post("/cameras/select", {"groups": ["leer"], "ids": ["c"]})["ids"] == ["c"]
    seen = centre.sighting("a")
    centre.sighting("c")
    assert ids(centre.post("/search", {"cameras": {"groups": ["역"]}})) == [str(seen)]
    assert [each["id"] for each in centre.get("/sightings", group="역")["items"]] == [str(seen)]
    assert centre.get("/sightings", group="nobody")["items"] == []
    for name in ("nobody", "'; DROP TABLE cameras; --"):
        problem = centre.post("/search", {"cameras": {"groups": [name]}}, 404)
        assert name in problem["detail"]


def test_ten_thousand_cameras_are_a_scope(centre: Centre) -> None:
    seen = centre.sighting("cam-7")
    named = {"cameras": {"ids": [f"cam-{number}" for number in range(10_000)]}}
    answer = centre.post("/search", named)
    assert ids(answer) == [str(seen)]
    assert len(answer["scope"]["unknown_cameras"]) == 9_999
    centre.follow()
    centre.post("/search", {**named, "by": {"sighting_id": str(seen)}})
    too_many = {"cameras": {"ids": ["x"] * 20_001}}
    assert centre.post("/search", too_many, 422)["errors"][0]["where"] == "body.cameras.ids"


@pytest.fixture
def uploaded(centre: Centre) -> dict[str, Any]:
    """A picture in which the centre finds a person and a car."""
    data = encode_webp(centre.rng.integers(0, 255, (240, 320, 3)).astype("uint8"))
    answer = centre.client.post("/api/v1/pictures", files={"file": ("street.webp", data)})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_uploaded_picture_offers_what_is_in_it(centre: Centre, uploaded: dict[str, Any]) -> None:
    person, car = uploaded["objects"]
    assert (person["object_class"], car["object_class"]) == ("person", "vehicle")
    assert (person["rect"], car["plate"]) == ([10, 20, 74, 148], "12가3456")
    assert person["attributes"] == {"upper_colour": {"value": "red", "confidence": 0.9}}
    crop = centre.client.get(car["crop_url"])
    assert (crop.status_code, crop.headers["content-type"]) == (200, "image/webp")
    assert centre.get(f"/pictures/{uploaded['id']}") == uploaded
    assert uploaded["expires_at"] == "2026-07-21T12:00:00.000Z"


def test_objects_of_pictures_are_looked_for_alone_and_with_sightings(
    centre: Centre, uploaded: dict[str, Any]
) -> None:
    alike = centre.sighting(vector=centre.reader.vector)
    other = unit_vector(centre.rng)
    known = centre.sighting(at_s=10, vector=other)
    centre.follow()
    person = {"picture": uploaded["id"], "object": 0}
    answer = centre.post("/search", {"by": {"pictures": [person, person]}, "limit": 1})
    assert ids(answer) == [str(alike)]
    assert answer["query"]["pictures"] == [person]
    both = {"by": {"pictures": [person], "sighting_id": str(known)}}
    (candidate,) = centre.post("/search", both)["candidates"]
    assert candidate["score"] == pytest.approx(0.7, abs=0.1)


def test_a_picture_that_is_gone_is_told(centre: Centre, uploaded: dict[str, Any]) -> None:
    asked = {"by": {"pictures": [{"picture": uploaded["id"], "object": 2}]}}
    assert "object 2" in centre.post("/search", asked, 404)["detail"]
    assert centre.client.delete(f"/api/v1/pictures/{uploaded['id']}").status_code == 204
    gone = centre.post("/search", {"by": {"pictures": [{"picture": uploaded["id"]}]}}, 404)
    assert "upload it again" in gone["detail"]
    for path in ("", "/objects/0/crop"):
        assert centre.client.get(f"/api/v1/pictures/{uploaded['id']}{path}").status_code == 404


def test_a_picture_is_gone_when_its_day_is_over_before_anyone_sweeps(
    centre: Centre, uploaded: dict[str, Any]
) -> None:
    asked = {"by": {"pictures": [{"picture": uploaded["id"]}]}}
    centre.services.clock.advance(86_399)  # type: ignore[attr-defined]
    centre.post("/search", asked)
    centre.services.clock.advance(1)  # type: ignore[attr-defined]
    assert centre.keeping.count("query_pictures") == 1
    assert "forgotten after a day" in centre.post("/search", asked, 404)["detail"]
    centre.get(f"/pictures/{uploaded['id']}", 404)
    assert centre.client.get(uploaded["objects"][0]["crop_url"]).status_code == 404


def test_no_more_than_the_newest_pictures_are_kept(
    centre: Centre, uploaded: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("central.asking.pictures.MAX_PICTURES", 1)
    centre.services.clock.advance(1)  # type: ignore[attr-defined]
    data = encode_webp(centre.rng.integers(0, 255, (64, 64, 3)).astype("uint8"))
    newer = centre.client.post("/api/v1/pictures", content=data).json()
    centre.get(f"/pictures/{newer['id']}")
    centre.get(f"/pictures/{uploaded['id']}", 404)


@pytest.mark.parametrize("by", [{}, {"pictures": []}, {"sighting_ids": []}, {"plate": "12가3456"}])
def test_looks_of_nothing_are_refused(centre: Centre, by: dict[str, Any]) -> None:
    problem = centre.post("/search", {"by": by}, 422)
    assert problem["errors"][0]["where"].startswith("body.by")


def test_what_was_read_in_an_uploaded_picture_orders_those_who_look_the_same(
    centre: Centre, uploaded: dict[str, Any]
) -> None:
    red, blue = ({"upper_colour": Attribute(value=v, confidence=0.9)} for v in ("red", "blue"))
    in_blue = centre.sighting("cam-1", 0, vector=centre.reader.vector, attributes=blue)
    in_red = centre.sighting("cam-2", 60, vector=centre.reader.vector, attributes=red)
    centre.follow()
    by = {"pictures": [{"picture": uploaded["id"], "object": 0}]}
    off = {"k_reciprocal": False, "recency": False}
    found = centre.post("/search", {"by": by, "ladder": off})["candidates"]
    assert [each["sighting"]["id"] for each in found] == [str(in_red), str(in_blue)]
    without = centre.post("/search", {"by": by, "ladder": {**off, "attributes": False}})
    assert [each["sighting"]["id"] for each in without["candidates"]] == [str(in_blue), str(in_red)]
