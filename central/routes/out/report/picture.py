"""The map of a report as SVG. No input or output here, and nothing is loaded from anywhere."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from html import escape
from math import cos, radians
from typing import Any, NamedTuple

from central.routes.model import Leg, Route
from central.routes.out.report.ground import Box, Ground, Line
from central.routes.verdicts import LegType
from central.values import LonLat

WIDTH, HEIGHT = 720, 470
_PADDING = 0.12
_LEAST_M = 150.0
_DEGREE_M = 111_320.0
_BARS_M = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
_KILOMETRE = 1_000
_BAR_SHARE = 0.25

# Told apart without colours too: whole, dashed, dotted.
STYLES = {
    LegType.OBSERVED: 'stroke="#1b8b3d" stroke-width="3.5"',
    LegType.UNOBSERVED: 'stroke="#1f63b5" stroke-width="3" stroke-dasharray="9 5"',
    LegType.COVERAGE_GAP: 'stroke="#c97e00" stroke-width="3.5" stroke-dasharray="1 6"',
    LegType.CONTRADICTION: 'stroke="#b51f2a" stroke-width="1.2" stroke-dasharray="3 4"',
}


class _Sheet(NamedTuple):
    """From degrees to the picture: x to the right, y down."""

    box: Box
    scale: float
    narrow: float

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is drawn, within the sheet's middle."""
        metres = (lon - (self.box.west + self.box.east) / 2) * _DEGREE_M * self.narrow
        up = (lat - (self.box.south + self.box.north) / 2) * _DEGREE_M
        return WIDTH / 2 + metres * self.scale, HEIGHT / 2 - up * self.scale

    def path(self, line: Sequence[Sequence[float]]) -> str:
        """A line as an SVG path."""
        places = (self.at(lon, lat) for lon, lat in line)
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places)


_HALF_TURN = 180.0


def bounds(route: Route) -> Box | None:
    """What the map is to show, as wide and high as the sheet; None where nothing has a place.

    A route over the date line is not drawn: its two sides would lie at the sheet's two ends.
    """
    places = list(_places(route))
    if not places:
        return None
    lons, lats = [lon for lon, _ in places], [lat for _, lat in places]
    if max(lons) - min(lons) > _HALF_TURN:
        return None
    lon, lat = (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
    narrow = max(cos(radians(lat)), 0.01)
    wide = max((max(lons) - min(lons)) * _DEGREE_M * narrow * (1 + 2 * _PADDING), _LEAST_M)
    high = max((max(lats) - min(lats)) * _DEGREE_M * (1 + 2 * _PADDING), _LEAST_M)
    wide, high = max(wide, high * WIDTH / HEIGHT), max(high, wide * HEIGHT / WIDTH)
    half_lon, half_lat = wide / 2 / _DEGREE_M / narrow, high / 2 / _DEGREE_M
    south, north = max(lat - half_lat, -90.0), min(lat + half_lat, 90.0)
    return Box(max(lon - half_lon, -180.0), south, min(lon + half_lon, 180.0), north)


def svg(route: Route, ground: Ground, box: Box, name: str) -> str:
    """The map; `name` is read out in place of the picture."""
    narrow = max(cos(radians((box.south + box.north) / 2)), 0.01)
    scale = HEIGHT / ((box.north - box.south) * _DEGREE_M)
    sheet = _Sheet(box, scale, narrow)
    parts = [
        *_streets(sheet, ground),
        *_cameras(sheet, ground),
        *(drawn for leg in route.legs for drawn in _leg(sheet, route, leg)),
        *_stops(sheet, route),
        *_bar(scale),
        _north(),
    ]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(name)}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#f7f6f3"/>{"".join(parts)}'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/></svg>'
    )


def _places(route: Route) -> Iterator[tuple[float, float]]:
    for stop in route.stops:
        if stop.place is not None:
            yield stop.place.lon, stop.place.lat
    for leg in route.legs:
        for line in _lines(leg.geometry):
            yield from ((lon, lat) for lon, lat in line)


def _lines(geometry: dict[str, Any] | None) -> list[Line]:
    if geometry is None:
        return []
    lines = geometry["coordinates"]
    return [lines] if geometry["type"] == "LineString" else lines


def _streets(sheet: _Sheet, ground: Ground) -> Iterator[str]:
    for main, width, colour in ((False, 1.2, "#dedad2"), (True, 3.0, "#d3cec3")):
        lines = [sheet.path(street.line) for street in ground.streets if street.main is main]
        yield (
            f'<path d="{"".join(lines)}" fill="none" stroke="{colour}" stroke-width="{width}" '
            'stroke-linecap="round"/>'
        )


def _cameras(sheet: _Sheet, ground: Ground) -> Iterator[str]:
    for camera in ground.cameras:
        if camera.coverage is not None:
            ring = sheet.path(camera.coverage)
            look = 'fill="#5b7fa6" fill-opacity=".16" stroke="#5b7fa6" stroke-width=".5"'
            yield f'<path d="{ring}Z" {look}/>'
        x, y = sheet.at(camera.place.lon, camera.place.lat)
        yield f'<path d="M{x:.1f} {y - 3.5:.1f}l3 6h-6z" fill="#5b7fa6"/>'


def _leg(sheet: _Sheet, route: Route, leg: Leg) -> Iterator[str]:
    """The way, or for a contradiction the two stops joined by what cannot be, crossed out."""
    if leg.type is LegType.CONTRADICTION:
        yield from _crossed_out(
            sheet, route.stops[leg.from_ - 1].went, route.stops[leg.to - 1].came
        )
    for line in _lines(leg.geometry):
        yield (
            f'<path d="{sheet.path(line)}" fill="none" {STYLES[leg.type]} '
            'stroke-linecap="round" stroke-linejoin="round"/>'
        )


def _crossed_out(sheet: _Sheet, start: LonLat | None, end: LonLat | None) -> Iterator[str]:
    if start is None or end is None:
        return
    (x, y), (u, v) = sheet.at(start.lon, start.lat), sheet.at(end.lon, end.lat)
    yield f'<path d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" {STYLES[LegType.CONTRADICTION]}/>'
    yield (
        f'<path d="M{(x + u) / 2 - 6:.1f} {(y + v) / 2 - 6:.1f}l12 12m0-12l-12 12" '
        'stroke="#b51f2a" stroke-width="2.5"/>'
    )


def _stops(sheet: _Sheet, route: Route) -> Iterator[str]:
    """A disc with its number; one disc for those at one place."""
    numbers: dict[tuple[float, float], list[int]] = defaultdict(list)
    for stop in route.stops:
        if stop.place is not None:
            numbers[(stop.place.lon, stop.place.lat)].append(stop.number)
    for (lon, lat), here in numbers.items():
        x, y = sheet.at(lon, lat)
        told = ",".join(map(str, here[:3])) + ("…" if len(here) > 3 else "")  # noqa: PLR2004
        half = 9 + 3 * (len(told) - 1)
        yield (
            f'<rect x="{x - half:.1f}" y="{y - 9:.1f}" width="{2 * half}" height="18" rx="9" '
            f'fill="#fff" stroke="#111" stroke-width="1.5"/><text x="{x:.1f}" y="{y + 4:.1f}" '
            f'text-anchor="middle" font-size="11" font-weight="700">{told}</text>'
        )


def _bar(scale: float) -> Iterator[str]:
    metres = max((each for each in _BARS_M if each * scale <= WIDTH * _BAR_SHARE), default=1)
    told = f"{metres} m" if metres < _KILOMETRE else f"{metres // _KILOMETRE} km"
    wide = metres * scale
    yield (
        f'<rect x="8" y="{HEIGHT - 32}" width="{wide + 16:.1f}" height="26" fill="#fff" '
        f'fill-opacity=".85"/><path d="M16 {HEIGHT - 16}v6h{wide:.1f}v-6" fill="none" '
        f'stroke="#111" stroke-width="1.5"/><text x="{16 + wide / 2:.1f}" y="{HEIGHT - 19}" '
        f'text-anchor="middle" font-size="10">{told}</text>'
    )


def _north() -> str:
    x = WIDTH - 24
    return (
        f'<path d="M{x} 12l7 20l-7-5l-7 5z" fill="#111"/><text x="{x}" y="44" text-anchor="middle" '
        'font-size="11" font-weight="700">N</text>'
    )
