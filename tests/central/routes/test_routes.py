"""The way taken, from confirmed sightings."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.central.asking import Centre


def build(centre: Centre, *sightings: UUID, status: int = 201) -> dict[str, Any]:
    stops = [{"sighting_id": str(one)} for one in sightings]
    return centre.post("/routes", {"name": "테스트", "stops": stops}, status)


def stored_path(centre: Centre, route: str) -> list[tuple[float, float, float]]:
    """Longitude, latitude and seconds since the epoch of the points of all pieces of a path."""
    query = text(
        "SELECT ST_X(geom), ST_Y(geom), ST_M(geom) "
        "FROM route_paths, ST_DumpPoints(route_paths.path) WHERE route = :id ORDER BY piece, 3"
    )
    with centre.engine.connect() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query, {"id": route})]


@pytest.fixture
def street(centre: Centre) -> Centre:
    """Cameras a, b, c on the equator, a thousandth of a degree apart, and one not placed."""
    for number, name in enumerate("abc"):
        centre.camera(name, 127.0 + number / 1000, 0.0)
    centre.camera("loose")
    return centre


def test_stops_are_in_time_order_and_legs_have_distance_time_and_speed(street: Centre) -> None:
    last = street.sighting("c", 100, lasts_s=4)
    first = street.sighting("a", 0, lasts_s=10)
    middle = street.sighting("b", 40.5, lasts_s=9.5)
    route = build(street, last, first, middle)
    assert [(stop["number"], stop["camera"]) for stop in route["stops"]] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
    ]
    assert [stop["sighting_id"] for stop in route["stops"]] == [str(first), str(middle), str(last)]
    assert [stop["dwell_s"] for stop in route["stops"]] == [10, 9.5, 4]
    assert route["stops"][0]["arrived"] == "2026-07-20T12:00:00.000Z"
    leg, second = route["legs"]
    # A thousandth of a degree on the equator: WGS 84's 6,378,137 m x pi / 180,000.
    assert leg["distance_m"] == pytest.approx(111.3, abs=0.05)
    assert (leg["from"], leg["to"], leg["duration_s"], leg["overlap_s"]) == (1, 2, 30.5, 0)
    assert leg["speed_m_s"] == pytest.approx(111.3 / 40.5, abs=0.01)
    assert leg["geometry"] == {"type": "LineString", "coordinates": [[127.0, 0.0], [127.001, 0.0]]}
    assert second["duration_s"] == 50
    assert route["distance_m"] == pytest.approx(222.6, abs=0.1)
    assert (route["duration_s"], route["unplaced"]) == (104, [])


def test_a_kept_route_stays_as_it_was_confirmed(street: Centre) -> None:
    made = build(street, street.sighting("a"), street.sighting("b", 60))
    street.client.patch("/api/v1/cameras/a", json={"position": None}).raise_for_status()
    assert street.get(f"/routes/{made['id']}") == made
    listed = street.get("/routes")["items"]
    assert [(item["id"], item["name"], item["stops"]) for item in listed] == [
        (made["id"], "테스트", 2)
    ]


def test_the_geojson_numbers_the_stops_and_draws_the_legs(street: Centre) -> None:
    made = build(street, street.sighting("a"), street.sighting("b", 60))
    answer = street.client.get(f"/api/v1/routes/{made['id']}.geojson")
    assert answer.headers["content-type"] == "application/geo+json"
    collection = answer.json()
    assert collection == made["geojson"]
    shapes = [
        (item["properties"]["kind"], item["geometry"]["type"]) for item in collection["features"]
    ]
    assert shapes == [("stop", "Point"), ("stop", "Point"), ("leg", "LineString")]
    assert [item["properties"].get("number") for item in collection["features"]] == [1, 2, None]
    assert collection["features"][2]["properties"]["from"] == 1


def test_one_stop_is_a_route_without_a_leg(street: Centre) -> None:
    route = build(street, street.sighting("a", lasts_s=3))
    assert (route["legs"], route["distance_m"], route["duration_s"]) == ([], 0, 3)
    instant = build(street, street.sighting("a", 50, lasts_s=0))
    assert instant["duration_s"] == 0
    assert stored_path(street, instant["id"]) == []


def test_stops_that_overlap_or_begin_together_still_make_a_route(street: Centre) -> None:
    first = street.sighting("a", 0, lasts_s=10)
    overlapping = street.sighting("b", 4, lasts_s=10)
    together = street.sighting("c", 4, lasts_s=1)
    route = build(street, first, overlapping)
    (one,) = route["legs"]
    assert (one["duration_s"], one["overlap_s"], route["duration_s"]) == (0, 6, 14)
    assert one["speed_m_s"] == pytest.approx(one["distance_m"] / 4, abs=0.01)
    # Nobody is in two places for 6 s: nothing leads from the one piece to the other.
    assert (one["type"], one["geometry"]) == ("CONTRADICTION", None)
    assert (len(stored_path(street, route["id"])), route["distance_m"]) == (4, 0)
    # The one second of the other may be off by five.
    route = build(street, overlapping, together)
    (two,) = route["legs"]
    assert (two["type"], two["speed_m_s"], two["times"]) == ("COVERAGE_GAP", None, None)
    assert stored_path(street, route["id"])
    assert route["distance_m"] == two["distance_m"]


def test_one_camera_twice_in_a_row_is_two_stops(street: Centre) -> None:
    route = build(street, street.sighting("a"), street.sighting("a", 20), street.sighting("b", 40))
    assert [stop["camera"] for stop in route["stops"]] == ["a", "a", "b"]
    assert (route["legs"][0]["distance_m"], route["legs"][0]["speed_m_s"]) == (0, 0)
    assert len(stored_path(street, route["id"])) == 6


def test_a_camera_without_a_place_is_a_stop_without_a_point(street: Centre) -> None:
    route = build(
        street, street.sighting("a"), street.sighting("loose", 20), street.sighting("b", 40)
    )
    assert route["stops"][1]["position"] is None
    assert route["unplaced"] == ["loose"]
    assert [leg["distance_m"] for leg in route["legs"]] == [None, None]
    assert [leg["geometry"] for leg in route["legs"]] == [None, None]
    assert route["geojson"]["features"][1]["geometry"] is None
    assert stored_path(street, route["id"])


def test_a_leg_across_the_date_line_is_short_and_cut_there(centre: Centre) -> None:
    centre.camera("west", 179.999, 10.0)
    centre.camera("east", -179.999, 10.002)
    route = build(centre, centre.sighting("east", 60), centre.sighting("west", 0))
    (leg,) = route["legs"]
    assert leg["distance_m"] == pytest.approx(312, abs=3)
    assert leg["geometry"]["type"] == "MultiLineString"
    west, east = leg["geometry"]["coordinates"]
    assert west[0] == [179.999, 10.0]
    assert west[1] == pytest.approx([180, 10.001])
    assert east == [pytest.approx([-180, 10.001]), [-179.999, 10.002]]


def test_five_hundred_stops_are_a_route_and_one_more_is_not(street: Centre) -> None:
    stops = [street.sighting("abc"[number % 3], number * 10) for number in range(501)]
    route = build(street, *reversed(stops[:500]))
    assert [stop["sighting_id"] for stop in route["stops"]] == [str(one) for one in stops[:500]]
    assert len(route["legs"]) == 499
    assert "500" in build(street, *stops, status=422)["detail"]


def test_a_route_that_cannot_be_built_says_why(street: Centre) -> None:
    sighting = street.sighting("a")
    assert "twice" in build(street, sighting, sighting, status=422)["detail"]
    assert "no sighting" in build(street, sighting, uuid4(), status=404)["detail"]
    assert "at least 1" in build(street, status=422)["detail"]
    street.get(f"/routes/{uuid4()}", 404)
    street.get(f"/routes/{uuid4()}.geojson", 404)
    street.get("/routes/..%2F..%2Fetc", 404)
    assert street.get("/routes")["items"] == []
