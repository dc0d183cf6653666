"""The made-up city: the same from the same seed, and possible."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from deploy.sim.city.cameras import Cameras, views
from deploy.sim.city.level import LevelName
from deploy.sim.city.osm import read_streets
from deploy.sim.city.passing import passages
from deploy.sim.city.streets import Edges, Streets, build, made_grid
from deploy.sim.city.told import NAMES
from deploy.sim.city.trips import Trip
from deploy.sim.city.world import City, make_city
from deploy.sim.cli import app
from shared.attributes import ATTRIBUTES
from shared.errors import ConfigError

GRID_SEED = 4
_MAP = """<?xml version="1.0"?><osm version="0.6">{nodes}
<way id="1">{refs}<tag k="highway" v="residential"/></way>
<way id="2"><nd ref="1"/><nd ref="40"/><tag k="highway" v="footway"/></way>
<way id="3"><nd ref="1"/><nd ref="39"/><tag k="highway" v="secondary"/>
<tag k="oneway" v="yes"/></way>
<way id="4"><nd ref="1"/><nd ref="2"/><tag k="waterway" v="river"/></way></osm>"""


@pytest.fixture(scope="module")
def grid() -> Streets:
    return made_grid(np.random.default_rng(GRID_SEED))


@pytest.fixture(scope="module")
def city(grid: Streets) -> City:
    return make_city(grid, LevelName.HARD, 7, hours=0.3)


def test_the_same_seed_gives_the_same_city_and_another_seed_another(
    grid: Streets, city: City
) -> None:
    again = make_city(grid, LevelName.HARD, 7, hours=0.3)
    for name in city.sightings._fields:
        assert np.array_equal(getattr(city.sightings, name), getattr(again.sightings, name)), name
    other = make_city(grid, LevelName.HARD, 8, hours=0.3)
    assert len(other.sightings.actor) != len(city.sightings.actor)


def test_vectors_are_unit_and_only_cameras_that_are_on_see(city: City) -> None:
    found = city.sightings
    for rows in (found.vectors, found.one, found.best):
        assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-4)
    assert city.cameras.on[found.camera].all()
    assert not city.cameras.on.all()
    assert (found.last_ms > found.first_ms).all()
    assert (np.diff(found.first_ms) >= 0).all()


def test_nobody_is_in_two_places_at_once_or_faster_than_a_car(city: City) -> None:
    found, cameras = city.sightings, city.cameras
    for actor in np.unique(found.actor)[::5]:
        rows = np.flatnonzero(found.actor == actor)
        for a, b in pairwise(rows):
            gap = (found.first_ms[b] - found.last_ms[a]) / 1000
            reaches = cameras.reach_m[found.camera[[a, b]]].sum()
            metres = np.linalg.norm(cameras.xy[found.camera[a]] - cameras.xy[found.camera[b]])
            # Clocks of boxes are a second or so off.
            assert metres - reaches <= 25 * (max(gap, 0) + 8)


def test_what_is_said_is_mostly_true_and_of_the_right_class(city: City) -> None:
    found = city.sightings
    true = city.attributes[found.actor]
    said = found.attributes >= 0
    assert (true[said] >= 0).all()
    right = (found.attributes == true)[said]
    assert right.mean() == pytest.approx(found.confidences[said].mean(), abs=0.03)
    sizes = np.array([len(ATTRIBUTES[name].values) for name in NAMES])
    assert (found.attributes < sizes).all()
    read = found.plates != ""
    assert found.vehicle[read].all()
    assert 0.2 < read[found.vehicle].mean() < 0.4


def test_one_is_more_like_oneself_than_like_others(city: City) -> None:
    people = city.sightings.rows(~city.sightings.vehicle)
    alike = people.vectors @ people.vectors.T
    same = people.actor[:, None] == people.actor[None]
    np.fill_diagonal(same, val=False)
    np.fill_diagonal(alike, np.nan)
    assert np.nanmean(alike[same]) > np.nanmean(alike[~same]) + 0.1


def test_a_camera_sees_whoever_passes_for_as_long_as_they_are_in_view() -> None:
    # A straight street eastwards, 60 pieces of 10 m; a camera at 100 m that sees 20 m.
    degrees = np.stack([np.arange(61) * 10 / 111_195, np.zeros(61)], axis=1)
    edges = Edges([], [], [])
    for node in range(60):
        edges.add((node, node + 1), walk=True, drive_m_s=10.0, back=True)
    streets = build("one street", degrees, edges)
    start = streets.xy[0]
    cameras = Cameras(
        xy=start + np.array([[100.0, 0.0], [300.0, 5.0]]),
        reach_m=np.array([20.0, 20.0]),
        azimuth=np.zeros(2),
        on=np.array([True, False]),
        clock_s=np.zeros(2),
    )
    times = np.arange(0.0, 610.0, 10.0)
    there = Trip(0, True, np.arange(61), times)
    unseen = Trip(1, False, np.arange(61), times)
    found = passages(streets, cameras, views(streets, cameras), [there, unseen])
    assert found.actor.tolist() == [0]
    assert found.camera.tolist() == [0]
    assert found.start == pytest.approx([80], abs=0.2)
    assert found.end == pytest.approx([120], abs=0.2)


def test_a_map_gives_streets_for_feet_and_for_wheels(tmp_path: Path) -> None:
    nodes = "".join(
        f'<node id="{n}" lat="37.5" lon="{127 + n * 0.0001:.4f}"/>' for n in range(1, 41)
    )
    refs = "".join(f'<nd ref="{n}"/>' for n in range(1, 40))
    path = tmp_path / "small.osm"
    path.write_text(_MAP.format(nodes=nodes, refs=refs))
    streets = read_streets(path)
    assert len(streets.xy) == 40
    assert np.isfinite(streets.walk_s).sum() == 2 * 38 + 2 + 2
    # The footway is not driven, and the one-way street only one way.
    assert np.isfinite(streets.drive_s).sum() == 2 * 38 + 1


def test_what_is_no_map_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "not.osm"
    path.write_text("<osm")
    with pytest.raises(ConfigError, match="cannot be read as a map"):
        read_streets(path)
    with pytest.raises(ConfigError, match="cannot be read as a map"):
        read_streets(tmp_path / "absent.osm")
    path.write_text('<?xml version="1.0"?><osm version="0.6"></osm>')
    with pytest.raises(ConfigError, match="give a larger map"):
        read_streets(path)


@pytest.mark.slow
def test_the_command_writes_the_city(tmp_path: Path) -> None:
    out = tmp_path / "city"
    done = CliRunner().invoke(app, ["city", "--level", "easy", "--seed", "2", "--out", str(out)])
    assert done.exit_code == 0, done.output
    with np.load(out / "sightings.npz") as saved:
        assert len(saved["id"]) == len(saved["vectors"]) == len(saved["actor"]) > 1000
    places = json.loads((out / "cameras.geojson").read_text())
    truth = json.loads((out / "truth.json").read_text())
    assert len(places["features"]) == 40
    assert truth["streets"] == "a made grid of streets"
    assert len(truth["trips"]) > 1000
    assert (out / "map.svg").read_text().startswith("<svg")
