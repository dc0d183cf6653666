"""Where cameras stood from when to when, and how far from there they saw."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from central.cameras.views.stands import Stand, Stands, of_cameras
from central.values import LonLat
from tests.central.asking import Centre
from tests.central.cameras.views.scenes import CORNERS, HERE, calibrated, camera, place, ring
from tests.central.keeping import NOON_MS

NOON = datetime.fromtimestamp(NOON_MS / 1000, UTC)
NOON_S = NOON.timestamp()
HOUR_S = 3600.0
THERE = place(300, 0)


def put(centre: Centre, identifier: str, view: object, at: LonLat = HERE) -> None:
    centre.post("/cameras", camera(identifier, view, at), 201)


def move(centre: Centre, hours: float, to: LonLat | None, **more: object) -> None:
    since = (NOON + timedelta(hours=hours)).isoformat()
    change = {"position": to and to.model_dump(), "valid_from": since, **more}
    centre.client.patch("/api/v1/cameras/a", json=change).raise_for_status()


def stands(centre: Centre, *ids: str) -> Stands:
    with centre.engine.connect() as connection:
        return of_cameras(connection, ids)


def only(centre: Centre) -> Stand:
    (found,) = stands(centre, "a")["a"]
    return found


def here(where: LonLat) -> Any:  # noqa: ANN401 - pytest.approx compares it
    return pytest.approx((where.lon, where.lat), abs=1e-9)


def test_a_camera_that_never_moved_has_stood_there_for_ever_and_sees_as_far_as_it_was_said(
    centre: Centre,
) -> None:
    put(centre, "a", {"fov_deg": 90, "far_m": 40}, HERE)
    found = only(centre)
    assert (found.from_s, found.until_s, found.far_m) == (-math.inf, math.inf, 40)
    assert found.lon_lat == here(HERE)
    assert stands(centre, "a").at("a", NOON_S) == found
    assert stands(centre, "a").stands_there_now("a", found)


def test_a_polygon_by_hand_is_as_far_as_its_bounds_and_no_less_than_its_farthest_corner(
    centre: Centre,
) -> None:
    # The corners 30 m east and 40 m north are 50 m away.
    square = ring((-10, 0), (30, 0), (30, 40), (-10, 40))
    put(centre, "a", {"polygon": square})
    far_m = only(centre).far_m
    assert far_m is not None
    assert 50 <= far_m < 50.6
    # What the view says beside a polygon does not count: the polygon does.
    wide = {"polygon": square, "fov_deg": 90, "far_m": 7}
    centre.client.patch("/api/v1/cameras/a", json={"view": wide}).raise_for_status()
    assert stands(centre, "a")["a"][-1].far_m == far_m


def test_ground_points_without_a_limit_see_twice_as_far_as_the_farthest_of_them(
    centre: Centre,
) -> None:
    put(centre, "a", calibrated())
    farthest = 2 * max(math.hypot(*corner) for corner in CORNERS)
    far_m = only(centre).far_m
    assert far_m is not None
    # Some more: the corners of its bounds.
    assert farthest <= far_m < 1.25 * farthest


def test_a_camera_that_moved_stood_at_each_place_from_one_move_to_the_next(centre: Centre) -> None:
    put(centre, "a", {"fov_deg": 360, "far_m": 20})
    move(centre, 0, THERE, view={"fov_deg": 360, "far_m": 60})
    move(centre, 2, HERE)
    found = stands(centre, "a")
    first, second, third = found["a"]
    assert (first.from_s, first.until_s) == (-math.inf, NOON_S)
    assert (second.from_s, second.until_s) == (NOON_S, NOON_S + 2 * HOUR_S)
    assert (third.from_s, third.until_s) == (NOON_S + 2 * HOUR_S, math.inf)
    assert [each.far_m for each in found["a"]] == [20, 60, 60]
    assert [each.lon_lat for each in found["a"]] == [here(HERE), here(THERE), here(HERE)]
    moments = {-1: first, 0: second, 1: second, 2: third, 9_000: third}
    for hours, expected in moments.items():
        assert found.at("a", NOON_S + hours * HOUR_S) == expected
    # It came back: what is known between cameras of today is of its first place as well.
    there = [found.stands_there_now("a", each) for each in found["a"]]
    assert there == [True, False, True]


def test_a_camera_without_a_place_stands_nowhere_and_one_that_is_not_there_does_not_stand(
    centre: Centre,
) -> None:
    centre.camera("a")
    assert only(centre) == Stand(-math.inf, math.inf, None, None)
    found = stands(centre, "a", "nobody")
    assert "nobody" not in found
    assert found.at("nobody", NOON_S) is None
    assert stands(centre) == {}


def test_one_that_was_taken_off_the_map_is_nowhere_since_then_alone(centre: Centre) -> None:
    put(centre, "a", {"fov_deg": 360, "far_m": 20})
    move(centre, 0, None)
    found = stands(centre, "a")
    before, after = found.at("a", NOON_S - 1), found.at("a", NOON_S)
    assert before is not None
    assert after is not None
    assert (before.lon_lat, after.lon_lat) == (here(HERE), None)
    assert not found.stands_there_now("a", before)


def test_a_polygon_over_the_date_line_is_no_nearer_than_its_farthest_corner(
    centre: Centre,
) -> None:
    # Six corners, in degrees from the date line. The camera is 0.0001 west of it.
    around = [(-2, -1), (-0.5, -1.5), (0.5, -1.5), (2, -1), (2, 1), (-2, 1)]
    corners = [
        [180 + east / 1000 if east < 0 else -180 + east / 1000, north / 1000]
        for east, north in around
    ]
    polygon = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    put(centre, "a", {"polygon": polygon}, LonLat(lon=179.9999, lat=0))
    # 2.1 thousandths of a degree east and 1 north, of 111.32 and 110.57 m.
    reach = math.hypot(2.1 * 111.32, 1 * 110.57)
    far_m = only(centre).far_m
    assert far_m is not None
    # Bounds reach half a thousandth of a degree farther south.
    assert reach <= far_m < 1.02 * math.hypot(2.1 * 111.32, 1.5 * 110.57)
