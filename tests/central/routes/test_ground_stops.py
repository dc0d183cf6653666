"""Routes past a camera that is calibrated: legs begin and end where somebody stood."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.messages import ClockOffset
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS
from tests.central.roads.town import at, place
from tests.central.routes.scenes import BLOCK_M, build, stand

WIDTH, HEIGHT = 1280, 720
NOON = datetime.fromtimestamp(NOON_MS / 1000, UTC)
CAME, SHOT, WENT = 0.2, 0.4, 0.6
"""Where somebody on the street east of the camera comes into view, is shot and leaves, in blocks.
The picture is 0.8 blocks wide."""


def looking_down(north: float) -> dict[str, Any]:
    """A picture that is a map of the street that runs east, so many blocks north of A.

    Its left edge is at the camera, its right one 0.8 blocks east; the street is halfway down.
    """
    corners = {(0, 0): (0, 0.1), (1, 0): (0.8, 0.1), (1, 1): (0.8, -0.1), (0, 1): (0, -0.1)}
    points = []
    for (x, y), (east, up) in corners.items():
        spot = at(east, north + up)
        points.append({"x": x, "y": y, "lon": spot.lon, "lat": spot.lat})
    return {"ground_points": points}


def feet(east: float) -> Rect:
    """The rectangle of somebody on the street, so many blocks from the picture's left edge."""
    x = east / 0.8 * WIDTH
    return Rect(x - 20, HEIGHT / 2 - 100, x + 20, HEIGHT / 2)


def walks(centre: Centre, at_s: float, **more: Any) -> UUID:  # noqa: ANN401 - fields of a sighting
    """Somebody who walks east in the picture of `cal`."""
    seen: dict[str, Any] = {"first_box": feet(CAME), "box": feet(SHOT), "last_box": feet(WENT)}
    seen |= {"frame_width": WIDTH, "frame_height": HEIGHT}
    return centre.sighting("cal", at_s, **seen, **more)


def spot(east: float, north: float = 0) -> Any:  # noqa: ANN401 - pytest.approx compares it
    return pytest.approx(at(east, north).model_dump(), abs=2e-7)


def lonlat(east: float, north: float = 0) -> Any:  # noqa: ANN401 - pytest.approx compares it
    where = at(east, north)
    return pytest.approx([where.lon, where.lat], abs=2e-7)


@pytest.fixture
def calibrated(town: Centre) -> Centre:
    """A calibrated camera at A, and one that is not at C."""
    camera = {"id": "cal", "name": "calibrated", "position": place("A").model_dump()}
    town.post("/cameras", {**camera, "view": looking_down(0)}, 201)
    stand(town, "C")
    return town


def test_legs_begin_where_it_left_the_picture_and_end_where_it_came_into_it(
    calibrated: Centre,
) -> None:
    there = build(calibrated, walks(calibrated, 0), calibrated.sighting("C", 150))
    stop, other = there["stops"]
    assert stop["position"] == place("A").model_dump()
    assert stop["ground"] == {"first": spot(CAME), "shot": spot(SHOT), "last": spot(WENT)}
    assert other["ground"] is None
    (leg,) = there["legs"]
    # From 0.6 blocks east of A to C, two blocks east of it; not from the camera.
    assert leg["distance_m"] == pytest.approx((2 - WENT) * BLOCK_M, abs=0.5)
    assert leg["straight_m"] == pytest.approx((2 - WENT) * BLOCK_M, rel=0.005)
    assert leg["geometry"]["coordinates"] == [lonlat(WENT), lonlat(1), lonlat(2)]
    back = build(calibrated, calibrated.sighting("C", 0), walks(calibrated, 150))
    (leg,) = back["legs"]
    assert leg["distance_m"] == pytest.approx((2 - CAME) * BLOCK_M, abs=0.5)
    assert leg["geometry"]["coordinates"] == [lonlat(2), lonlat(1), lonlat(CAME)]
    (feature,) = [
        each
        for each in back["geojson"]["features"]
        if each["properties"].get("camera") == "cal" and each["properties"]["kind"] == "stop"
    ]
    assert feature["geometry"]["coordinates"] == lonlat(SHOT)


def test_where_the_ground_is_known_legs_allow_for_no_view_of_fifty_metres(
    calibrated: Centre,
) -> None:
    """Of 1.4 blocks by car, 156 m and 14 s, five metres are allowed for at the calibrated end."""
    calibrated.client.patch("/api/v1/cameras/C", json={"view": None}).raise_for_status()
    vehicle: dict[str, Any] = {"object_class": ObjectClass.VEHICLE}
    end = calibrated.sighting("C", 5, **vehicle)
    (leg,) = build(calibrated, walks(calibrated, 0, **vehicle), end)["legs"]
    metres = (2 - WENT) * BLOCK_M
    part = (metres - 5 - 50) / metres
    assert leg["needed_s"] == pytest.approx(metres / (40 / 3.6) / 2 * part, abs=0.1)


def test_the_calibration_counts_that_there_was_by_the_centres_clock(town: Centre) -> None:
    """The camera moved from E to A a minute past noon, and its box's clock is slow by three."""
    camera = {"id": "cal", "name": "calibrated", "position": place("E").model_dump()}
    town.post("/cameras", {**camera, "view": looking_down(1)}, 201)
    since = (NOON + timedelta(seconds=60)).isoformat()
    moved = {"position": place("A").model_dump(), "view": looking_down(0), "valid_from": since}
    town.client.patch("/api/v1/cameras/cal", json=moved).raise_for_status()
    slow: dict[str, Any] = {
        "sender": "box-2",
        "clock": ClockOffset(offset_ms=180_000.0, round_trip_ms=10.0),
    }
    # By the centre's clock 100 s before noon, and 100 s after it; the box has both before noon.
    early, late = walks(town, -280, **slow), walks(town, -80, **slow)
    route = build(town, early, late)
    first, second = route["stops"]
    assert first["arrived"] == "2026-07-20T11:58:20.000Z"
    assert (first["position"], first["ground"]["shot"]) == (spot(0, 1), spot(SHOT, 1))
    assert second["arrived"] == "2026-07-20T12:01:40.000Z"
    assert (second["position"], second["ground"]["shot"]) == (spot(0), spot(SHOT))
    (leg,) = route["legs"]
    # West along the back street, down to A, and east again.
    assert leg["distance_m"] == pytest.approx((WENT + 1 + CAME) * BLOCK_M, abs=1)
    ends = leg["geometry"]["coordinates"][0], leg["geometry"]["coordinates"][-1]
    assert ends == (lonlat(WENT, 1), lonlat(CAME))
