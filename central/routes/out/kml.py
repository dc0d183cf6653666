"""A route as KML 2.2: stops as points, legs as lines in the colour of their type."""

from typing import Any
from xml.etree.ElementTree import Element

from central.routes.model import Leg, Route, Stop
from central.routes.out.xml import add, document
from central.routes.verdicts import LegType
from central.values import iso

MEDIA_TYPE = "application/vnd.google-earth.kml+xml"

_SCHEMA = "http://www.opengis.net/kml/2.2"
# Alpha, blue, green, red; the same colours as in the report.
_COLOURS = {
    LegType.OBSERVED: "ff3d8b1b",
    LegType.UNOBSERVED: "ffb5631f",
    LegType.COVERAGE_GAP: "ff007ec9",
    LegType.CONTRADICTION: "ff2a1fb5",
}
_WIDTH = "4"


def kml(route: Route) -> bytes:
    """The document. A contradiction has a name and its reason, and no geometry."""
    root = Element("kml", {"xmlns": _SCHEMA})
    whole = add(root, "Document")
    add(whole, "name", route.name or str(route.id))
    for kind, colour in _COLOURS.items():
        style = add(add(whole, "Style", id=kind.value), "LineStyle")
        add(style, "color", colour)
        add(style, "width", _WIDTH)
    stops = add(whole, "Folder")
    add(stops, "name", "stops")
    for stop in route.stops:
        _stop(stops, stop)
    legs = add(whole, "Folder")
    add(legs, "name", "legs")
    for leg in route.legs:
        _leg(legs, leg, (route.stops[leg.from_ - 1], route.stops[leg.to - 1]))
    return document(root)


def _stop(folder: Element, stop: Stop) -> None:
    mark = add(folder, "Placemark")
    add(mark, "name", f"{stop.number} {stop.camera_name}")
    add(mark, "description", f"sighting {stop.sighting_id}")
    _span(mark, iso(stop.arrived), iso(stop.left))
    if stop.place is not None:
        coordinates = f"{stop.place.lon!r},{stop.place.lat!r}"
        add(add(mark, "Point"), "coordinates", coordinates)


def _leg(folder: Element, leg: Leg, ends: tuple[Stop, Stop]) -> None:
    mark = add(folder, "Placemark")
    add(mark, "name", f"{leg.from_} to {leg.to}: {leg.type}")
    add(mark, "description", leg.reason)
    if leg.overlap_s == 0:
        _span(mark, iso(ends[0].left), iso(ends[1].arrived))
    add(mark, "styleUrl", f"#{leg.type.value}")
    if leg.geometry is not None:
        _geometry(mark, leg.geometry)


def _span(mark: Element, begin: str, end: str) -> None:
    span = add(mark, "TimeSpan")
    add(span, "begin", begin)
    add(span, "end", end)


def _geometry(mark: Element, geometry: dict[str, Any]) -> None:
    """A GeoJSON LineString, or a MultiLineString as several in one."""
    if geometry["type"] == "LineString":
        _line(mark, geometry["coordinates"])
    else:
        parts = add(mark, "MultiGeometry")
        for coordinates in geometry["coordinates"]:
            _line(parts, coordinates)


def _line(parent: Element, coordinates: list[list[float]]) -> None:
    line = add(parent, "LineString")
    add(line, "tessellate", "1")
    add(line, "coordinates", " ".join(f"{lon!r},{lat!r}" for lon, lat in coordinates))
