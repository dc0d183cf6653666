"""Pictures made into what a network wants to see."""

from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from models.catalogue import ImageInput
from models.runtimes.port import Tensor
from shared.errors import PictureError
from shared.geometry import Rect
from shared.pictures import Picture

_CHANNELS = 3


class Size(NamedTuple):
    """Pixels."""

    width: int
    height: int


class Shown(Protocol):
    """A picture that is converted only as far as somebody asks, such as a decoded frame.

    What it gives is H x W x 3, BGR, uint8, and must not be written to.
    """

    @property
    def size(self) -> Size:
        """All of it."""

    def scaled(self, size: Size) -> Picture:
        """All of it, made `size`."""

    def cut(self, rect: Rect) -> Picture:
        """The part `rect` of it, its own pixels."""


class ShownPicture:
    """A picture (H x W x 3, BGR, uint8) as `Shown`.

    Raises:
        PictureError: see `check_picture`.
    """

    def __init__(self, picture: Picture) -> None:
        self.size = check_picture(picture)
        self._picture = picture

    def scaled(self, size: Size) -> Picture:
        """See `Shown`."""
        return _resized(self._picture, size)

    def cut(self, rect: Rect) -> Picture:
        """See `Shown`."""
        left, top, right, bottom = (int(side) for side in rect)
        return self._picture[top:bottom, left:right]


class Prepared(NamedTuple):
    """A picture as (channels, height, width) float32, and the way back to its own pixels."""

    tensor: Tensor
    scale_x: float
    scale_y: float

    def back(self, corners: NDArray[np.floating]) -> Rect:
        """The rectangle x1 y1 x2 y2 of the input, in the picture's pixels."""
        left, top, right, bottom = (float(value) for value in corners)
        return Rect(
            left / self.scale_x, top / self.scale_y, right / self.scale_x, bottom / self.scale_y
        )


def check_picture(picture: Picture) -> Size:
    """The size of `picture`.

    Raises:
        PictureError: it has no pixels, or is not H x W x 3 of uint8.
    """
    if picture.ndim != _CHANNELS or picture.shape[2] != _CHANNELS or picture.size == 0:
        raise PictureError(
            f"a picture of shape {picture.shape}; expected height x width x 3 above zero"
        )
    if picture.dtype != np.uint8:
        raise PictureError(f"a picture of {picture.dtype}; expected uint8")
    return Size(picture.shape[1], picture.shape[0])


def prepare(picture: Picture, wanted: ImageInput, size: Size) -> Prepared:
    """`picture` as a network with an input of `size` wants it.

    Raises:
        PictureError: see `check_picture`.
    """
    return prepare_shown(ShownPicture(picture), wanted, size)


def prepare_shown(shown: Shown, wanted: ImageInput, size: Size) -> Prepared:
    """The same for what is converted only as far as it is needed."""
    own = shown.size
    target = size if wanted.fit == "stretch" else _fitted(own, size)
    return Prepared(
        _normalised(_padded(shown.scaled(target), size, wanted.pad), wanted),
        target.width / own.width,
        target.height / own.height,
    )


def _fitted(own: Size, size: Size) -> Size:
    """The largest of the shape of `own` inside `size`."""
    scale = min(size.width / own.width, size.height / own.height)
    return Size(max(1, round(own.width * scale)), max(1, round(own.height * scale)))


def _resized(picture: Picture, size: Size) -> Picture:
    if picture.shape[1::-1] == size:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def _padded(picture: Picture, size: Size, value: int) -> Picture:
    if picture.shape[1::-1] == size:
        return picture
    canvas = np.full((size.height, size.width, _CHANNELS), value, dtype=np.uint8)
    canvas[: picture.shape[0], : picture.shape[1]] = picture
    return canvas


def _normalised(picture: Picture, wanted: ImageInput) -> Tensor:
    tensor = np.ascontiguousarray(_in_order(picture, wanted).transpose(2, 0, 1), dtype=np.float32)
    mean = np.array(wanted.mean[: wanted.channels], dtype=np.float32)
    std = np.array(wanted.std[: wanted.channels], dtype=np.float32)
    if mean.any() or (std != 1).any():
        tensor -= mean[:, None, None]
        tensor /= std[:, None, None]
    return tensor


def _in_order(picture: Picture, wanted: ImageInput) -> NDArray[np.uint8]:
    """`picture` with the channels the network wants, H x W x C."""
    if wanted.colour == "grey":
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)[:, :, None], dtype=np.uint8)
    return picture if wanted.colour == "bgr" else picture[:, :, ::-1]
