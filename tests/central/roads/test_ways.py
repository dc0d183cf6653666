"""Ways through the made-up town, whose times can be told by hand."""

import numpy as np
import pytest
from sqlalchemy import Connection, Engine

from central.roads import ways
from central.roads.model import Mode, Trip, Way
from central.values import LonLat
from tests.central.roads.town import AT_25, AT_40, BLOCK_M, STAIRS, WALK, at, place


def way(connection: Connection, start: LonLat, end: LonLat, mode: Mode) -> Way | None:
    (found,) = ways.find(connection, [Trip(start, end, mode)])
    return found[0] if found else None


def seconds(connection: Connection, ends: str, mode: Mode) -> float:
    found = way(connection, place(ends[0]), place(ends[1]), mode)
    assert found is not None
    return found.seconds / BLOCK_M


@pytest.mark.parametrize(
    ("ends", "mode", "expected"),
    [
        ("AC", Mode.WALK, 2 / WALK),
        # Stairs are slower than the way around, but not than a longer one.
        ("AF", Mode.WALK, 2 / WALK),
        ("BF", Mode.WALK, 1 / STAIRS),
        # The tunnel is for cars alone.
        ("CG", Mode.WALK, 2**1.5 / WALK),
        ("CG", Mode.DRIVE, 2 / AT_40),
        # One way, once told along and once against how it is drawn; on foot nobody minds.
        ("CD", Mode.DRIVE, 1 / AT_40),
        ("DC", Mode.DRIVE, 3 / AT_25 + 2 / AT_40),
        ("DC", Mode.WALK, 1 / WALK),
        ("AF", Mode.DRIVE, 3 / AT_40 + 1 / AT_25),
        ("FA", Mode.DRIVE, 2 / AT_25),
        # Around the circle.
        ("GR", Mode.DRIVE, 0.5**0.5 / AT_25),
        ("RG", Mode.DRIVE, 3 * 0.5**0.5 / AT_25),
        ("RG", Mode.WALK, 0.5**0.5 / WALK),
        ("IJ", Mode.DRIVE, 1 / AT_25),
    ],
)
def test_a_way_takes_what_its_streets_take(
    connection: Connection, ends: str, mode: Mode, expected: float
) -> None:
    assert seconds(connection, ends, mode) == pytest.approx(expected, rel=1e-3)


def test_a_way_begins_and_ends_in_the_middle_of_streets_and_beside_them(
    connection: Connection,
) -> None:
    start, end = at(0.5, -0.1), at(0, 0.25)
    found = way(connection, start, end, Mode.WALK)
    assert found is not None
    assert found.metres == pytest.approx(0.85 * BLOCK_M, rel=1e-3)
    assert found.seconds == pytest.approx(0.85 * BLOCK_M / WALK, rel=1e-3)
    expected = [at(0.5, -0.1), at(0.5, 0), at(0, 0), at(0, 0.25)]
    assert found.line == pytest.approx(np.array([[p.lon, p.lat] for p in expected]), abs=1e-8)
    assert found.times_s == pytest.approx(np.array([0, 0.1, 0.6, 0.85]) * BLOCK_M / WALK, rel=1e-3)


def test_two_places_on_one_street_are_joined_along_it(connection: Connection) -> None:
    found = way(connection, at(0.2, 0), at(0.7, 0), Mode.DRIVE)
    assert found is not None
    assert found.metres == pytest.approx(0.5 * BLOCK_M, rel=1e-3)
    # Against the one way, all the way around: D F E A B C.
    around = way(connection, at(2, 0.7), at(2, 0.2), Mode.DRIVE)
    assert around is not None
    assert around.metres == pytest.approx(5.5 * BLOCK_M, rel=1e-3)
    assert (np.diff(around.times_s) > 0).all()


def test_a_way_to_where_one_is_takes_no_time(connection: Connection) -> None:
    found = way(connection, place("B"), place("B"), Mode.WALK)
    assert found is not None
    assert (found.metres, found.seconds) == (0, 0)
    assert found.line.shape == (2, 2)


def test_no_way_leads_to_an_island_or_to_where_there_are_no_streets(
    connection: Connection,
) -> None:
    trips = [
        Trip(place("A"), place("J"), Mode.WALK),
        Trip(place("A"), at(10, 10), Mode.WALK),
        Trip(place("A"), LonLat(lon=-60, lat=80), Mode.DRIVE),
        Trip(place("A"), place("B"), Mode.DRIVE),
    ]
    assert [len(found) for found in ways.find(connection, trips)] == [0, 0, 0, 1]


def test_trips_keep_their_order_whatever_their_modes(connection: Connection) -> None:
    trips = [
        Trip(place(start), place(end), mode)
        for start, end, mode in (
            ("C", "G", Mode.DRIVE),
            ("B", "F", Mode.WALK),
            ("C", "G", Mode.WALK),
            ("C", "G", Mode.DRIVE),
        )
    ]
    found = [each.metres / BLOCK_M for (each,) in ways.find(connection, trips)]
    assert found == pytest.approx([2, 1, 2**1.5, 2], rel=1e-3)


def test_another_way_is_one_that_truly_differs(connection: Connection) -> None:
    ((first, *others),) = ways.find(connection, [Trip(place("A"), place("D"), Mode.WALK)], k=3)
    assert first.metres == pytest.approx(3 * BLOCK_M, rel=1e-3)
    assert others
    assert all(each.seconds >= first.seconds for each in others)
    passed = [{(round(x, 6), round(y, 6)) for x, y in each.line} for each in (first, *others)]
    assert all(one != two for n, one in enumerate(passed) for two in passed[n + 1 :])
    ((only,),) = ways.find(connection, [Trip(place("I"), place("J"), Mode.WALK)], k=3)
    assert only.metres == pytest.approx(BLOCK_M, rel=1e-3)


def test_a_far_way_around_is_found_where_no_near_one_is(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways, "MARGIN_M", 1.0)
    monkeypatch.setattr(ways, "MARGIN_SHARE", 0.0)
    found = way(connection, at(2, 0.7), at(2, 0.2), Mode.DRIVE)
    assert found is not None
    assert found.metres == pytest.approx(5.5 * BLOCK_M, rel=1e-3)


def test_without_a_network_there_are_no_ways(engine: Engine) -> None:
    with engine.connect() as connection:
        trip = Trip(place("A"), place("B"), Mode.WALK)
        assert ways.find(connection, [trip, trip]) == [[], []]
