import pytest

from central.roads.tags import KMH, STAIRS_M_S, WALK_M_S, maxspeed_kmh, read_street


def ways(**tags: str) -> tuple[bool, bool, bool, bool]:
    """Whether one may walk along and against, drive along and against."""
    street = read_street({key.replace("__", ":"): value for key, value in tags.items()})
    if street is None:
        return False, False, False, False
    uses = (street.walk, street.drive)
    return tuple(speed > 0 for use in uses for speed in (use.along, use.against))  # type: ignore[return-value]


BOTH, NONE, ONE, BACK = (True, True), (False, False), (True, False), (False, True)


@pytest.mark.parametrize(
    ("tags", "walk", "drive"),
    [
        ({"highway": "residential"}, BOTH, BOTH),
        ({"highway": "residential", "oneway": "yes"}, BOTH, ONE),
        ({"highway": "residential", "oneway": "-1"}, BOTH, BACK),
        ({"highway": "residential", "oneway": "reversible"}, BOTH, BOTH),
        ({"highway": "residential", "oneway": "yes", "oneway__foot": "yes"}, ONE, ONE),
        ({"highway": "footway", "oneway": "yes"}, ONE, NONE),
        ({"highway": "footway", "oneway": "yes", "oneway__foot": "no"}, BOTH, NONE),
        ({"highway": "steps", "conveying": "backward"}, BACK, NONE),
        ({"highway": "steps", "foot__backward": "no"}, ONE, NONE),
        ({"highway": "residential", "junction": "roundabout"}, BOTH, ONE),
        ({"highway": "motorway"}, NONE, ONE),
        ({"highway": "motorway_link"}, NONE, BOTH),
        ({"highway": "primary", "motorroad": "yes"}, NONE, BOTH),
        ({"highway": "primary_link"}, BOTH, BOTH),
        ({"highway": "service", "access": "private"}, NONE, NONE),
        ({"highway": "service", "access": "no", "foot": "yes"}, BOTH, NONE),
        ({"highway": "service", "access": "private", "motorcar": "yes"}, NONE, BOTH),
        ({"highway": "residential", "motor_vehicle": "no"}, BOTH, NONE),
        ({"highway": "residential", "vehicle": "private"}, BOTH, NONE),
        ({"highway": "residential", "access": "destination"}, BOTH, BOTH),
        ({"highway": "tertiary", "foot": "no"}, NONE, BOTH),
        ({"highway": "tertiary", "foot": "use_sidepath"}, NONE, BOTH),
        ({"highway": "pedestrian"}, BOTH, NONE),
        ({"highway": "pedestrian", "access": "yes"}, BOTH, NONE),
        ({"highway": "pedestrian", "motor_vehicle": "yes"}, BOTH, BOTH),
        ({"highway": "pedestrian", "area": "yes"}, BOTH, NONE),
        ({"highway": "service", "area": "yes"}, BOTH, NONE),
        ({"highway": "steps", "motor_vehicle": "yes"}, BOTH, NONE),
        ({"highway": "construction"}, NONE, NONE),
        ({"highway": "proposed"}, NONE, NONE),
        ({"highway": "bus_stop"}, NONE, NONE),
    ],
)
def test_who_may_pass_and_which_way(
    tags: dict[str, str], walk: tuple[bool, bool], drive: tuple[bool, bool]
) -> None:
    assert ways(**tags) == (*walk, *drive)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50.0),
        ("30 km/h", 30.0),
        ("30 mph", 48.28),
        ("50;30", 50.0),
        ("none", None),
        ("KR:urban", None),
        ("signals", None),
        ("", None),
        ("0", None),
        ("-5", None),
        ("99999", None),
    ],
)
def test_a_speed_limit_is_read_where_it_is_a_number(text: str, kmh: float | None) -> None:
    assert maxspeed_kmh(text) == (None if kmh is None else pytest.approx(kmh, abs=0.01))


def test_a_speed_limit_counts_by_four_fifths_and_each_way_has_its_own() -> None:
    street = read_street({"highway": "primary", "maxspeed": "50", "maxspeed:backward": "30"})
    assert street is not None
    assert street.drive.along == pytest.approx(40 * KMH)
    assert street.drive.against == pytest.approx(24 * KMH)


def test_an_absurd_speed_limit_is_held_within_reason() -> None:
    street = read_street({"highway": "primary", "maxspeed": "999"})
    assert street is not None
    assert street.drive.along == pytest.approx(130 * KMH)


def test_stairs_are_slow_and_known_as_such() -> None:
    stairs, path = read_street({"highway": "steps"}), read_street({"highway": "path"})
    assert stairs is not None
    assert path is not None
    assert (stairs.stairs, stairs.walk.along) == (True, STAIRS_M_S)
    assert (path.stairs, path.walk.along) == (False, WALK_M_S)


@pytest.mark.parametrize(
    ("value", "tunnel"), [("yes", True), ("building_passage", True), ("no", False)]
)
def test_tunnels_are_known(value: str, tunnel: bool) -> None:  # noqa: FBT001
    street = read_street({"highway": "footway", "tunnel": value})
    assert street is not None
    assert street.tunnel == tunnel
