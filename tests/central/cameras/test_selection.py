"""Cameras are chosen by radius, polygon and ids."""

from typing import Any

import pytest

from tests.central.asking import Centre


@pytest.fixture
def town(centre: Centre) -> Centre:
    """Cameras 0, 100, ..., 500 m (nearly) east of a corner, and one not placed."""
    for number in range(6):
        centre.camera(f"cam-{number}", 127.0 + number * 0.001132, 37.5)
    centre.camera("loose")
    return centre


def chosen(centre: Centre, scope: dict[str, Any]) -> list[str]:
    ids: list[str] = centre.post("/cameras/select", scope)["ids"]
    return ids


def radius(lon: float, lat: float, metres: float) -> dict[str, Any]:
    return {"radius": {"center": {"lon": lon, "lat": lat}, "metres": metres}}


def polygon(*ring: tuple[float, float]) -> dict[str, Any]:
    return {"polygon": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}


def test_a_radius_is_metres_over_the_ground(town: Centre) -> None:
    assert chosen(town, radius(127.0, 37.5, 250)) == ["cam-0", "cam-1", "cam-2"]
    assert chosen(town, radius(127.0, 37.5, 0.5)) == ["cam-0"]
    assert len(chosen(town, radius(0, 0, 20_040_000))) == 6


def test_a_radius_reaches_across_the_date_line_and_over_the_pole(centre: Centre) -> None:
    centre.camera("west", 179.999, 0)
    centre.camera("east", -179.999, 0)
    centre.camera("far", 179.9, 0)
    centre.camera("arctic", 10, 89.99)
    assert chosen(centre, radius(179.9995, 0, 500)) == ["east", "west"]
    assert chosen(centre, radius(-179.9995, 0, 500)) == ["east", "west"]
    assert chosen(centre, radius(-170, 89.99, 5_000)) == ["arctic"]


def test_a_radius_that_is_none_is_refused(centre: Centre) -> None:
    body = '{"radius": {"center": {"lon": 1, "lat": 1}, "metres": %s}}'
    for metres in ("0", "-1", "1e12", "NaN", "Infinity", "null", '"100 m"'):
        answer = centre.client.post(
            "/api/v1/cameras/select",
            content=body % metres,
            headers={"content-type": "application/json"},
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["where"] == "body.radius.metres"


def test_a_polygon_covers_its_border_and_not_its_hole(town: Centre) -> None:
    assert chosen(town, polygon((126.9, 37.4), (127.0012, 37.4), (127.0012, 37.6), (126.9, 37.6)))
    outer = [[126.9, 37.4], [127.1, 37.4], [127.1, 37.6], [126.9, 37.6], [126.9, 37.4]]
    hole = [[127.0005, 37.45], [127.003, 37.45], [127.003, 37.55], [127.0005, 37.55]]
    scope = {"polygon": {"type": "Polygon", "coordinates": [outer, [*hole, hole[0]]]}}
    assert chosen(town, scope) == ["cam-0", "cam-3", "cam-4", "cam-5"]


def test_a_polygon_across_the_date_line_is_the_narrow_one(centre: Centre) -> None:
    centre.camera("west", 179.5, 0)
    centre.camera("east", -179.5, 0)
    centre.camera("greenwich", 0, 0)
    ring = ((179.0, -1.0), (-179.0, -1.0), (-179.0, 1.0), (179.0, 1.0))
    assert chosen(centre, polygon(*ring)) == ["east", "west"]
    assert chosen(centre, polygon(*reversed(ring))) == ["east", "west"]


def test_a_scope_that_is_none_is_refused(centre: Centre) -> None:
    ring = [[0, 0], [1, 0], [1, 1], [2, 2]]
    long = [*[[0, 0], [1, 1], [1, 0]] * 2_000, [0, 0]]
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        (polygon((0, 0), (1, 1), (1, 0), (0, 1)), "Self-intersection"),
        (polygon((0, 60), (90, 60), (180, 60), (-90, 60)), "pole"),
        (polygon((-100, 0), (0, -1), (100, 0), (0, 1)), "180 degrees"),
        (polygon((0, 0), (1, 1)), "at least 4"),
        (polygon((0, 0), (1, 1), (200, 0)), "180"),
        ({"polygon": {"type": "Polygon", "coordinates": [ring]}}, "end where it begins"),
        ({"polygon": {"type": "Polygon", "coordinates": [long, long]}}, "all rings together"),
        ({"polygon": {"type": "MultiPolygon", "coordinates": []}}, "Polygon"),
        ({"polygon": {"type": "Polygon", "coordinates": []}}, "at least 1"),
        ({}, "radius, polygon or corridor"),
    )
    for scope, reason in wrong:
        assert reason in centre.post("/cameras/select", scope, 422)["detail"]


def test_what_is_given_together_adds_up(town: Centre) -> None:
    scope = radius(127.0, 37.5, 10) | {"ids": ["loose", "cam-5", "nobody"]}
    answer = town.post("/cameras/select", scope)
    assert answer["ids"] == ["cam-0", "cam-5", "loose"]
    assert answer["unknown"] == ["nobody"]
    assert [camera["id"] for camera in answer["cameras"]] == answer["ids"]


def test_ten_thousand_ids_are_taken_and_a_hundred_thousand_are_not(town: Centre) -> None:
    ids = [f"camera-with-a-rather-long-name-{number}" for number in range(10_000)]
    answer = town.post("/cameras/select", {"ids": ["cam-1", *ids]})
    assert answer["ids"] == ["cam-1"]
    assert len(answer["unknown"]) == 10_000
    many = {"ids": [str(number) for number in range(100_000)]}
    assert "20000" in town.post("/cameras/select", many, 422)["detail"]
