"""Which parts of a picture the network sees, and at what size.

A network sees small people best when its input has the shape of the picture. One that can be
reshaped gets that shape at the same cost (the same number of pixels); one that cannot looks at
tiles of about its own shape.
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

_TOLERATED = 1.5
"""How far the shapes of picture and input may differ before `auto` makes tiles."""


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
    if network.multiple is None:
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
    wider = (picture.width / picture.height) / (native.width / native.height)
    if tiles == "off" or reshapes or 1 / _TOLERATED <= wider <= _TOLERATED:
        return WHOLE
    if wider > 1:
        return Grid(columns=min(16, math.ceil(wider)))
    return Grid(rows=min(16, math.ceil(1 / wider)))


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
