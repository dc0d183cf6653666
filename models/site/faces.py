"""Where faces are, so that they can be masked.

The network is YuNet (Wu et al., Machine Intelligence Research 20, 2023).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np

from models.catalogue import ImageInput
from models.catalogue_outputs import FaceDetectionOutput
from models.errors import ModelError
from models.preparation import Prepared, Size, check_picture, prepare
from models.runtimes.port import Network, NetworkSpec, Output, RuntimeOptions, make_runtime
from models.store import ModelStore
from shared.geometry import Rect
from shared.pictures import Picture

NAME = "yunet"
"""In the catalogue."""

_STRIDES = (8, 16, 32)
OUTPUTS = tuple(f"{kind}_{stride}" for kind in ("cls", "obj", "bbox") for stride in _STRIDES)

_MOST_TILES = 3
"""In each direction; a larger picture is looked at in larger, reduced tiles."""

_OVERLAP = 0.1
"""Of a tile's side: faces there are small."""


class RegionFinder(Protocol):
    """Finds what is to be masked: faces, or plates. Any thread may call it."""

    def find(self, picture: Picture) -> Sequence[Rect]:
        """Where they are in `picture` (H x W x 3, BGR, uint8), in its pixels."""


def load_faces(store: ModelStore, threads: int = 1) -> "FaceFinder":
    """The face detector of the catalogue, ready to run.

    Raises:
        DependencyMissing: its weights or a runtime are not here.
        ModelError: its file is not the network the catalogue describes.
    """
    entry = store.catalogue.entry(NAME)
    if entry.face_detection is None:
        raise ModelError(f"{NAME} is for {entry.task}; a face detector is needed here")
    shape = (1, entry.input.channels, entry.input.height, entry.input.width)
    spec = NetworkSpec(
        path=store.require(entry),
        input=entry.input.name,
        outputs=OUTPUTS,
        shape=shape,
        run_at=shape,
    )
    network = make_runtime(entry.runtimes[0], RuntimeOptions(threads=threads)).load(spec)
    return FaceFinder(entry.input, entry.face_detection, network)


class FaceFinder:
    """Faces in a picture, as a whole and in tiles at the network's own scale.

    The whole finds large faces, the tiles small ones, down to about ten pixels. Faces in two tiles
    are given twice: masking twice does no harm.
    """

    def __init__(self, image: ImageInput, output: FaceDetectionOutput, network: Network) -> None:
        self._input = image
        self._size = Size(image.width, image.height)
        self._score = output.score
        self._network = network

    def find(self, picture: Picture) -> list[Rect]:
        """See `RegionFinder.find`.

        Raises:
            PictureError: the picture has no pixels or another layout.
            ModelError: the network gave what no network may give.
        """
        size = check_picture(picture)
        return [
            face.shifted(left, top).clipped(*size)
            for left, top, right, bottom in _parts(size, self._size)
            for face in self._in_part(picture[top:bottom, left:right])
        ]

    def _in_part(self, part: Picture) -> Iterator[Rect]:
        prepared = prepare(part, self._input, self._size)
        outputs = self._network.infer({self._input.name: prepared.tensor[None]})
        for stride in _STRIDES:
            yield from self._at_stride(outputs, stride, prepared)

    def _at_stride(
        self, outputs: Mapping[str, Output], stride: int, prepared: Prepared
    ) -> Iterator[Rect]:
        """A cell's score is the root of class times objectness; its box lies as YOLOX's."""
        rows, columns = self._size.height // stride, self._size.width // stride
        classes, objects, boxes = (
            _checked(outputs[f"{kind}_{stride}"], rows * columns) for kind in ("cls", "obj", "bbox")
        )
        scores = np.sqrt(np.clip(classes[:, 0], 0, 1) * np.clip(objects[:, 0], 0, 1))
        for cell in np.flatnonzero(scores >= self._score):
            row, column = divmod(int(cell), columns)
            centre = (boxes[cell, :2] + (column, row)) * stride
            half = np.exp(boxes[cell, 2:]) * stride / 2
            yield prepared.back(np.concatenate((centre - half, centre + half)))


def _checked(values: Output, cells: int) -> Output:
    if values.ndim != 3 or values.shape[:2] != (1, cells) or not np.isfinite(values).all():  # noqa: PLR2004
        raise ModelError(f"a face detector's output of shape {values.shape}, or one not finite")
    return np.asarray(values[0])


def _parts(size: Size, tile: Size) -> list[tuple[int, int, int, int]]:
    """The whole picture, and overlapping tiles where it is larger than the network's input."""
    whole = (0, 0, size.width, size.height)
    columns, rows = _steps(size.width, tile.width), _steps(size.height, tile.height)
    if len(columns) == len(rows) == 1:
        return [whole]
    return [whole, *((left, top, right, bottom) for top, bottom in rows for left, right in columns)]


def _steps(length: int, tile: int) -> list[tuple[int, int]]:
    count = min(_MOST_TILES, -(-length // tile))
    if count == 1:
        return [(0, length)]
    side = round(length / (count - (count - 1) * _OVERLAP))
    starts = np.linspace(0, length - side, count).round().astype(int)
    return [(int(start), int(start) + side) for start in starts]
