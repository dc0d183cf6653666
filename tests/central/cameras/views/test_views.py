"""What a camera sees, by its field of view, ground points, or a polygon by hand."""

import json
import math
from typing import Any

import numpy as np
import pytest

from central.values import LonLat
from tests.central.asking import Centre
from tests.central.cameras.views.scenes import (
    CORNERS,
    HEIGHT,
    HERE,
    WIDTH,
    calibrated,
    camera,
    ground_point,
    metres_of,
    place,
    ring,
)

NORTH = {"fov_deg": 90, "near_m": 10, "far_m": 50}


def seen(centre: Centre, view: object, at: LonLat = HERE, **fields: object) -> dict[str, Any]:
    centre.post("/cameras", camera("a", view, at, **fields), 201)
    return centre.get("/cameras/a/view")


def move(centre: Centre, change: object, status: int = 200) -> dict[str, Any]:
    answer = centre.client.patch("/api/v1/cameras/a", json=change)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_camera_that_looks_north_sees_a_piece_of_a_ring(centre: Centre) -> None:
    found = seen(centre, NORTH, azimuth_deg=0)
    assert found["source"] == "fov"
    # The circle is a polygon of 5 degrees a side.
    assert found["area_m2"] == pytest.approx(math.pi / 4 * (50**2 - 10**2), rel=0.002)
    east, north = metres_of(found["coverage"]).T
    assert north.max() == pytest.approx(50, abs=0.05)
    assert east.max() == pytest.approx(50 * math.sin(math.pi / 4), abs=0.05)
    assert np.hypot(east, north).min() == pytest.approx(10, abs=0.02)


def test_nearness_of_nothing_makes_a_wedge_and_a_full_turn_a_ring(centre: Centre) -> None:
    wedge = seen(centre, {"fov_deg": 90, "far_m": 50}, azimuth_deg=270)
    assert wedge["area_m2"] == pytest.approx(math.pi / 4 * 50**2, rel=0.002)
    assert metres_of(wedge["coverage"])[:, 0].max() == pytest.approx(0, abs=0.01)
    centre.post("/cameras", camera("ring", {"fov_deg": 360, "near_m": 10, "far_m": 50}), 201)
    around = centre.get("/cameras/ring/view")
    assert around["area_m2"] == pytest.approx(math.pi * (50**2 - 10**2), rel=0.002)
    assert len(around["coverage"]["coordinates"]) == 2


@pytest.mark.parametrize(
    ("lon", "lat"), [(180.0, 0.0), (-179.9999, 51.0), (20.0, 89.8), (0.0, -89.0)]
)
def test_what_is_seen_is_as_large_at_the_date_line_and_far_north(
    centre: Centre, lon: float, lat: float
) -> None:
    found = seen(centre, NORTH, LonLat(lon=lon, lat=lat), azimuth_deg=90)
    assert found["area_m2"] == pytest.approx(math.pi / 4 * (50**2 - 10**2), rel=0.002)


def test_without_azimuth_or_place_it_is_not_known_until_that_is_said(centre: Centre) -> None:
    unknown = {"source": None, "coverage": None, "area_m2": None, "off_m": None}
    assert seen(centre, NORTH) == unknown
    move(centre, {"azimuth_deg": 180})
    assert centre.get("/cameras/a/view")["area_m2"] > 1_800
    move(centre, {"position": None})
    assert centre.get("/cameras/a/view") == unknown


def test_ground_points_lay_the_picture_on_the_ground(centre: Centre) -> None:
    found = seen(centre, calibrated(far_m=40))
    assert found["source"] == "ground_points"
    assert max(found["off_m"]) < 0.01
    corners = metres_of(found["coverage"])
    # The lower edge of the picture is 7.5 m away: 20 degrees down and half of 36 more.
    focal = WIDTH / 2 / math.tan(math.radians(30))
    nearest = 6 / math.tan(math.radians(20) + math.atan(HEIGHT / 2 / focal))
    assert corners[:, 1].min() == pytest.approx(nearest, abs=0.05)
    assert np.hypot(*corners.T).max() == pytest.approx(40, abs=0.05)


def test_the_sky_in_the_picture_is_not_ground(centre: Centre) -> None:
    """Points so far up that the horizon runs through the picture, and no far limit."""
    view = calibrated()
    for point in view["ground_points"]:
        point["y"] += HEIGHT / 3
    view["picture"]["height"] = 2 * HEIGHT
    corners = metres_of(seen(centre, view)["coverage"])
    assert corners[:, 1].min() > 0
    farthest = max(np.hypot(*spot) for spot in CORNERS)
    assert np.hypot(*corners.T).max() == pytest.approx(2 * farthest, rel=0.01)


def test_more_than_four_points_are_fitted_and_shares_will_do_for_pixels(centre: Centre) -> None:
    view = calibrated(*CORNERS, (0.0, 18.0), (3.0, 22.0), far_m=40)
    exact = seen(centre, view)
    for point in view["ground_points"]:
        point["x"] /= WIDTH
        point["y"] /= HEIGHT
    tried = {"view": {"ground_points": view["ground_points"], "far_m": 40}}
    shares = centre.post("/cameras/a/view/preview", tried)
    assert shares["area_m2"] == pytest.approx(exact["area_m2"], rel=1e-4)


def test_a_polygon_by_hand_counts_before_everything(centre: Centre) -> None:
    square = ring((-10, 0), (10, 0), (10, 20), (-10, 20))
    found = seen(centre, {**calibrated(), **NORTH, "polygon": square}, azimuth_deg=0)
    assert found["source"] == "polygon"
    assert found["area_m2"] == pytest.approx(400, rel=0.001)
    assert found["coverage"]["coordinates"][0][0] == pytest.approx(square["coordinates"][0][0])


def test_the_derived_polygon_can_be_sent_back(centre: Centre) -> None:
    found = seen(centre, NORTH, azimuth_deg=0)
    move(centre, {"view": {"polygon": found["coverage"]}})
    again = centre.get("/cameras/a/view")
    assert (again["source"], again["area_m2"]) == (
        "polygon",
        pytest.approx(found["area_m2"], rel=1e-3),
    )


def test_a_preview_keeps_nothing(centre: Centre) -> None:
    before = seen(centre, NORTH, azimuth_deg=0)
    there = place(100, 0)
    tried = {"view": {**NORTH, "far_m": 20}, "position": there.model_dump(), "azimuth_deg": 90}
    found = centre.post("/cameras/a/view/preview", tried)
    assert metres_of(found["coverage"])[:, 0].min() > 100
    assert centre.get("/cameras/a/view") == before
    centre.camera("loose")
    refused = centre.post("/cameras/loose/view/preview", {"view": NORTH}, 422)
    assert "not placed" in refused["detail"]


def exchanged() -> dict[str, Any]:
    view = calibrated()
    one, two, *_ = points = view["ground_points"]
    one["lon"], two["lon"] = two["lon"], one["lon"]
    return {**view, "ground_points": points}


def swapped(points: list[dict[str, float]]) -> list[dict[str, float]]:
    return [{**point, "lon": point["lat"], "lat": point["lon"]} for point in points]


def mirrored() -> dict[str, Any]:
    view = calibrated()
    for point in view["ground_points"]:
        point["x"] = WIDTH - point["x"]
    return view


def off() -> dict[str, Any]:
    view = calibrated(*CORNERS, (0.0, 20.0))
    view["ground_points"][4] = {**ground_point(0.0, 20.0), "lon": place(9.0, 20.0).lon}
    return view


ON_A_LINE = ((0.0, 10.0), (0.0, 15.0), (0.0, 20.0), (5.0, 20.0))
WRONG: tuple[tuple[str, Any, str], ...] = (
    ("near beyond far", {"fov_deg": 90, "near_m": 50, "far_m": 50}, "near_m, 50"),
    ("no far limit", {"fov_deg": 90}, "far_m"),
    ("nothing at all", {}, "fov_deg and far_m"),
    ("no field of view", {"fov_deg": 0, "far_m": 10}, "fov_deg"),
    ("more than all around", {"fov_deg": 361, "far_m": 10}, "fov_deg"),
    ("to the horizon", {"fov_deg": 90, "far_m": 5001}, "far_m"),
    ("three points", calibrated(*CORNERS[:3]), "at least 4"),
    ("three on a line", calibrated(*ON_A_LINE), "points 1, 2, 3 lie on one line"),
    ("a point twice", calibrated(*CORNERS[:3], CORNERS[0]), "points 1, 2, 4"),
    ("all but one on a line", calibrated(*ON_A_LINE[:3], (0.0, 30.0), (5.0, 20.0)), "one line"),
    ("exchanged points", exchanged(), "exchanged"),
    ("a mirrored picture", mirrored(), "other way around"),
    ("a point beside itself", off(), "where the others put it"),
    ("pixels without a size", {"ground_points": calibrated()["ground_points"]}, "outside the"),
    (
        "swapped, outside the world",
        {**calibrated(), "ground_points": swapped(calibrated()["ground_points"])},
        "swapped",
    ),
    (
        "far away",
        {"polygon": {"type": "Polygon", "coordinates": [[[1, 1], [1.001, 1], [1, 1.001], [1, 1]]]}},
        "longitude and latitude swapped",
    ),
    ("crossing itself", {"polygon": ring((0, 0), (9, 9), (9, 0), (0, 9))}, "Self-intersection["),
    (
        "outside the world",
        {"polygon": {"type": "Polygon", "coordinates": [[[127, 95], [128, 95], [128, 96]]]}},
        "less than or equal to 90",
    ),
    ("out of sight", calibrated(far_m=5), "sees nothing within 5 m"),
    ("another key", {"tilt": 3}, "tilt"),
)


def test_what_no_camera_sees_is_refused_and_said_why(centre: Centre) -> None:
    for case, view, reason in WRONG:
        problem = centre.post("/cameras", camera("a", view, azimuth_deg=0), 422)
        assert reason in json.dumps(problem), case
    centre.get("/cameras/a", 404)


def test_at_the_pole_itself_nothing_is_derived(centre: Centre) -> None:
    there = LonLat(lon=0, lat=90)
    problem = centre.post("/cameras", camera("a", NORTH, there, azimuth_deg=0), 422)
    assert "degrees of latitude" in problem["detail"]


def test_a_field_of_view_moves_along_and_what_belongs_to_a_place_does_not(centre: Centre) -> None:
    seen(centre, NORTH, azimuth_deg=0)
    there = place(300, 0).model_dump()
    move(centre, {"position": there})
    assert metres_of(centre.get("/cameras/a/view")["coverage"])[:, 0].min() > 250
    here = HERE.model_dump()
    move(centre, {"position": here, "view": calibrated(far_m=40)})
    problem = move(centre, {"position": there}, 422)
    assert "ground points of its view belong to where it stood" in problem["detail"]
    assert centre.get("/cameras/a")["position"] == here
    move(centre, {"position": place(0.5, 0).model_dump()})
    assert centre.get("/cameras/a/view")["source"] == "ground_points"
    assert move(centre, {"position": there, "view": None})["view"] is None
    assert centre.get("/cameras/a/view")["coverage"] is None


def test_a_polygon_needs_a_place_to_belong_to(centre: Centre) -> None:
    square = {"polygon": ring((0, 0), (9, 0), (9, 9))}
    loose = {"id": "a", "name": "a", "view": square}
    assert "give the camera's position" in centre.post("/cameras", loose, 422)["detail"]


def feature(identifier: str, east: float, view: object = None) -> dict[str, Any]:
    spot = place(east, 0)
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": {"type": "Point", "coordinates": [spot.lon, spot.lat]},
        "properties": {"azimuth_deg": 0, **({"view": view} if view else {})},
    }


def put(centre: Centre, *features: object) -> dict[str, Any]:
    body = json.dumps({"type": "FeatureCollection", "features": features})
    answer = centre.client.post("/api/v1/cameras/import/geojson", content=body)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def test_views_are_imported_exported_and_kept_in_step(centre: Centre) -> None:
    square = {"polygon": ring((0, 0), (9, 0), (9, 9))}
    wrong = {"polygon": ring((0, 0), (9, 9), (9, 0), (0, 9))}
    report = put(
        centre, feature("fov", 0, NORTH), feature("bad", 0, wrong), feature("drawn", 0, square)
    )
    assert report["created"] == 2
    assert [(row["row"], "Self-inter" in row["reason"]) for row in report["rejected"]] == [
        (2, True)
    ]
    assert centre.get("/cameras/fov/view")["area_m2"] > 1_800
    exported = centre.client.get("/api/v1/cameras/export.geojson").json()
    assert put(centre, *exported["features"])["unchanged"] == 2
    again = put(centre, feature("fov", 100), feature("drawn", 100))
    assert (again["updated"], again["rejected_total"]) == (1, 1)
    assert "polygon of its view" in again["rejected"][0]["reason"]
    assert metres_of(centre.get("/cameras/fov/view")["coverage"])[:, 0].min() > 60
    assert put(centre, feature("drawn", 100, {"polygon": ring((99, 0), (108, 0), (108, 9))}))[
        "updated"
    ]
