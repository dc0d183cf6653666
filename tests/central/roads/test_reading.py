"""Files that are no street network, or not all of one, and what is made of one that is."""

from pathlib import Path

import numpy as np
import pytest

from central.roads import reading
from central.roads.connectivity import parts
from central.roads.errors import MapError
from central.roads.reading import read_map
from tests.central.roads.town import BLOCK_M, STAIRS, TOWN, WALK

_NODES = '<node id="1" lon="127" lat="37"/><node id="2" lon="127.001" lat="37"/>'
_WAY = '<way id="5"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>'


def written(path: Path, inside: str) -> Path:
    path.write_text(f'<osm version="0.6">{inside}</osm>')
    return path


def test_streets_are_cut_where_they_meet() -> None:
    drawn = read_map(TOWN)
    # The footway's corner, and the circle's other corners, are no junctions.
    assert len(drawn.osm_nodes) == 9
    assert len(drawn) == 11
    assert drawn.left_out == {}
    names = [street.name for street in drawn.edges.streets]
    assert names.count("Main Street") == 2
    assert "Private Drive" not in names
    stairs = names.index("The Stairs")
    assert drawn.walk_s[stairs] == pytest.approx([BLOCK_M / STAIRS] * 2, rel=1e-5)
    assert (drawn.drive_s[stairs] < 0).all()
    footway = names.index("The Footway")
    assert drawn.walk_s[footway] == pytest.approx([2**1.5 * BLOCK_M / WALK] * 2, rel=1e-5)
    assert [street.tunnel for street in drawn.edges.streets].count(True) == 1


def test_the_parts_of_a_network_come_by_size() -> None:
    drawn = read_map(TOWN)
    walked = parts(len(drawn.osm_nodes), drawn.ends, drawn.walk_s)
    assert walked.sizes.tolist() == [7, 2]
    driven = parts(len(drawn.osm_nodes), drawn.ends, drawn.drive_s)
    assert driven.sizes.tolist() == [7, 2]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.osm", b"", "cannot be read as a map"),
        ("a.osm", b"hello", "cannot be read as a map"),
        ("a.osm.pbf", b"hello", "cannot be read as a map"),
        ("a.osm", b"<gpx></gpx>", "cannot be read as a map"),
        ("a.csv", b"a,b", "streets are read from .osm and .osm.pbf"),
        ("a.osm", b'<osm version="0.6"></osm>', "there are no streets in it"),
    ],
)
def test_what_is_no_map_is_refused_with_the_reason(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MapError, match=said):
        read_map(path)


def test_a_file_that_is_not_there_is_said() -> None:
    with pytest.raises(MapError, match="there is no file"):
        read_map(Path("/nowhere/a.osm"))


def test_a_file_that_is_too_large_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 100)
    with pytest.raises(MapError, match="osmium extract"):
        read_map(TOWN)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "MAX_PLACES", 10)
    with pytest.raises(MapError, match="more than 10 places"):
        read_map(TOWN)


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    whole = TOWN.read_bytes()
    path = tmp_path / "half.osm"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MapError, match="broken or not all there"):
        read_map(path)


def test_swapped_coordinates_are_told_by_lying_outside_the_world(tmp_path: Path) -> None:
    swapped = _NODES.replace("lon", "x").replace("lat", "lon").replace("x=", "lat=")
    with pytest.raises(MapError, match="are longitude and latitude swapped"):
        read_map(written(tmp_path / "swapped.osm", swapped + _WAY))


def test_streets_without_their_nodes_are_told(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="nodes of its streets are not in it"):
        read_map(written(tmp_path / "ways.osm", _WAY))


def test_a_node_that_the_file_lacks_is_left_out_and_counted(tmp_path: Path) -> None:
    outside = '<node id="3" lon="200" lat="37"/>'
    way = _WAY.replace("</way>", "").replace(
        '<nd ref="1"/>', '<nd ref="9"/><nd ref="3"/><nd ref="1"/>'
    )
    drawn = read_map(written(tmp_path / "cut.osm", _NODES + outside + way + "</way>"))
    assert len(drawn) == 1
    assert drawn.left_out == {"nodes outside the world": 1, "nodes not in the file": 1}


def test_a_place_that_no_number_can_hold_is_told(tmp_path: Path) -> None:
    nodes = _NODES.replace("127.001", "500")
    with pytest.raises(MapError, match="outside the world"):
        read_map(written(tmp_path / "far.osm", nodes + _WAY))


def test_nodes_at_one_place_are_an_edge_that_takes_hardly_any_time(tmp_path: Path) -> None:
    drawn = read_map(written(tmp_path / "one.osm", _NODES.replace("127.001", "127") + _WAY))
    assert (drawn.walk_s > 0).all()
    assert float(np.max(drawn.walk_s)) < 0.01
