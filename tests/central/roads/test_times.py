"""Cameras on the network, and how long it takes from one to another."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

from central.db import locks
from central.errors import ConflictError
from central.roads import camera_streets, matrix, standing, times
from central.roads.alone import alone
from central.roads.follower import TimesFollower
from central.roads.model import Floats, Mode
from central.roads.times import Renewed
from central.values import LonLat
from tests.central.roads.town import AT_25, AT_40, BLOCK_M, TOWN, WALK, at, bring, place, put_camera

NAMES = ["cam-a", "cam-c", "cam-d"]


def put(engine: Engine, **where: LonLat) -> None:
    with engine.begin() as connection:
        for name, each in where.items():
            put_camera(connection, f"cam-{name}", each)


def renew(engine: Engine) -> Renewed:
    return times.renew(engine, lambda *_: None)


def blocks(engine: Engine, mode: Mode, names: list[str] = NAMES) -> Floats:
    """The matrix in seconds a block."""
    with engine.connect() as connection:
        return np.asarray(getattr(matrix.seconds(connection, names, names), mode) / BLOCK_M)


def on_streets(engine: Engine, name: str, mode: Mode) -> tuple[object, ...]:
    query = text(
        "SELECT edge IS NOT NULL, round(metres::numeric), island FROM camera_streets "
        "WHERE camera = :name AND mode = :mode"
    )
    with engine.connect() as connection:
        return tuple(connection.execute(query, {"name": name, "mode": mode.value}).one())


@pytest.fixture
def cameras(town: Engine) -> Engine:
    put(town, a=place("A"), c=place("C"), d=place("D"))
    assert renew(town) == (3, 3)
    return town


def test_times_are_those_of_the_streets_each_way(cameras: Engine) -> None:
    walked = np.array([[0, 2, 3], [2, 0, 1], [3, 1, 0]]) / WALK
    assert blocks(cameras, Mode.WALK) == pytest.approx(walked, rel=2e-3, abs=1e-6)
    around = 3 / AT_25
    driven = [
        [0, 2 / AT_40, 3 / AT_40],
        [2 / AT_40, 0, 1 / AT_40],
        [around, around + 2 / AT_40, 0],
    ]
    assert blocks(cameras, Mode.DRIVE) == pytest.approx(np.array(driven), rel=5e-3, abs=1e-6)


def test_what_is_up_to_date_is_not_found_again(cameras: Engine) -> None:
    assert renew(cameras) == (0, 0)


def test_a_camera_that_moved_has_its_row_and_column_renewed_and_no_other(cameras: Engine) -> None:
    with cameras.begin() as connection:
        # If anything else were found anew, this would be gone.
        connection.execute(
            text("UPDATE travel_times SET seconds = 4711 WHERE from_camera || to_camera = :pair"),
            {"pair": "cam-acam-c"},
        )
    put(cameras, d=place("E"))
    assert renew(cameras) == (1, 1)
    walked = blocks(cameras, Mode.WALK)
    assert walked[0, 1] * BLOCK_M == pytest.approx(4711)
    assert walked[:, 2] == pytest.approx(np.array([1, 3, 0]) / WALK, rel=2e-3, abs=1e-6)
    assert walked[2, :] == pytest.approx(np.array([1, 3, 0]) / WALK, rel=2e-3, abs=1e-6)


def test_a_new_camera_is_added_and_a_deleted_or_unplaced_one_goes(cameras: Engine) -> None:
    put(cameras, k=place("K"))
    assert renew(cameras) == (1, 1)
    assert np.isfinite(blocks(cameras, Mode.WALK, [*NAMES, "cam-k"])).all()
    with cameras.begin() as connection:
        connection.execute(text("DELETE FROM cameras WHERE id = 'cam-k'"))
        connection.execute(text("UPDATE cameras SET position = NULL WHERE id = 'cam-d'"))
    assert renew(cameras) == (0, 0)
    left = blocks(cameras, Mode.WALK, [*NAMES, "cam-k"])
    assert np.isnan(left[2:]).all()
    assert np.isnan(left[:, 2:]).all()
    assert np.isfinite(left[:2, :2]).all()


def test_renewed_piece_by_piece_is_the_same_as_all_at_once(town: Engine) -> None:
    rng = np.random.default_rng(3)
    names = [f"cam-{number}" for number in range(12)]
    for number, (x, y) in enumerate(rng.uniform((0, -0.5), (5, 1.2), (12, 2))):
        put(town, **{str(number): at(x, y)})
        renew(town)
    piecewise = {mode: blocks(town, mode, names) for mode in Mode}
    with town.begin() as connection:
        connection.execute(text("DELETE FROM camera_streets"))
    assert renew(town) == (12, 12)
    for mode in Mode:
        assert blocks(town, mode, names) == pytest.approx(piecewise[mode], abs=0.01, nan_ok=True)
    assert np.isfinite(piecewise[Mode.WALK]).sum() > 100


def test_an_island_is_taken_only_where_the_largest_part_is_much_farther(town: Engine) -> None:
    put(town, island=place("I"), far=at(10, 0), beside=at(1, -0.3))
    assert renew(town) == (3, 2)
    assert on_streets(town, "cam-island", Mode.WALK) == (True, 0, True)
    assert on_streets(town, "cam-far", Mode.WALK) == (False, None, False)
    assert on_streets(town, "cam-beside", Mode.WALK) == (True, 33, False)
    with town.connect() as connection:
        network = standing.current(connection)
        assert network is not None
        told = camera_streets.figures(connection, network)
    assert (told.placed, told.outside, told.away) == (3, 0, ["cam-far"])
    assert told.of_mode[Mode.WALK][:4] == (2, 1, 1, 2)
    assert np.isnan(blocks(town, Mode.WALK, ["cam-island", "cam-beside"])[0, 1])


def test_without_a_network_nothing_is_known_and_nothing_is_wrong(engine: Engine) -> None:
    put(engine, a=place("A"), c=place("C"))
    assert renew(engine) == (0, 0)
    assert np.isnan(blocks(engine, Mode.WALK)).all()


def test_another_network_renews_everything(cameras: Engine, tmp_path: Path) -> None:
    one_block_off = tmp_path / "town.osm"
    one_block_off.write_text(
        TOWN.read_text().replace('lon="127.0020" lat="0.0000"', 'lon="127.0030" lat="0.0000"')
    )
    bring(cameras, one_block_off)
    # Until then the times of the network before are better than none.
    assert blocks(cameras, Mode.WALK)[0, 1] == pytest.approx(2 / WALK, rel=2e-3)
    put(cameras, c=at(3, 0))
    assert renew(cameras) == (3, 3)
    assert blocks(cameras, Mode.WALK)[0, 1] == pytest.approx(3 / WALK, rel=2e-3)


def test_ways_that_are_too_long_are_not_kept(town: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "LONGEST_S", {Mode.WALK: 2.5 * BLOCK_M / WALK, Mode.DRIVE: 0.0})
    put(town, a=place("A"), c=place("C"), d=place("D"))
    renew(town)
    walked = blocks(town, Mode.WALK)
    assert np.isfinite(walked[0, 1])
    assert np.isnan(walked[0, 2])


def test_the_fastest_is_not_known_from_walking_alone(cameras: Engine) -> None:
    with cameras.begin() as connection:
        fastest = matrix.seconds(connection, NAMES, NAMES).fastest
        assert fastest[0, 1] == pytest.approx(2 * BLOCK_M / AT_40, rel=2e-3)
        connection.execute(text("DELETE FROM travel_times WHERE mode = 'drive'"))
        assert np.isnan(matrix.seconds(connection, NAMES, NAMES).fastest).all()


def test_two_renewals_do_not_run_at_once(cameras: Engine) -> None:
    with (
        alone(cameras, locks.TRAVEL_TIMES, "a test"),
        pytest.raises(ConflictError, match="a renewal of travel times is running already"),
    ):
        renew(cameras)


def test_the_follower_looks_again_only_when_something_changed(town: Engine) -> None:
    put(town, a=place("A"), c=place("C"))
    follower = TimesFollower(town)
    assert follower.step() == 2
    assert follower.step() == 0
    put(town, c=place("E"))
    assert follower.step() == 1
    assert blocks(town, Mode.WALK, ["cam-a", "cam-c"])[0, 1] == pytest.approx(1 / WALK, rel=2e-3)
    bring(town)
    assert follower.step() == 2
