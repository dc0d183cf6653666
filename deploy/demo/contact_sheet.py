"""`contact-sheet.png`: the query, the candidates by rank, and the route, on one page to look at."""

import io
import textwrap
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import cos, radians
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

from deploy.demo.centre import Candidate, Sighting
from deploy.demo.follow import Place
from deploy.demo.summary import Outcome

WIDTH = 1600
MARGIN = 40
_TILE = (132, 264)
_STEP = (152, 350)
_COLUMNS = 8
_QUERY_WIDTH = 230
_REACH_LETTERS = 25
_MAP_HEIGHT = 360
_MAP_INSET = 120

PAPER, INK, FAINT, _LINE = "#f6f5f1", "#1d2329", "#7a828a", "#c9ccd0"
_CONFIRMED, _QUERY = "#0b7a4b", "#b4530a"

Crop = Callable[[Sighting], bytes]


class ContactSheet:
    """Draws an outcome whose crossing was found.

    Args:
        outcome: what the demo came to.
        places: longitude and latitude of each camera.
        crop: the WebP picture of a sighting.
    """

    def __init__(self, outcome: Outcome, places: Mapping[str, Place], crop: Crop) -> None:
        self._outcome, self._places, self._crop = outcome, places, crop
        if outcome.crossing is None:
            raise ValueError("there is no crossing to draw")
        self._crossing = outcome.crossing
        self._numbers = {stop.id: i + 1 for i, stop in enumerate(self._crossing.stops)}
        self._names = {
            camera.properties.id: camera.properties.name for camera in outcome.show.scene.features
        }
        self._shown = self._crossing.candidates[: 2 * _COLUMNS]
        rows = -(-len(self._shown) // _COLUMNS)
        self._map_top = 120 + max(2, rows) * _STEP[1]
        self._page = Image.new("RGB", (WIDTH, self._map_top + _MAP_HEIGHT + MARGIN), PAPER)
        self._pen = ImageDraw.Draw(self._page)

    def draw(self) -> Image.Image:
        """The page, 1600 pixels wide."""
        self._text((MARGIN, 28), f"Dongseon: {self._outcome.show.scene.title or 'a route'}", 26)
        self._text((MARGIN, 72), "QUERY", 15, _QUERY)
        self._tile((MARGIN, 100), self._crossing.query, _QUERY)
        left = MARGIN + _QUERY_WIDTH
        self._text((left, 72), "CANDIDATES BY RANK (framed: confirmed as a stop)", 15, FAINT)
        for i, candidate in enumerate(self._shown):
            row, column = divmod(i, _COLUMNS)
            self._candidate((left + column * _STEP[0], 100 + row * _STEP[1]), candidate)
        self._route()
        return self._page

    def _candidate(self, at: tuple[int, int], candidate: Candidate) -> None:
        stop = candidate.sighting.id in self._numbers
        first, *others = below(candidate)
        self._tile(at, candidate.sighting, _CONFIRMED if stop else None, first)
        for i, line in enumerate(others):
            self._text((at[0], at[1] + _TILE[1] + 46 + 13 * i), line, 11, FAINT)

    def _tile(
        self, at: tuple[int, int], sighting: Sighting, frame: str | None, under: str = ""
    ) -> None:
        picture = open_crop(self._crop(sighting), _TILE)
        self._page.paste(picture, at)
        if frame:
            right, bottom = at[0] + picture.width, at[1] + picture.height
            self._pen.rectangle(
                (at[0] - 4, at[1] - 4, right + 3, bottom + 3), outline=frame, width=4
            )
            self._badge((at[0] + 12, at[1] + 12), self._numbers[sighting.id], frame)
        where = self._names.get(sighting.camera, sighting.camera)
        seconds = self._outcome.seconds(sighting.shot)
        self._text((at[0], at[1] + _TILE[1] + 8), f"{where}  {seconds:.1f} s", 15)
        self._text((at[0], at[1] + _TILE[1] + 27), under, 14, FAINT)

    def _route(self) -> None:
        self._text((MARGIN, self._map_top), "ROUTE", 15, _CONFIRMED)
        at = self._projection()
        stops = self._crossing.stops
        path = [at(self._places[stop.camera]) for stop in stops]
        self._pen.line(path, fill=_CONFIRMED, width=5)
        for camera, place in self._places.items():
            x, y = at(place)
            self._pen.ellipse((x - 7, y - 7, x + 7, y + 7), fill=PAPER, outline=FAINT, width=3)
            self._text((x - 20, y + 30), self._names[camera], 16, FAINT)
        passes = Counter[str]()
        for stop, (x, y) in zip(stops, path, strict=True):
            self._badge((x + 34 * passes[stop.camera], y), self._numbers[stop.id], _CONFIRMED)
            passes[stop.camera] += 1
        for i, line in enumerate(self._legs()):
            self._text((MARGIN, self._map_top + 28 + 24 * i), line, 16)

    def _legs(self) -> list[str]:
        stops = self._crossing.stops
        legs = (self._outcome.route or {"legs": []})["legs"]
        return [
            f"{i + 1} {self._names[a.camera]} to {i + 2} {self._names[b.camera]}: {leg_text(leg)}"
            for i, (a, b, leg) in enumerate(zip(stops, stops[1:], legs, strict=False))
        ]

    def _projection(self) -> Callable[[Place], tuple[float, float]]:
        """Places to pixels, to scale: a degree of longitude shrinks with the latitude."""
        shrink = cos(radians(next(iter(self._places.values()))[1]))
        xs = [place[0] * shrink for place in self._places.values()]
        ys = [place[1] for place in self._places.values()]
        scale = min(_ratio(WIDTH - 2 * _MAP_INSET, xs), _ratio(_MAP_HEIGHT - 160, ys))
        middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        centre = (WIDTH / 2, self._map_top + _MAP_HEIGHT / 2)

        def at(place: Place) -> tuple[float, float]:
            x, y = place[0] * shrink - middle[0], place[1] - middle[1]
            return (centre[0] + x * scale, centre[1] - y * scale)

        return at

    def _badge(self, at: tuple[float, float], number: int, colour: str) -> None:
        x, y = at
        self._pen.ellipse((x - 15, y - 15, x + 15, y + 15), fill=colour)
        self._pen.text((x, y), str(number), "white", ImageFont.load_default(18), anchor="mm")

    def _text(self, at: tuple[float, float], text: str, size: int, colour: str = INK) -> None:
        self._pen.text(at, text, colour, ImageFont.load_default(size))


def below(candidate: Candidate) -> list[str]:
    """The lines under a candidate's picture: rank and band, then how someone comes there."""
    reach = "" if candidate.reach is None else candidate.reach.text
    return [
        f"#{candidate.rank}   {candidate.band or 'not known'}",
        *textwrap.wrap(reach, _REACH_LETTERS),
    ]


def open_crop(data: bytes, tile: tuple[int, int]) -> Image.Image:
    """The WebP picture `data` as large as fits into `tile` (width, height)."""
    with Image.open(io.BytesIO(data), formats=("WEBP",)) as picture:
        return ImageOps.contain(picture.convert("RGB"), tile)


def leg_text(leg: Mapping[str, Any]) -> str:
    """The type, the distance, the time nobody saw them, and the speed between the two pictures."""
    figures = [
        "" if leg["distance_m"] is None else f"{leg['distance_m']:.0f} m",
        "" if leg["speed_m_s"] is None else f"{leg['speed_m_s']:.1f} m/s",
        f"unseen for {leg['duration_s']:.1f} s",
    ]
    return f"{leg['type']}: {', '.join(filter(None, figures))}"


def _ratio(pixels: float, degrees: Sequence[float]) -> float:
    span = max(degrees) - min(degrees)
    return pixels / span if span > 0 else float(10**6)
