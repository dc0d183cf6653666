"""A frame's pixels, converted only as far as somebody asks.

A camera's frame is luma and colour apart, mostly with a quarter of the colour (YUV 4:2:0). A
detector wants all of it small, a sighting a small part of it sharp, a motion gate only luma: none
wants the whole frame in BGR. swscale makes each straight from the planes as they were decoded, by
the frame's own matrix and range (BT.601, BT.709, full or limited).

Measured, one thread, 1080p yuv420p: whole BGR 0.9 ms, and 0.9 ms (bilinear) or 11 ms (area) more
to make it small with OpenCV; scaled BGR 672 x 384 by area 0.9 ms; luma 240 x 135 0.2 ms; a crop
of 128 x 256 0.1 ms.
"""

import math
from collections.abc import Mapping
from threading import Lock
from types import MappingProxyType
from typing import NamedTuple

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from numpy.typing import NDArray

from models.preparation import Size
from shared.geometry import Rect
from shared.pictures import Picture

Luma = NDArray[np.uint8]
"""Height x width, uint8: brightness alone."""


class _Plane(NamedTuple):
    """How a plane lies in memory: bytes a sample, and how many halvings smaller it is."""

    sample: int
    across: int = 0
    down: int = 0


_PACKED = "bgr24"
_HALF = (_Plane(1), _Plane(1, 1, 1), _Plane(1, 1, 1))
_WIDE = (_Plane(1), _Plane(1, 1), _Plane(1, 1))
# What cameras and hardware decoders give. Anything else becomes BGR first.
_LAYOUTS: Mapping[str, tuple[_Plane, ...]] = MappingProxyType(
    {
        "yuv420p": _HALF,
        "yuvj420p": _HALF,
        "yuv422p": _WIDE,
        "yuvj422p": _WIDE,
        "nv12": (_Plane(1), _Plane(2, 1, 1)),
        _PACKED: (_Plane(3),),
    }
)


class FrameImage:
    """A channel's part of a decoded frame. Any thread may ask; answers must not be written to.

    Args:
        frame: as it was decoded.
        area: the channel's part of it, whole pixels inside the frame; None for all of it.
    """

    def __init__(self, frame: VideoFrame, area: Rect | None = None) -> None:
        if frame.format.name not in _LAYOUTS:
            frame = frame.reformat(format=_PACKED, threads=1)
        self._frame = frame
        self._area = area or Rect(0, 0, frame.width, frame.height)
        self.size = Size(int(self._area.width), int(self._area.height))
        self._scaled: dict[Size, Picture] = {}
        self._part: VideoFrame | None = None if area else frame
        # swscale changes fields of the frame it reads while it works.
        self._lock = Lock()

    @classmethod
    def of(cls, picture: Picture) -> "FrameImage":
        """The same of a picture (H x W x 3, BGR, uint8)."""
        picture = np.ascontiguousarray(picture)
        image = cls(VideoFrame.from_numpy_buffer(picture, format=_PACKED))
        image._scaled[image.size] = picture
        return image

    @property
    def picture(self) -> Picture:
        """All of it, BGR. The dear way: ask for what is needed instead."""
        return self.scaled(self.size)

    def scaled(self, size: Size) -> Picture:
        """All of it as BGR of `size`, each pixel the mean of those it stands for."""
        with self._lock:
            if size not in self._scaled:
                # Planes first: swscale is slower, and less true, at doing both at once.
                whole = self._whole()
                self._scaled[size] = _bgr(_resized(whole, size, whole.format.name))
            return self._scaled[size]

    def luma(self, size: Size) -> Luma:
        """All of it as brightness of `size`; colours are not touched."""
        with self._lock:
            return _array(_resized(self._whole(), size, "gray"))

    def brightness(self, rect: Rect) -> Luma:
        """`rect` (pixels of the area) as brightness of full resolution, of at least one pixel.

        Sides are rounded and clipped as in `cut`. Of planes as cameras send them, it is a view.
        """
        left, top, columns, rows = self._inside(rect)
        y, x = slice(top, top + rows), slice(left, left + columns)
        if self._frame.format.name != _PACKED:
            return _rows(self._frame.planes[0])[y, x]
        packed = _rows(self._frame.planes[0])[:, : 3 * self._frame.width]
        part = packed.reshape(self._frame.height, -1, 3)[y, x]
        return np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), dtype=np.uint8)

    def cut(self, rect: Rect) -> Picture:
        """`rect` (pixels of the area) as BGR of full resolution, a copy of at least one pixel.

        Sides are rounded to whole pixels and clipped to the area. Colour lies as in `picture`.
        """
        x, y, columns, rows = self._inside(rect)
        # Colour samples belong to pairs of pixels: whole pairs are converted, the rest left out.
        pair_x, pair_y = x - x % 2, y - y % 2
        around = Size(
            _paired(x + columns - pair_x, self._frame.width - pair_x),
            _paired(y + rows - pair_y, self._frame.height - pair_y),
        )
        with self._lock:
            picture = _bgr(_cut(self._frame, pair_x, pair_y, around))
        return picture[y - pair_y :, x - pair_x :][:rows, :columns].copy()

    def _inside(self, rect: Rect) -> tuple[int, int, int, int]:
        """`rect` in whole pixels of the frame: left, top, columns and rows."""
        left, top, right, bottom = (round(side) for side in rect.clipped(*self.size))
        left, top = min(left, self.size.width - 1), min(top, self.size.height - 1)
        x, y = left + int(self._area.left), top + int(self._area.top)
        return x, y, max(1, right - left), max(1, bottom - top)

    def _whole(self) -> VideoFrame:
        """The area, planes still apart."""
        if self._part is None:
            # From an odd pixel colour lies one pixel off, which no detector and no gate can see.
            self._part = _cut(self._frame, int(self._area.left), int(self._area.top), self.size)
        return self._part


def _paired(length: int, room: int) -> int:
    """`length` made even where there is `room`."""
    return min(length + length % 2, room)


def _bgr(frame: VideoFrame) -> Picture:
    return _array(frame.reformat(format=_PACKED, threads=1))


def _resized(frame: VideoFrame, size: Size, target: str) -> VideoFrame:
    """`frame` at `size` in the pixel format `target`."""
    # By area where it becomes smaller; swscale's area is no mean where it becomes larger.
    smaller = size.width <= frame.width and size.height <= frame.height
    way = "AREA" if smaller else "BILINEAR"
    # One thread: channels share the cores.
    return frame.reformat(size.width, size.height, target, interpolation=way, threads=1)


def _array(frame: VideoFrame) -> NDArray[np.uint8]:
    return np.asarray(frame.to_ndarray(), dtype=np.uint8)


def _cut(frame: VideoFrame, left: int, top: int, size: Size) -> VideoFrame:
    """A copy of that part of `frame` in its own pixel format."""
    part = VideoFrame(size.width, size.height, frame.format.name)
    part.colorspace, part.color_range = frame.colorspace, frame.color_range
    layout = _LAYOUTS[frame.format.name]
    for plane, source, target in zip(layout, frame.planes, part.planes, strict=True):
        x, y = (left >> plane.across) * plane.sample, top >> plane.down
        width = math.ceil(size.width / (1 << plane.across)) * plane.sample
        height = math.ceil(size.height / (1 << plane.down))
        _rows(target)[:, :width] = _rows(source)[y : y + height, x : x + width]
    return part


def _rows(plane: VideoPlane) -> NDArray[np.uint8]:
    """The bytes of a plane, row by row, with the padding at their ends."""
    return np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(plane.height, plane.line_size)
