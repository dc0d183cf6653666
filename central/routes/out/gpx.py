"""A route as GPX 1.1: stops as waypoints, a track segment for each travelled piece."""

from xml.etree.ElementTree import Element

from central.routes.model import Leg, Route, Stop
from central.routes.out.moments import moment
from central.routes.out.xml import add, document
from central.routes.pieces import Piece, pieces
from central.routes.verdicts import LegType
from central.values import LonLat, iso

MEDIA_TYPE = "application/gpx+xml"

_SCHEMA = "http://www.topografix.com/GPX/1/1"


def gpx(route: Route) -> bytes:
    """The document. What cannot have been travelled is in the track's description alone."""
    root = Element("gpx", {"version": "1.1", "creator": "Dongseon", "xmlns": _SCHEMA})
    head = add(root, "metadata")
    add(head, "name", route.name or str(route.id))
    add(head, "time", iso(route.made_at))
    for stop in route.stops:
        if stop.place is not None:
            _waypoint(root, stop, stop.place)
    track = add(root, "trk")
    add(track, "name", route.name or str(route.id))
    add(track, "desc", "\n".join(map(_said, route.legs)))
    for piece in pieces(route.stops, route.legs):
        _segment(track, piece)
    return document(root)


def _waypoint(root: Element, stop: Stop, place: LonLat) -> None:
    point = add(root, "wpt", lat=repr(place.lat), lon=repr(place.lon))
    add(point, "time", iso(stop.arrived))
    add(point, "name", f"{stop.number} {stop.camera_name}")
    add(point, "desc", f"{iso(stop.arrived)} to {iso(stop.left)}; sighting {stop.sighting_id}")


def _segment(track: Element, piece: Piece) -> None:
    segment = add(track, "trkseg")
    for point in piece.points:
        place = add(segment, "trkpt", lat=repr(point.lat), lon=repr(point.lon))
        add(place, "time", moment(point.second))


def _said(leg: Leg) -> str:
    drawn = " (not drawn)" if leg.type is LegType.CONTRADICTION else ""
    return f"{leg.from_} to {leg.to}: {leg.type}{drawn}: {leg.reason}"
