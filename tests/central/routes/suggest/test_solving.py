"""A street of cameras by hand: who is on the way, who is not, and why."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest

from central.routes.links.transit import cold
from central.routes.suggest.leaving import Why, left_out
from central.routes.suggest.solving import Problem, Solved, doubtful, in_order, solve
from central.routes.suggest.weights import MOST_PASSED, Between, Seen, passed
from central.search.reach import Places, distances
from shared.classes import ObjectClass

STEP_S = 100.0
"""From each camera of the street to the next, on foot."""

CAMERAS = 6


class View(NamedTuple):
    camera: int
    at_s: float
    looks: float
    confirmed: bool = False


def street() -> Between:
    """Cameras 134 m apart: 100 s on foot at 1.34 m/s."""
    lon = 127.0 + np.arange(CAMERAS) * 134 / 88_300
    lon_lat = np.stack([lon, np.full(CAMERAS, 37.5)], axis=1)
    walk = np.abs(np.subtract.outer(np.arange(CAMERAS), np.arange(CAMERAS))) * STEP_S
    times = cold(walk, distances(lon_lat, lon_lat), ObjectClass.PERSON)
    return Between(times, walk / 8, np.ones(CAMERAS, dtype=bool))


def problem(views: Sequence[View]) -> Problem:
    lon = 127.0 + np.array([view.camera for view in views]) * 134 / 88_300
    at = np.array([view.at_s for view in views])
    places = Places(np.stack([lon, np.full(len(views), 37.5)], axis=1), at - 2, at + 2)
    return Problem(
        Seen(places, np.array([view.camera for view in views], dtype=np.int64)),
        np.array([view.looks for view in views]),
        np.array([view.confirmed for view in views]),
        street(),
        ObjectClass.PERSON,
    )


def solved(*views: View, k: int = 3) -> tuple[Problem, Solved]:
    asked = problem(views)
    return asked, solve(asked, k)


def test_the_way_passes_whoever_looks_alike_and_comes_when_they_should() -> None:
    _, found = solved(View(0, 0, 1.0, confirmed=True), View(1, 100, 0.6), View(2, 210, 0.6))
    assert found.ways[0].nodes == (0, 1, 2)


def test_doubtful_looks_are_taken_where_the_time_fits_and_left_where_it_does_not() -> None:
    _, on_time = solved(View(0, 0, 1.0, confirmed=True), View(1, 100, 0.3))
    _, late = solved(View(0, 0, 1.0, confirmed=True), View(1, 1500, 0.15))
    assert on_time.ways[0].nodes == (0, 1)
    assert late.ways[0].nodes == (0,)


def test_a_time_alone_never_rules_anybody_out() -> None:
    _, found = solved(View(0, 0, 1.0, confirmed=True), View(1, 7200, 0.95))
    assert found.ways[0].nodes == (0, 1)


def test_nobody_is_at_two_ends_of_the_street_in_a_moment() -> None:
    asked, found = solved(View(0, 0, 1.0, confirmed=True), View(5, 6, 0.99))
    assert found.ways[0].nodes == (0,)
    left = left_out(1, found.ways[0], asked, found)
    assert (left.why, left.stop, left.loses) == (Why.UNREACHABLE, 1, None)
    assert left.text == "cannot be reached from stop 1"


def test_two_at_one_camera_at_once_are_two() -> None:
    asked, found = solved(View(0, 0, 1.0, confirmed=True), View(0, 1, 0.99))
    left = left_out(1, found.ways[0], asked, found)
    assert (found.ways[0].nodes, left.why) == ((0,), Why.SAME_CAMERA)


def test_who_is_not_alike_is_left_out_for_that() -> None:
    asked, found = solved(View(0, 0, 1.0, confirmed=True), View(1, 100, 0.01))
    left = left_out(1, found.ways[0], asked, found)
    assert left.why is Why.LOOKS
    assert left.loses is not None
    assert left.loses > 0
    assert "1 % by looks" in left.text


def test_every_way_passes_what_is_confirmed_however_unlike() -> None:
    _, found = solved(
        View(0, 0, 1.0, confirmed=True),
        View(1, 100, 0.9),
        View(2, 2000, 0.0001, confirmed=True),
    )
    assert found.ways
    assert all({0, 2} <= set(way.nodes) for way in found.ways)


def test_confirmed_ones_that_clash_are_told_and_hold_no_way() -> None:
    _, found = solved(
        View(0, 0, 1.0, confirmed=True),
        View(5, 5, 1.0, confirmed=True),
        View(1, 600, 1.0, confirmed=True),
    )
    assert found.clashes == [(0, 1)]
    assert all(2 in way.nodes for way in found.ways)
    assert not any({0, 1} <= set(way.nodes) for way in found.ways)


def test_ways_differ_from_each_other() -> None:
    _, found = solved(View(0, 0, 1.0, confirmed=True), View(1, 100, 0.5), View(2, 200, 0.5), k=4)
    assert len({way.nodes for way in found.ways}) == 4
    assert [way.score for way in found.ways] == sorted(
        (way.score for way in found.ways), reverse=True
    )


def test_cameras_on_the_way_are_counted_up_to_a_few() -> None:
    between = street()
    found = passed(between)
    assert found[0].tolist() == [0, 0, 1, 2, 3, MOST_PASSED]
    off = between._replace(works=np.array([True, False, True, True, True, True]))
    assert passed(off)[0].tolist() == [0, 0, 0, 1, 2, 3]


def test_the_most_doubtful_are_asked_about_and_the_sure_ones_are_not() -> None:
    asked, found = solved(
        View(0, 0, 1.0, confirmed=True),
        View(1, 100, 0.0001),
        View(2, 200, 0.25),
        View(3, 300, 0.99),
    )
    assert doubtful(found, asked, 3)[0] == 2
    assert 0 not in doubtful(found, asked, 3)


def test_probabilities_are_handed_out_in_the_ladders_order() -> None:
    found = in_order(np.array([0.2, 0.9, 0.5]), np.array([2, 0, 1]))
    assert found.tolist() == pytest.approx([0.5, 0.2, 0.9])
