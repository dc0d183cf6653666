"""How much of an area cameras see, and where nobody looks."""

import json
import math
from typing import Any

import pytest

from central.values import LonLat
from tests.central.asking import Centre
from tests.central.cameras.views.scenes import HERE, camera, metres_of, place, ring


def cover(centre: Centre, status: int = 200, **asked: object) -> dict[str, Any]:
    return centre.post("/cameras/coverage", asked, status)


def around(metres: float, at: LonLat = HERE) -> dict[str, Any]:
    return {"center": at.model_dump(), "metres": metres}


@pytest.fixture
def field(centre: Centre) -> Centre:
    """A field of 100 m by 100 m of which two cameras see the western half, one part twice."""
    for name, south, north in (("a", 0, 60), ("b", 40, 100)):
        view = {"polygon": ring((0, south), (50, south), (50, north), (0, north))}
        centre.post("/cameras", camera(name, view), 201)
    return centre


FIELD = ring((0, 0), (100, 0), (100, 100), (0, 100))


def test_half_a_field_is_seen_and_the_other_half_is_blind(field: Centre) -> None:
    found = cover(field, polygon=FIELD)
    assert found["area_m2"] == pytest.approx(10_000, rel=0.001)
    assert found["covered_m2"] == pytest.approx(5_000, rel=0.001)
    assert found["share"] == pytest.approx(0.5, rel=0.001)
    assert (found["cameras"], found["unknown"], found["unplaced"]) == (["a", "b"], [], 0)
    (spot,) = found["blind_spots"]["coordinates"]
    corners = metres_of({"coordinates": spot})
    assert [*corners.min(axis=0), *corners.max(axis=0)] == pytest.approx([50, 0, 100, 100], abs=0.1)


def test_cameras_of_unknown_view_are_counted_and_see_what_is_assumed(field: Centre) -> None:
    field.post("/cameras", camera("c", None, place(75, 50)), 201)
    field.post("/cameras", camera("beside", None, place(105, 50)), 201)
    field.camera("loose")
    found = cover(field, polygon=FIELD)
    assert (found["unknown"], found["unplaced"]) == (["c"], 1)
    assert found["covered_m2"] == pytest.approx(5_000, rel=0.001)
    assumed = cover(field, polygon=FIELD, assumed_m=5)
    assert assumed["covered_m2"] == pytest.approx(5_000 + math.pi * 25, rel=0.005)
    assert len(assumed["blind_spots"]["coordinates"][0]) == 2


def test_a_radius_that_is_all_seen_has_no_blind_spot(field: Centre) -> None:
    found = cover(field, radius=around(10, place(25, 50)))
    assert (found["share"], found["blind_spots"]) == (1.0, None)
    assert found["area_m2"] == pytest.approx(math.pi * 100, rel=0.005)
    nothing = cover(field, radius=around(10, place(900, 50)))
    assert (nothing["share"], nothing["cameras"]) == (0.0, [])
    assert nothing["blind_spots"]["type"] == "MultiPolygon"


@pytest.mark.parametrize(("lon", "lat"), [(180.0, 0.0), (30.0, 89.5)])
def test_areas_at_the_date_line_and_far_north_are_as_large(
    centre: Centre, lon: float, lat: float
) -> None:
    there = LonLat(lon=lon, lat=lat)
    centre.post("/cameras", camera("a", {"fov_deg": 360, "far_m": 50}, there), 201)
    found = cover(centre, radius=around(100, there))
    assert found["share"] == pytest.approx(0.25, rel=0.005)


SQUARE = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
MANY = [[0, 0], *[[n / 1e6, 1e-3] for n in range(2_000)], [0, 0]]
WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "either a polygon or a radius"),
    ({"polygon": FIELD, "radius": around(10)}, "either a polygon or a radius"),
    ({"polygon": {"type": "Polygon", "coordinates": [SQUARE]}}, "over 1,500"),
    ({"polygon": {"type": "Polygon", "coordinates": [MANY]}}, "at most 2000 vertices"),
    ({"polygon": ring((0, 0), (0.5, 0), (0.5, 0.5))}, "smaller than a square metre"),
    ({"polygon": ring((0, 0), (9, 9), (9, 0), (0, 9))}, "Self-intersection"),
    ({"radius": around(20_001)}, "20000"),
    ({"radius": around(10), "assumed_m": 201}, "200"),
    ({"radius": around(10), "share": 1}, "share"),
)


def test_an_area_that_is_none_is_refused(centre: Centre) -> None:
    for asked, reason in WRONG:
        assert reason in json.dumps(cover(centre, 422, **asked))
