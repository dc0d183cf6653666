"""A camera that was moved, in a town with streets: today's times are not of where it stood."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text

from central.roads import matrix, times
from central.roads.model import Mode
from central.search.reach import DETOUR
from shared.classes import ObjectClass
from shared.vectors import Vector
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS
from tests.central.roads.town import WALK, place
from tests.central.routes.scenes import BLOCK_M, stand
from tests.factories import unit_vector

NOON = datetime.fromtimestamp(NOON_MS / 1000, UTC)
AFTER_S = 2 * 3600
"""An hour after the move."""


@pytest.fixture
def moved(town: Centre) -> Centre:
    """Cameras at A and C, of which that at C is on the circle behind the tunnel since 13 h."""
    stand(town, "AC")
    since = (NOON + timedelta(hours=1)).isoformat()
    there = {"position": place("P").model_dump(), "valid_from": since}
    town.client.patch("/api/v1/cameras/C", json=there).raise_for_status()
    times.renew(town.engine, lambda *_: None)
    return town


@pytest.fixture
def looks() -> Vector:
    return unit_vector(np.random.default_rng(5))


def today_s(centre: Centre, mode: Mode) -> float:
    with centre.engine.connect() as connection:
        return float(getattr(matrix.seconds(connection, ["A"], ["C"]), mode)[0, 0])


def test_search_hides_nobody_by_todays_time_to_a_camera_that_stood_nearer(
    moved: Centre, looks: Vector
) -> None:
    car: dict[str, Any] = {"object_class": ObjectClass.VEHICLE, "vector": looks, "lasts_s": 2}
    query = moved.sighting("A", 0, **car)
    # Two seconds for two blocks, of which 100 m are in view, and clocks off by five.
    then = moved.sighting("C", 4, **car)
    later = moved.sighting("C", AFTER_S + 4, **car)
    moved.follow()
    part = (2 * BLOCK_M - 100) / (2 * BLOCK_M)
    assert today_s(moved, Mode.DRIVE) / 2 * part > 2 + 5, "by today's time it could not have been"
    asked = {"by": {"sighting_id": str(query)}, "show_unreachable": True}
    found = {each["sighting"]["id"]: each["reach"] for each in _candidates(moved, asked)}
    assert found[str(then)]["possible"]
    assert found[str(then)]["distance_m"] == pytest.approx(2 * BLOCK_M, rel=0.01)
    assert found[str(later)]["distance_m"] == pytest.approx(20.5**0.5 * BLOCK_M, rel=0.01)
    # From A an hour after the move, today's time counts.
    again = moved.sighting("A", AFTER_S, **car)
    asked = {"by": {"sighting_id": str(again)}, "show_unreachable": True}
    found = {each["sighting"]["id"]: each["reach"] for each in _candidates(moved, asked)}
    assert not found[str(later)]["possible"]


def test_a_suggestion_takes_no_time_and_no_learnt_link_of_the_place_it_was_moved_to(
    moved: Centre, looks: Vector
) -> None:
    with moved.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO links VALUES "
                "('A', 'C', 'person', 9, 9, 900, 1000, 1100, '2026-07-20T11:00:00Z')"
            )
        )
    before = _leg(moved, looks, 0)
    # The middle of a log-normal: two blocks straight, with a detour. Of streets nothing is known.
    assert _median(before) == pytest.approx(2 * BLOCK_M * DETOUR / WALK, rel=0.02)
    assert today_s(moved, Mode.WALK) > 1.5 * _median(before)
    assert not before["learnt"]
    after = _leg(moved, looks, AFTER_S)
    assert after["learnt"]
    assert _median(after) == pytest.approx(1000, rel=0.02)


def test_a_suggestion_takes_todays_time_where_nothing_was_moved_between(
    moved: Centre, looks: Vector
) -> None:
    after = _leg(moved, looks, AFTER_S)
    assert not after["learnt"]
    assert _median(after) == pytest.approx(today_s(moved, Mode.WALK), rel=0.02)


def _candidates(centre: Centre, asked: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = centre.post("/search", asked)["candidates"]
    return found


def _leg(centre: Centre, looks: Vector, begin_s: float) -> dict[str, Any]:
    """The leg of a suggestion from A to the camera that was moved, ten minutes later."""
    both = [
        centre.sighting(name, begin_s + at, vector=looks) for name, at in (("A", 0), ("C", 600))
    ]
    centre.follow()
    asked = {"confirmed": [str(each) for each in both]}
    path = centre.post("/routes/suggest", {"search": asked, "k": 1, "most": 1})["paths"][0]
    assert [stop["sighting"]["id"] for stop in path["stops"]] == [str(each) for each in both]
    leg: dict[str, Any] = path["legs"][0]
    return leg


def _median(leg: dict[str, Any]) -> float:
    low, high = leg["usual_s"]
    return float(np.sqrt(low * high))
