"""A picture that figures are drawn on, piece by piece, with where they are."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.preparation import Size
from models.train.embedder.clothes import Cloth, Colour
from shared.pictures import Picture

Place = tuple[float, float]
"""x and y, in pixels."""

_ROUND = 0.35
"""How much darker the edge of something round is than its middle."""

_FINE = 4
"""Bits of a pixel's fraction in OpenCV's drawing."""


class Drawing(NamedTuple):
    """A picture, H x W x 3, BGR, and where the person is in it, H x W, 0 to 1."""

    picture: Picture
    mask: NDArray[np.float32]


class Piece(NamedTuple):
    """A tapered piece of cloth from `start` to `end`, so wide there; limbs end round. Pixels."""

    start: Place
    end: Place
    wide: float
    wide_at_end: float
    cloth: Cloth
    limb: bool = True


class Canvas:
    """Black at first. `light` is where the light is, across: -1 left, 1 right."""

    def __init__(self, size: Size, light: float) -> None:
        self._size = size
        self._light = light
        self._seen = np.zeros((size.height, size.width, 3), dtype=np.float32)
        self._mask = np.zeros((size.height, size.width), dtype=np.float32)

    def drawing(self) -> Drawing:
        """What is there by now."""
        return Drawing(np.clip(self._seen, 0, 255).astype(np.uint8), self._mask)

    def oval(self, centre: Place, half_axes: Place, colour: Colour) -> None:
        """An upright ellipse of one colour."""
        cover = np.zeros(self._mask.shape, dtype=np.uint8)
        axes = (2 * half_axes[0], 2 * half_axes[1])
        cv2.ellipse(cover, (centre, axes, 0.0), 255, -1, cv2.LINE_AA)
        self._put(np.broadcast_to(colour, self._seen.shape), cover, behind=False)

    def piece(self, piece: Piece, *, behind: bool = False) -> None:
        """`piece`, shaded as if round, before or `behind` all that is there."""
        corners = _corners(piece)
        self._put(self._sewn(piece.cloth, corners), self._cover(piece, corners), behind=behind)

    def _sewn(self, cloth: Cloth, corners: NDArray[np.float32]) -> NDArray[np.floating]:
        side = len(cloth)
        across = np.linspace(-1, 1, cloth.shape[1], dtype=np.float32)
        shade = 1 - _ROUND * (across + self._light) ** 2
        square = np.array([[0, 0], [side, 0], [side, side], [0, side]], dtype=np.float32)
        matrix = cv2.getPerspectiveTransform(square, corners)
        shaded = np.asarray(cloth * shade[None, :, None], dtype=np.float32)
        border = cv2.BORDER_REPLICATE
        return np.asarray(cv2.warpPerspective(shaded, matrix, self._size, borderMode=border))

    def _cover(self, piece: Piece, corners: NDArray[np.float32]) -> NDArray[np.uint8]:
        cover = np.zeros(self._mask.shape, dtype=np.uint8)
        outline = np.round(corners * 2**_FINE).astype(np.int32)
        cv2.fillConvexPoly(cover, outline, 255, cv2.LINE_AA, _FINE)
        ends = ((piece.start, piece.wide), (piece.end, piece.wide_at_end))
        for (x, y), wide in ends if piece.limb else ():
            centre = (int(x * 2**_FINE), int(y * 2**_FINE))
            cv2.circle(cover, centre, round(wide / 2 * 2**_FINE), 255, -1, cv2.LINE_AA, _FINE)
        return cover

    def _put(
        self, colours: NDArray[np.floating], cover: NDArray[np.uint8], *, behind: bool
    ) -> None:
        part = cover.astype(np.float32) / np.float32(255)
        if behind:
            part *= 1 - self._mask
        self._seen += part[:, :, None] * (colours - self._seen)
        self._mask = np.maximum(self._mask, part)


def _corners(piece: Piece) -> NDArray[np.float32]:
    """Of the piece's outline, clockwise from the start."""
    first, last = np.array(piece.start), np.array(piece.end)
    along = last - first
    length = max(float(np.hypot(*along)), 1.0)
    normal = np.array([along[1], -along[0]]) / length / 2
    return np.array(
        [
            first + normal * piece.wide,
            first - normal * piece.wide,
            last - normal * piece.wide_at_end,
            last + normal * piece.wide_at_end,
        ],
        dtype=np.float32,
    )
