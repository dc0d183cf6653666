"""Which parts of a picture the network sees, and at what size.

A picture much taller or wider than the network's input would lose its small people. A network that
can be reshaped gets the picture's shape at the same cost (the same number of pixels); one that
cannot looks at tiles of about its own shape.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from models.catalogue import ImageInput
from models.preparation import Size
from shared.geometry import Rect
from shared.settings import Settings

_Count = Annotated[int, Field(ge=1, le=16)]


class Grid(Settings):
    """Tiles in each direction."""

    columns: _Count = 1
    rows: _Count = 1


WHOLE = Grid()
Tiles = Literal["auto", "off"] | Grid

OVERLAP = 0.25
"""Of a tile's side: a person of up to a quarter of it is whole in one tile or the other."""

_TILED_BEYOND = 1.5
"""How far the shapes of picture and input may differ before a fixed network looks at tiles."""

_RESHAPED_BEYOND = 1.2
"""The same before a network that can be is reshaped, which costs only the compiling.

Measured: a 4:3 picture squeezed into a 7:4 input loses nobody, a 4:9 one every fifth person
(docs/models.md). But boxes of squeezed people are less steady: on the whole of vtest.avi they break
tracks, and the same tracker makes 22 sightings of them instead of 18.
"""


@dataclass(frozen=True)
class View:
    """How to look at pictures of one size: the network's input size, and the tiles."""

    input: Size
    tiles: tuple[Rect, ...]


class Look(NamedTuple):
    """What the caller wants: tiles, and the input's pixels where the network can be reshaped."""

    tiles: Tiles = "auto"
    pixels: int | None = None


def view_of(picture: Size, network: ImageInput, look: Look) -> View:
    """How to look at pictures of the size `picture`."""
    native = Size(network.width, network.height)
    grid = _grid(picture, native, look.tiles, reshapes=network.multiple is not None)
    tiles = cut(picture, grid)
    near = _like(_size(tiles[0]), native, _RESHAPED_BEYOND)
    if network.multiple is None or (near and look.pixels is None):
        return View(native, tiles)
    pixels = look.pixels or native.width * native.height
    return View(_shaped(_size(tiles[0]), pixels, network.multiple), tiles)


def cut(picture: Size, grid: Grid) -> tuple[Rect, ...]:
    """`picture` in tiles of one size, in whole pixels, overlapping by `OVERLAP` of their sides."""
    spans_x = _spans(picture.width, grid.columns)
    spans_y = _spans(picture.height, grid.rows)
    return tuple(
        Rect(left, top, right, bottom) for top, bottom in spans_y for left, right in spans_x
    )


def _grid(picture: Size, native: Size, tiles: Tiles, *, reshapes: bool) -> Grid:
    if isinstance(tiles, Grid):
        return tiles
    if tiles == "off" or reshapes or _like(picture, native, _TILED_BEYOND):
        return WHOLE
    wider = _wider(picture, native)
    if wider > 1:
        return Grid(columns=min(16, math.ceil(wider)))
    return Grid(rows=min(16, math.ceil(1 / wider)))


def _wider(picture: Size, native: Size) -> float:
    return (picture.width * native.height) / (picture.height * native.width)


def _like(picture: Size, native: Size, tolerated: float) -> bool:
    return 1 / tolerated <= _wider(picture, native) <= tolerated


def _shaped(picture: Size, pixels: int, multiple: int) -> Size:
    """The input of about `pixels` with the picture's shape, never above the picture's own size."""
    scale = min(1.0, math.sqrt(pixels / (picture.width * picture.height)))
    return Size(*(max(multiple, round(side * scale / multiple) * multiple) for side in picture))


def _spans(length: int, count: int) -> list[tuple[int, int]]:
    """`count` overlapping spans of one length that cover 0 to `length`."""
    span = min(length, math.ceil(length / (count - (count - 1) * OVERLAP)))
    step = (length - span) / (count - 1) if count > 1 else 0.0
    starts = [round(step * number) for number in range(count)]
    return [(start, start + span) for start in starts]


def _size(rect: Rect) -> Size:
    return Size(int(rect.width), int(rect.height))
