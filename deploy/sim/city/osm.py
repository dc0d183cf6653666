"""Streets of an OpenStreetMap file (.osm, .osm.pbf), read with pyosmium.

Which kinds of way are for whom follows the key `highway` of the OpenStreetMap wiki; vehicles drive
at the speed usual for the kind of street in a town, and keep to one-way streets.
"""

from itertools import pairwise
from pathlib import Path

import numpy as np
import osmium

from deploy.sim.city.streets import Edges, Streets, build
from shared.errors import ConfigError

_KMH = 1 / 3.6
_DRIVE_KMH = {
    "motorway": 80.0,
    "trunk": 60.0,
    "primary": 50.0,
    "secondary": 45.0,
    "tertiary": 40.0,
    "unclassified": 30.0,
    "residential": 25.0,
    "living_street": 15.0,
    "service": 15.0,
}
_WALK_ONLY = {"footway", "pedestrian", "path", "steps", "track", "cycleway", "corridor"}
_NO_WALKING = {"motorway", "motorway_link", "trunk_link"}
_ONE_WAY = {"yes", "true", "1"}


def read_streets(path: Path) -> Streets:
    """The streets of the file.

    Raises:
        ConfigError: no such file, not a map, or hardly a street in it.
    """
    places: dict[int, int] = {}
    degrees: list[tuple[float, float]] = []
    edges = Edges([], [], [])
    try:
        for thing in osmium.FileProcessor(str(path)).with_locations():
            if isinstance(thing, osmium.osm.Way) and "highway" in thing.tags:
                nodes = [
                    _node(node, places, degrees) for node in thing.nodes if node.location.valid()
                ]
                _add(edges, nodes, dict(thing.tags))
    except (OSError, RuntimeError) as error:
        raise ConfigError(f"{path} cannot be read as a map: {error}") from error
    return build(path.name, np.array(degrees).reshape(-1, 2), edges)


def _node(
    node: osmium.osm.NodeRef, places: dict[int, int], degrees: list[tuple[float, float]]
) -> int:
    if node.ref not in places:
        places[node.ref] = len(degrees)
        degrees.append((node.lon, node.lat))
    return places[node.ref]


def _add(edges: Edges, nodes: list[int], tags: dict[str, str]) -> None:
    kind = tags["highway"]
    speed = _DRIVE_KMH.get(kind.removesuffix("_link"), 0.0) * _KMH
    walk = kind in _WALK_ONLY or (speed > 0 and kind not in _NO_WALKING)
    if not walk and not speed:
        return
    back = tags.get("oneway") not in _ONE_WAY and kind != "motorway"
    for ends in pairwise(nodes):
        if ends[0] != ends[1]:
            edges.add(ends, walk=walk, drive_m_s=speed, back=back)
