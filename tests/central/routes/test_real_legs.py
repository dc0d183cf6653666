"""A leg of each type on real streets: Mallijaeyet-gil in Seoul, as OpenStreetMap has it.

Distances are checked against the file's own nodes, from one to the next by the haversine.
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from xml.etree import ElementTree as ET

import pytest

from central.index.flat.index import FlatIndex
from central.index.standing import StandingIndex
from deploy.local.stack import LocalStack
from shared.classes import ObjectClass
from tests.central.asking import Centre, open_centre
from tests.central.roads.town import bring
from tests.central.routes.scenes import build, codes

# Two ways of one street (만리재옛길), the one behind the other.
LOWER, UPPER = "224260193", "515561249"
# Its crossings on the way up, as the file numbers them; one of LOWER, the others of UPPER.
CROSSINGS = {
    "bottom": "8385812745",
    "second": "2330782481",
    "third": "2330782485",
    "fourth": "3352620591",
    "top": "2330782495",
}
FAR_M = 40.0
VIEW_M = 50.0
WALK_M_S = 1.34
# A tertiary street with no `maxspeed`.
DRIVE_M_S = 40 / 3.6

Place = tuple[float, float]


class Street:
    """The street's nodes in order, as the file has them: longitude and latitude in degrees."""

    def __init__(self, path: Path) -> None:
        root = ET.parse(path).getroot()  # noqa: S314 - a map that was chosen for tests
        ways = {each.get("id"): each for each in root.iter("way")}
        lower, upper = ([nd.attrib["ref"] for nd in ways[way].iter("nd")] for way in (LOWER, UPPER))
        assert lower[-1] == upper[0]
        self._order = [*lower, *upper[1:]]
        self._places: dict[str, Place] = {
            each.attrib["id"]: (float(each.attrib["lon"]), float(each.attrib["lat"]))
            for each in root.iter("node")
            if each.attrib["id"] in set(self._order)
        }

    def place(self, name: str) -> Place:
        return self._places[CROSSINGS[name]]

    def line(self, start: str, end: str) -> list[Place]:
        """The nodes from one crossing up to another."""
        first, last = (self._order.index(CROSSINGS[name]) for name in (start, end))
        return [self._places[each] for each in self._order[first : last + 1]]

    def metres(self, start: str, end: str) -> float:
        """From node to node of the file."""
        return sum(haversine_m(a, b) for a, b in pairwise(self.line(start, end)))


def haversine_m(a: Place, b: Place) -> float:
    (a_lon, a_lat), (b_lon, b_lat) = a, b
    north, south = math.radians(a_lat), math.radians(b_lat)
    half = math.sin((south - north) / 2) ** 2
    half += math.cos(north) * math.cos(south) * math.sin(math.radians(b_lon - a_lon) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


@pytest.fixture(scope="module")
def street(shared_data: Path) -> Street:
    return Street(shared_data / "geo/seoul_mapo_manri.osm")


@pytest.fixture(scope="module")
def seoul(
    shared_data: Path,
    street: Street,
    stack: LocalStack,
    central_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Centre]:
    """One import for all; a camera that looks 40 m all around at each of the crossings."""
    name, folder = f"central_{uuid4().hex}", tmp_path_factory.mktemp("seoul")
    url = stack.database.create(name, template=central_template)
    index = StandingIndex(lambda: FlatIndex(folder / "index"))
    with open_centre(url, index, folder) as centre:
        bring(centre.engine, shared_data / "geo/seoul_mapo_manri.osm")
        for crossing in CROSSINGS:
            lon, lat = street.place(crossing)
            camera = {
                "id": crossing,
                "name": crossing,
                "position": {"lon": lon, "lat": lat},
                "view": {"fov_deg": 360, "far_m": FAR_M},
            }
            centre.post("/cameras", camera, 201)
        yield centre
    index.close()
    stack.database.drop(name)


def only_leg(centre: Centre, start: UUID, end: UUID) -> dict[str, Any]:
    route = build(centre, start, end)
    assert route["network"].startswith("seoul_mapo_manri.osm")
    (leg,) = route["legs"]
    found: dict[str, Any] = leg
    return found


def assert_along(leg: dict[str, Any], nodes: list[Place]) -> None:
    """Its geometry is the street's, from the first to the last of `nodes`."""
    # Streets are kept to a ten millionth of a degree, as the file has them.
    assert leg["geometry"]["coordinates"] == [pytest.approx(each, abs=2e-7) for each in nodes]


def test_observed_from_one_crossing_to_the_next_whose_views_nearly_meet(
    seoul: Centre, street: Street
) -> None:
    metres = street.metres("third", "fourth")
    leg = only_leg(seoul, seoul.sighting("third", 0), seoul.sighting("fourth", 65))
    assert (leg["type"], codes(leg), leg["mode"]) == ("OBSERVED", ["adjacent"], "walk")
    assert leg["distance_m"] == pytest.approx(metres, rel=0.005)
    assert leg["reasons"][0]["figures"]["apart"] == pytest.approx(metres - 2 * FAR_M, abs=0.5)
    assert leg["usual_s"] == pytest.approx(metres / WALK_M_S, rel=0.005)
    assert_along(leg, street.line("third", "fourth"))


def test_coverage_gap_over_two_ways_of_the_file_that_nobody_looks_at(
    seoul: Centre, street: Street
) -> None:
    metres = street.metres("bottom", "second")
    leg = only_leg(seoul, seoul.sighting("bottom", 0), seoul.sighting("second", 215))
    assert (leg["type"], codes(leg)[0]) == ("COVERAGE_GAP", "gap")
    assert leg["distance_m"] == pytest.approx(metres, rel=0.005)
    # The street bends: of 40 m around a camera some more lie along it.
    assert leg["reasons"][0]["figures"]["unseen"] == pytest.approx(metres - 2 * FAR_M, abs=2)
    assert_along(leg, street.line("bottom", "second"))


def test_unobserved_past_the_camera_at_the_crossing_between(seoul: Centre, street: Street) -> None:
    metres = street.metres("second", "fourth")
    # At twice the pace, from view to view: 59 s. Around by other streets that is not enough.
    leg = only_leg(seoul, seoul.sighting("second", 0), seoul.sighting("fourth", 65))
    assert (leg["type"], codes(leg)[0]) == ("UNOBSERVED", "passed")
    assert leg["ask_again"] == ["third"]
    assert leg["distance_m"] == pytest.approx(metres, rel=0.005)
    assert leg["reasons"][0]["figures"]["unseen"] == pytest.approx(metres - 4 * FAR_M, abs=1)
    assert_along(leg, street.line("second", "fourth"))


def test_contradiction_that_a_car_is_up_the_street_in_ten_seconds(
    seoul: Centre, street: Street
) -> None:
    metres = street.metres("bottom", "top")
    straight = haversine_m(street.place("bottom"), street.place("top"))
    vehicle: dict[str, Any] = {"object_class": ObjectClass.VEHICLE}
    start = seoul.sighting("bottom", 0, **vehicle)
    leg = only_leg(seoul, start, seoul.sighting("top", 15, **vehicle))
    assert (leg["type"], codes(leg)) == ("CONTRADICTION", ["too_fast"])
    assert (leg["geometry"], leg["ways"]) == (None, [])
    assert leg["straight_m"] == pytest.approx(straight, rel=0.005)
    # At twice the usual speed, without the part that lies in the two views: 50 m at the least.
    between = (straight - 2 * VIEW_M) / straight
    assert leg["needed_s"] == pytest.approx(metres / DRIVE_M_S / 2 * between, rel=0.005)
    later = only_leg(seoul, start, seoul.sighting("top", 75, **vehicle))
    assert later["type"] != "CONTRADICTION"
    fastest = min(later["ways"], key=lambda way: float(way["seconds"]))
    assert fastest["distance_m"] == pytest.approx(metres, rel=0.005)
    assert fastest["passes"] == ["second", "third", "fourth"]
