"""A route as OGC Moving Features JSON (OGC 19-045r3): a moving point for each travelled piece."""

from typing import Any

from central.routes.model import Route
from central.routes.out.moments import moment
from central.routes.pieces import Piece, pieces

MEDIA_TYPE = "application/geo+json"

_CRS = {
    "type": "Name",
    "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"},
}
_TRS = {
    "type": "Name",
    "properties": {"name": "urn:ogc:data:time:iso8601"},
}


def moving_features(route: Route) -> dict[str, Any]:
    """The trajectory, in as many features as there are pieces: a contradiction ends one.

    What is one place at one moment does not move, and is in none.
    """
    found = [each for each in pieces(route.stops, route.legs) if len(each.points) > 1]
    return {
        "type": "FeatureCollection",
        "crs": _CRS,
        "trs": _TRS,
        "properties": {"name": route.name, "route": str(route.id), "version": route.version},
        "features": [_feature(route, number, each) for number, each in enumerate(found, start=1)],
    }


def _feature(route: Route, number: int, piece: Piece) -> dict[str, Any]:
    moments = [moment(point.second) for point in piece.points]
    places = [[point.lon, point.lat] for point in piece.points]
    return {
        "type": "Feature",
        "id": f"{route.id}/{route.version}/{number}",
        "properties": {
            "piece": number,
            "from_stop": piece.from_stop,
            "to_stop": piece.to_stop,
        },
        "time": [moments[0], moments[-1]],
        "temporalGeometry": {
            "type": "MovingPoint",
            "datetimes": moments,
            "coordinates": places,
            "interpolation": "Linear",
        },
    }
