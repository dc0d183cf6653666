"""A route as files, read by those who had no part in writing them."""

import json
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from structlog.testing import capture_logs

from central.routes.out.report.picture import STYLES
from central.routes.verdicts import LegType
from tests.central.asking import Centre
from tests.central.routes.scenes import build, stand

PURPOSE = "missing child, report 7"
SEARCHED = "red <jacket>, 4 cameras around the station; 4 confirmed"
NAME = '<b>"테스트" & 중 ]]></b>'
_GPX = "{http://www.topografix.com/GPX/1/1}"
_KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture
def route(town: Centre) -> tuple[Centre, dict[str, Any]]:
    """A, B and C on foot, and G where nobody can be by then: two pieces."""
    stand(town, "ABCG")
    times = {"A": 0, "B": 88, "C": 400, "G": 405.5}
    seen = [town.sighting(name, at) for name, at in times.items()]
    return town, build(town, *seen, name=NAME, purpose=PURPOSE, searched=SEARCHED)


def read(centre: Centre, route: dict[str, Any], kind: str) -> bytes:
    answer = centre.client.get(f"/api/v1/routes/{route['id']}{kind}")
    assert answer.status_code == 200, answer.text
    return answer.content


def test_the_types_of_the_files_are_those_that_are_registered(
    route: tuple[Centre, dict[str, Any]],
) -> None:
    centre, made = route
    assert [leg["type"] for leg in made["legs"]] == ["OBSERVED", "COVERAGE_GAP", "CONTRADICTION"]
    kinds = {
        ".geojson": "application/geo+json",
        ".mf.json": "application/geo+json",
        ".gpx": "application/gpx+xml",
        ".kml": "application/vnd.google-earth.kml+xml",
        "/report": "text/html; charset=utf-8",
    }
    for path, expected in kinds.items():
        answer = centre.client.get(f"/api/v1/routes/{made['id']}{path}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, expected)
        missing = centre.client.get(f"/api/v1/routes/{made['id'][:-4]}0000{path}")
        assert missing.status_code == 404


def test_gpx_has_a_waypoint_a_stop_and_a_segment_a_piece(
    route: tuple[Centre, dict[str, Any]],
) -> None:
    centre, made = route
    root = ET.fromstring(read(centre, made, ".gpx"))  # noqa: S314 - our own
    assert root.findtext(f"{_GPX}metadata/{_GPX}name") == NAME
    assert len(root.findall(f"{_GPX}wpt")) == 4
    segments = root.findall(f"{_GPX}trk/{_GPX}trkseg")
    places = [
        [float(point.attrib["lon"]) for point in segment.findall(f"{_GPX}trkpt")]
        for segment in segments
    ]
    # Nothing leads from C to G.
    assert [max(lons) for lons in places] == pytest.approx([127.002, 127.004], abs=1e-6)
    assert min(places[1]) == pytest.approx(127.004, abs=1e-6)
    assert "CONTRADICTION (not drawn)" in (root.findtext(f"{_GPX}trk/{_GPX}desc") or "")


def test_kml_colours_legs_by_type_and_draws_no_contradiction(
    route: tuple[Centre, dict[str, Any]],
) -> None:
    centre, made = route
    root = ET.fromstring(read(centre, made, ".kml"))  # noqa: S314 - our own
    legs = root.findall(f".//{_KML}Folder")[1].findall(f"{_KML}Placemark")
    assert [leg.findtext(f"{_KML}styleUrl") for leg in legs] == [
        "#OBSERVED",
        "#COVERAGE_GAP",
        "#CONTRADICTION",
    ]
    assert [leg.find(f"{_KML}LineString") is not None for leg in legs] == [True, True, False]
    assert len(root.findall(f"{_KML}Document/{_KML}Style")) == 4


def test_moving_features_are_pieces_whose_times_rise(
    route: tuple[Centre, dict[str, Any]],
) -> None:
    centre, made = route
    found = json.loads(read(centre, made, ".mf.json"))
    stops = [
        (each["properties"]["from_stop"], each["properties"]["to_stop"])
        for each in found["features"]
    ]
    assert stops == [(1, 3), (4, 4)]
    for feature in found["features"]:
        geometry = feature["temporalGeometry"]
        moments = [datetime.fromisoformat(each) for each in geometry["datetimes"]]
        assert len(moments) == len(geometry["coordinates"])
        assert moments == sorted(set(moments))


def test_a_gpx_library_reads_what_was_written(route: tuple[Centre, dict[str, Any]]) -> None:
    gpxpy = pytest.importorskip("gpxpy")
    centre, made = route
    found = gpxpy.parse(read(centre, made, ".gpx").decode())
    assert (found.version, len(found.waypoints), found.tracks[0].name) == ("1.1", 4, NAME)
    first, second = found.tracks[0].segments
    drawn = made["legs"][0]["distance_m"] + made["legs"][1]["distance_m"]
    assert first.length_2d() == pytest.approx(drawn, rel=0.01)
    assert second.length_2d() == 0
    assert first.points[0].time.isoformat() == "2026-07-20T12:00:00+00:00"


@pytest.mark.parametrize(
    ("kind", "layers"),
    [
        (".gpx", {"waypoints": 4, "tracks": 1, "track_points": None}),
        (".kml", {"stops": 4, "legs": 3}),
        (".geojson", {None: 7}),
    ],
)
def test_gdal_reads_what_was_written(
    route: tuple[Centre, dict[str, Any]], tmp_path: Path, kind: str, layers: dict[Any, int | None]
) -> None:
    pyogrio = pytest.importorskip("pyogrio")
    centre, made = route
    file = tmp_path / f"route{kind}"
    file.write_bytes(read(centre, made, kind))
    for layer, expected in layers.items():
        told = pyogrio.read_info(file, layer=layer, force_feature_count=True)
        assert told["features"] == expected or expected is None, (kind, layer)
        assert told["features"] > 0


def test_movingpandas_reads_the_pieces_as_trajectories(
    route: tuple[Centre, dict[str, Any]], tmp_path: Path
) -> None:
    pytest.importorskip("geopandas")
    centre, made = route
    with warnings.catch_warnings():
        # Of its own use of pandas.
        warnings.simplefilter("ignore")
        movingpandas = pytest.importorskip("movingpandas")
        file = tmp_path / "route.mf.json"
        file.write_bytes(read(centre, made, ".mf.json"))
        found = movingpandas.read_mf_json(file, traj_id_property="piece")
        lengths = [each.get_length() for each in found.trajectories]
        begun = found.trajectories[0].get_start_time()
    drawn = made["legs"][0]["distance_m"] + made["legs"][1]["distance_m"]
    assert lengths == [pytest.approx(drawn, rel=0.01), 0]
    assert str(begun).startswith("2026-07-20 12:00:00")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_report_is_one_page_that_needs_nothing_else(
    route: tuple[Centre, dict[str, Any]], lang: str
) -> None:
    centre, made = route
    answer = centre.client.get(f"/api/v1/routes/{made['id']}/report", params={"lang": lang})
    page = answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "&lt;b&gt;&quot;테스트&quot; &amp; 중" in page
    assert '<b>"테스트' not in page
    for word in ("http:", "https:", "<script", "<link", "url("):
        assert word not in page
    assert page.count("data:image/webp;base64,") == 4
    how = "수색 경위" if lang == "ko" else "How it was searched"
    section = page.split(f"<h2>{how}</h2>")[1]
    assert "red &lt;jacket&gt;, 4 cameras around the station; 4 confirmed" in section
    assert PURPOSE in section
    map_at = page.index("<svg", page.index("<figure>"))
    picture = page[map_at : page.index("</svg>", map_at)]
    for number in "1234":
        assert f">{number}</text>" in picture
    # Two legs that were travelled, and a cross on the one that was not.
    for kind in ("OBSERVED", "COVERAGE_GAP", "CONTRADICTION"):
        assert picture.count(STYLES[LegType(kind)]) == 1
    assert ("불가능" if lang == "ko" else "too fast") in page
    assert ('lang="ko"' in page) is (lang == "ko")


def test_the_report_says_of_a_picture_that_is_gone_that_it_is(centre: Centre) -> None:
    centre.camera("loose")
    made = build(centre, centre.sighting("loose"))
    with centre.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM sightings")
    page = read(centre, made, "/report").decode()
    assert "expired: picture and vector are gone" in page
    assert "No stop has a place on the map." in page
    empty = json.loads(read(centre, made, ".mf.json"))
    assert empty["features"] == []
    for kind in (".gpx", ".kml"):
        ET.fromstring(read(centre, made, kind))  # noqa: S314 - our own


def test_who_takes_a_file_is_written_to_the_log(route: tuple[Centre, dict[str, Any]]) -> None:
    centre, made = route
    why = {"purpose": "handed to the police"}
    with capture_logs() as lines:
        answer = centre.client.get(f"/api/v1/routes/{made['id']}.gpx", params=why)
    assert answer.status_code == 200
    (line,) = [line for line in lines if line["event"] == "route exported"]
    assert (line["route"], line["kind"], line["version"]) == (made["id"], "gpx", 1)
    assert line["purpose"] == why["purpose"]
    assert centre.get(f"/routes/{made['id']}/report", 422, lang="fr")["status"] == 422
