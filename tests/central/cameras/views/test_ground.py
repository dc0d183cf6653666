"""Where on the ground a sighting was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from central.cameras.views import ground
from central.cameras.views.model import View
from central.values import LonLat
from tests.central.asking import Centre
from tests.central.cameras.views.scenes import (
    HEIGHT,
    HERE,
    PLANE,
    WIDTH,
    calibrated,
    camera,
    pixel,
    place,
)
from tests.central.keeping import NOON_MS

VIEW = View.model_validate(calibrated(far_m=50))


def standing(east: float, north: float) -> tuple[float, float, float, float]:
    """The rectangle of somebody who stands there."""
    x, y = pixel(east, north)
    return x - 20, y - 100, x + 20, y


def metres(found: LonLat | None) -> Any:  # noqa: ANN401 - pytest.approx compares it
    assert found is not None
    return PLANE.metres(np.array([[found.lon, found.lat]]))[0]


def test_feet_stand_where_they_are_seen() -> None:
    for spot in ((0.0, 12.0), (-3.0, 25.0), (6.0, 40.0)):
        found = ground.position(VIEW, standing(*spot), (WIDTH, HEIGHT), HERE)
        assert metres(found) == pytest.approx(spot, abs=0.05)


def test_a_smaller_picture_of_the_same_stream_will_do() -> None:
    half = [side / 2 for side in standing(2.0, 20.0)]
    found = ground.position(VIEW, half, (WIDTH // 2, HEIGHT // 2), HERE)
    assert metres(found) == pytest.approx((2.0, 20.0), abs=0.05)


def test_what_is_too_far_or_in_the_sky_is_nowhere() -> None:
    assert ground.position(VIEW, standing(0, 60), (WIDTH, HEIGHT), HERE) is None
    assert ground.position(VIEW, (600, 0, 640, 20), (WIDTH, HEIGHT), HERE) is None


def test_a_camera_without_ground_points_says_nothing_of_the_ground() -> None:
    wedge = View.model_validate({"fov_deg": 90, "far_m": 40})
    assert ground.position(wedge, standing(0, 12), (WIDTH, HEIGHT), HERE) is None


def test_sightings_tell_their_ground_position_by_the_view_of_their_moment(centre: Centre) -> None:
    centre.post("/cameras", camera("a", calibrated(far_m=50)), 201)
    centre.post("/cameras", camera("b", {"fov_deg": 360, "far_m": 50}), 201)
    seen: dict[str, Any] = {
        "frame_width": WIDTH,
        "frame_height": HEIGHT,
        "first_box": standing(-5, 20),
        "box": standing(0, 20),
        "last_box": standing(5, 20),
    }
    first, blind = (centre.sighting(name, **seen) for name in "ab")
    noon = datetime.fromtimestamp(NOON_MS / 1000, UTC)
    there = {"position": place(300, 0).model_dump(), "view": None}
    change = {**there, "valid_from": (noon + timedelta(seconds=60)).isoformat()}
    centre.client.patch("/api/v1/cameras/a", json=change).raise_for_status()
    late = centre.sighting("a", at_s=120, **seen)
    told = {each["id"]: each["ground_position"] for each in centre.get("/sightings")["items"]}
    assert told[str(blind)] is None
    assert told[str(late)] is None
    assert metres(LonLat(**told[str(first)])) == pytest.approx((0, 20), abs=0.1)
    assert centre.get(f"/sightings/{first}")["ground_position"] == told[str(first)]
    candidates = centre.post("/search", {"limit": 5})["candidates"]
    by_search = {each["sighting"]["id"]: each["sighting"] for each in candidates}
    assert by_search[str(first)]["ground_position"] == told[str(first)]
    with centre.engine.connect() as connection:
        found = ground.of_sightings(connection, [first, blind, late])
        assert ground.of_sightings(connection, []) == {}
    assert found[late] == (None, None, None)
    assert blind not in found
    east = [metres(each)[0] for each in found[first]]
    assert east == pytest.approx([-5, 0, 5], abs=0.1)
