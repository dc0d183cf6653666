"""Which camera is next, by hand: three cameras down a street and one up it."""

import numpy as np
import pytest

from central.routes.links.transit import Times
from central.routes.next.ranking import LOST, Floats, Onward, prior, rank

NAMES = ("near", "behind it", "far", "the other way")


def onward(
    trips: tuple[float, ...] = (0, 0, 0, 0),
    detours: tuple[float, ...] | None = None,
    weight: float = 0.5,
) -> Onward:
    return Onward(
        Times(np.array([100.0, 200.0, 400.0, 120.0]), np.full(4, 0.3)),
        np.array([0.0, 1.0, 2.0, 0.0]),
        np.array(trips, dtype=np.float64),
        np.zeros((0, 4)) if detours is None else np.array([detours]),
        np.zeros(0) if detours is None else np.array([weight]),
    )


def order(chances: Floats) -> list[str]:
    return [NAMES[row] for row in np.argsort(-chances)]


def test_cameras_with_nothing_between_come_first() -> None:
    found = rank(onward(), 0, 600)
    assert order(found.chance) == ["near", "the other way", "behind it", "far"]
    assert found.chance.sum() + found.lost == pytest.approx(1)
    assert prior(onward()).sum() == pytest.approx(1 - LOST)


def test_certain_trips_say_more_than_the_map() -> None:
    found = rank(onward(trips=(0, 0, 30, 0)), 0, 600)
    assert order(found.chance)[0] == "far"


def test_a_camera_that_should_have_seen_the_target_falls_behind_but_never_to_nothing() -> None:
    before, after = rank(onward(), 0, 600), rank(onward(), 300, 600)
    assert order(before.chance)[0] == "near"
    assert after.chance[0] / before.chance[0] < after.chance[2] / before.chance[2]
    assert after.chance.min() > 0
    assert after.lost > before.lost


def test_windows_move_with_the_time_that_passed() -> None:
    found = rank(onward(), 0, 600)
    assert found.first_s[0] < found.likely_s[0] < found.last_s[0]
    assert found.likely_s[0] == pytest.approx(120, abs=40)
    later = rank(onward(), 350, 600)
    # Of 400 seconds 50 are left; of those who should have come long ago, only lingerers are.
    assert later.likely_s[2] < found.likely_s[2]
    assert later.first_s[2] < 60


def test_soon_is_a_part_of_the_chance() -> None:
    short, long = rank(onward(), 0, 60), rank(onward(), 0, 3600)
    assert (short.soon <= short.chance + 1e-9).all()
    assert short.soon[2] < long.soon[2]


def test_a_destination_draws_the_cameras_on_the_way_there() -> None:
    drawn = prior(onward(detours=(600, 600, 600, 0), weight=0.9))
    assert order(drawn)[0] == "the other way"
    assert drawn.min() > 0
    assert drawn[3] > prior(onward(detours=(600, 600, 600, 0), weight=0.2))[3] > prior(onward())[3]


def test_cameras_of_which_nothing_is_known_are_last() -> None:
    unknown = onward()
    times = Times(np.array([100.0, np.nan, 400.0, 120.0]), np.full(4, 0.3))
    found = prior(Onward(times, unknown.passed, unknown.trips, unknown.detours_s, unknown.weights))
    assert order(found)[-1] == "behind it"
    assert np.isfinite(found).all()
