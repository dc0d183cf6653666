"""Who can have been where."""

import numpy as np
import pytest

from central.search.reach import (
    BY_CAR_M_S,
    ON_FOOT_M_S,
    UNMEASURED_S,
    Places,
    distances,
    minutes,
    reach,
)
from shared.classes import ObjectClass

HERE = (127.0, 37.5)
KM_EAST = 0.011_313
"""Degrees of longitude at 37.5 north that are about a kilometre."""


def place(east_km: float, first_s: float, last_s: float | None = None) -> Places:
    lon_lat = np.array([[HERE[0] + KM_EAST * east_km, HERE[1]]])
    ends = np.array([first_s + 5.0 if last_s is None else last_s])
    return Places(lon_lat, np.array([first_s]), ends)


def can(stop: Places, candidate: Places, shows: ObjectClass = ObjectClass.PERSON) -> bool:
    return bool(reach(stop, candidate, shows).possible[0, 0])


def test_nobody_is_two_kilometres_away_within_a_minute_before_or_after() -> None:
    assert not can(place(0, 0), place(2, 60))
    assert not can(place(0, 0), place(2, -60))
    assert can(place(0, 0), place(2, 60), ObjectClass.VEHICLE)
    assert not can(place(0, 0), place(4, 60), ObjectClass.VEHICLE)


def test_someone_on_foot_may_take_a_car() -> None:
    assert can(place(0, 0), place(2, 120))


def test_views_that_overlap_say_nothing() -> None:
    assert can(place(0, 0, 60), place(0.09, 10))
    assert not can(place(0, 0, 60), place(1, 10))


def test_clocks_may_be_a_little_off() -> None:
    assert can(place(0, 0, 5), place(0.19, 2))
    assert not can(place(0, 0, 5), place(0.35, 2))


def test_a_clock_that_nobody_measured_may_be_a_minute_off() -> None:
    unmeasured = place(1, 2)._replace(clock_s=np.array([UNMEASURED_S]))
    assert not can(place(0, 0), place(1, 2))
    assert can(place(0, 0), unmeasured)
    assert can(unmeasured, place(0, 0))
    assert not can(place(0, 0), place(4, 2)._replace(clock_s=np.array([UNMEASURED_S])))


def test_a_view_that_reaches_far_leaves_less_between() -> None:
    far = np.array([400.0])
    assert not can(place(0, 0), place(0.5, 15))
    assert can(place(0, 0)._replace(view_m=far), place(0.5, 15))
    assert can(place(0, 0), place(0.5, 15)._replace(view_m=far))


def test_every_stop_must_be_reachable() -> None:
    stops = Places(
        np.array([HERE, (HERE[0] + 5 * KM_EAST, HERE[1])]), np.zeros(2), np.array([5.0, 5.0])
    )
    found = reach(stops, place(0.1, 30), ObjectClass.PERSON)
    assert found.possible[:, 0].tolist() == [True, False]


def test_the_network_s_time_counts_where_it_is_known() -> None:
    # A river: 300 m as the crow flies, 20 minutes by the bridge.
    stop, other = place(0, 0), place(0.3, 60)
    assert can(stop, other)
    told = reach(stop, other, ObjectClass.VEHICLE, np.array([[1200.0]]))
    unknown = reach(stop, other, ObjectClass.VEHICLE, np.array([[np.nan]]))
    assert not told.possible[0, 0]
    assert unknown.possible[0, 0]


def test_a_camera_without_a_place_masks_nothing() -> None:
    nowhere = Places(np.array([[np.nan, np.nan]]), np.array([10.0]), np.array([12.0]))
    assert can(place(0, 0), nowhere)


def test_no_stop_masks_nothing() -> None:
    none = Places(np.zeros((0, 2)), np.zeros(0), np.zeros(0))
    assert reach(none, place(1, 0), ObjectClass.PERSON).possible.all(axis=0).tolist() == [True]


def test_distances_are_metres_also_over_the_date_line() -> None:
    a = np.array([[127.0, 37.5], [179.9995, 0.0]])
    b = np.array([[127.0, 37.6], [-179.9995, 0.0]])
    found = distances(a, b)
    assert found[0, 0] == pytest.approx(11_119, rel=0.001)
    assert found[1, 1] == pytest.approx(111.2, rel=0.001)


def test_minutes_are_what_people_say() -> None:
    foot = minutes(500, ON_FOOT_M_S)
    assert (foot.least, foot.most) == (4, 11)
    car = minutes(500, BY_CAR_M_S)
    assert (car.least, car.most) == (0, 3)
