"""A small map (SVG): streets, cameras with what they see, and the ways of one who passed many."""

import numpy as np

from deploy.sim.city.streets import Floats
from deploy.sim.city.world import City

_WIDTH = 900
_EDGE = 12.0
_DRIVEN = "#b9c0c8"
_WALKED = "#e3e6ea"
_HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"
 width="{width}" height="{height}">
<style>path {{ fill: none }} circle {{ stroke: #1f6feb; fill: #1f6feb33 }}
.off {{ stroke: #999; fill: none; stroke-dasharray: 2 }}</style>
<rect width="100%" height="100%" fill="#fff"/>"""


def draw(city: City) -> str:
    """The map as SVG text."""
    streets, cameras = city.streets, city.cameras
    low, high = streets.xy.min(axis=0), streets.xy.max(axis=0)
    scale = (_WIDTH - 2 * _EDGE) / float((high - low)[0])
    height = round(float((high - low)[1]) * scale + 2 * _EDGE)

    def place(xy: Floats) -> Floats:
        return np.asarray((xy - [low[0], high[1]]) * [scale, -scale] + _EDGE)

    roads: dict[str, list[str]] = {_WALKED: [], _DRIVEN: []}
    for ends, seconds in zip(place(streets.xy[streets.ends]), streets.drive_s, strict=True):
        (x0, y0), (x1, y1) = ends.round(1).tolist()
        roads[_DRIVEN if np.isfinite(seconds) else _WALKED].append(f"M{x0} {y0}L{x1} {y1}")
    views = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{max(3.0, reach * scale):.1f}" '
        f'class="{"on" if on else "off"}"/>'
        for (x, y), reach, on in zip(place(cameras.xy), cameras.reach_m, cameras.on, strict=True)
    ]
    ways = [
        _line(place(streets.xy[trip.nodes]))
        for trip in city.population.trips
        if trip.actor == _much_seen(city)
    ]
    paths = [f'<path stroke="{colour}" d="{"".join(d)}"/>' for colour, d in roads.items()]
    paths += [f'<path stroke="#d1242f" stroke-width="2" d="{way}"/>' for way in ways]
    return "\n".join([_HEAD.format(width=_WIDTH, height=height), *paths, *views, "</svg>"])


def _line(points: Floats) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _much_seen(city: City) -> int:
    """The one on foot whom most cameras saw."""
    found = city.sightings
    return int(np.bincount(found.actor[~found.vehicle]).argmax())
