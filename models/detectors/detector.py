"""The detector: looks at pictures, or their tiles, and says what is in them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.catalogue import ImageInput
from models.catalogue_outputs import DetectionOutput
from models.detection import Detection
from models.detectors.decoding import RawBoxes, decoder_for, takes_batches
from models.detectors.suppression import SAME_OBJECT_INSIDE, suppress
from models.detectors.views import Look, View, view_of
from models.preparation import Prepared, Shown, ShownPicture, Size, prepare, prepare_shown
from models.runtimes.port import Network, Output, described
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture

Compile = Callable[[int, Size], Network]
"""Compiles the network for a batch of inputs of that size."""

_NETWORKS_KEPT = 16
"""One for each input size and batch: a box has few kinds of channel."""

_SMALLEST_SIDE = 1.0
_CLASSES = tuple(ObjectClass)


class Settings(NamedTuple):
    """What detections to give, where to look for them, and the model's `name@version`.

    `batch` is how many inputs one call of the network may take.
    """

    model: str
    score: float
    look: Look
    batch: int = 1


class _Tile(NamedTuple):
    """A tile of picture number `picture`, ready for the network."""

    picture: int
    place: Rect
    prepared: Prepared


class NetworkDetector:
    """Detects with one model of the catalogue; every thread may call it."""

    def __init__(
        self, image: ImageInput, output: DetectionOutput, compile_at: Compile, settings: Settings
    ) -> None:
        self._input = image
        self._output = output
        self._settings = settings
        self._decode = decoder_for(output)
        self._kinds = _kinds(output)
        self._compile = compile_at
        self._networks: OrderedDict[tuple[int, Size], Network] = OrderedDict()
        self._lock = threading.Lock()
        self.batch = settings.batch if takes_batches(output) else 1
        # At once, so that a wrong file is found when the box starts and not at the first frame.
        network = self._network(1, Size(image.width, image.height))
        self._label = f"{settings.model} {described(network)}"

    def describe(self) -> str:
        """`name@version runtime/device/precision`, as it really runs."""
        return self._label

    def view(self, size: Size) -> View:
        """How pictures of `size` are looked at; those of one input size can share a call."""
        return view_of(size, self._input, self._settings.look)

    def detect(self, picture: Picture) -> list[Detection]:
        """What `picture` (H x W x 3, BGR, uint8) shows, the surest first.

        Raises:
            PictureError: it has no pixels or another layout.
            ModelError: the network gave what no network may give.
        """
        return self.detect_all([ShownPicture(picture)])[0]

    def detect_all(self, pictures: Sequence[Shown]) -> list[list[Detection]]:
        """What each of `pictures` shows, in its own pixels, the surest first.

        They may differ in size, not in the input size of their `view`. Errors as `detect`.
        """
        if not pictures:
            return []
        views = [self.view(picture.size) for picture in pictures]
        tiles = [
            _Tile(number, place, self._prepared(pictures[number], place, view))
            for number, view in enumerate(views)
            for place in view.tiles
        ]
        found: list[list[RawBoxes]] = [[] for _ in pictures]
        for tile, outputs in self._infer(tiles, views[0].input):
            raw = self._decode(outputs, views[0].input)
            found[tile.picture].append(self._placed(raw, tile, pictures[tile.picture].size))
        return [
            self._detections(boxes, tiled=len(view.tiles) > 1)
            for boxes, view in zip(found, views, strict=True)
        ]

    def _prepared(self, picture: Shown, place: Rect, view: View) -> Prepared:
        if len(view.tiles) == 1:
            return prepare_shown(picture, self._input, view.input)
        return prepare(picture.cut(place), self._input, view.input)

    def _infer(
        self, tiles: Sequence[_Tile], size: Size
    ) -> Iterator[tuple[_Tile, Mapping[str, Output]]]:
        """Each of `tiles` with the network's outputs for it, as many in a call as may be."""
        left = list(tiles)
        while left:
            count = _largest_power(min(len(left), self.batch))
            now, left = left[:count], left[count:]
            tensor = np.stack([tile.prepared.tensor for tile in now])
            outputs = self._network(count, size).infer({self._input.name: tensor})
            if count == 1:
                yield now[0], outputs
                continue
            for number, tile in enumerate(now):
                yield tile, {name: rows[number : number + 1] for name, rows in outputs.items()}

    def _placed(self, raw: RawBoxes, tile: _Tile, size: Size) -> RawBoxes:
        """The boxes of our classes in `tile`, in the picture's pixels; labels become classes."""
        kinds = self._kinds[np.clip(raw.labels, -1, len(self._kinds) - 1)]
        wanted = (raw.scores >= self._settings.score) & (kinds >= 0)
        raw = RawBoxes(raw.corners, raw.scores, kinds).where(wanted)
        prepared, place = tile.prepared, tile.place
        corners = raw.corners.astype(np.float64)
        corners[:, 0::2] = corners[:, 0::2] / prepared.scale_x + place.left
        corners[:, 1::2] = corners[:, 1::2] / prepared.scale_y + place.top
        corners = np.clip(corners, 0.0, (*size, *size))
        seen = (corners[:, 2:] - corners[:, :2]).min(axis=1) >= _SMALLEST_SIDE
        return RawBoxes(corners, np.minimum(raw.scores, 1.0), raw.labels).where(seen)

    def _detections(self, found: Sequence[RawBoxes], *, tiled: bool) -> list[Detection]:
        """One for each object; `found` has the boxes of each tile."""
        boxes = RawBoxes(*(np.concatenate(parts) for parts in zip(*found, strict=True)))
        boxes = suppress(boxes, inside=SAME_OBJECT_INSIDE if tiled else None)
        return [
            Detection(Rect(*corners), _CLASSES[kind], score)
            for corners, score, kind in zip(*(part.tolist() for part in boxes), strict=True)
        ]

    def _network(self, batch: int, size: Size) -> Network:
        """The network for `batch` inputs of `size`, compiled once."""
        key = (batch, size)
        with self._lock:
            network = self._networks.get(key)
            if network is None:
                network = self._networks[key] = self._compile(batch, size)
            self._networks.move_to_end(key)
            while len(self._networks) > _NETWORKS_KEPT:
                self._networks.popitem(last=False)
            return network


def _kinds(output: DetectionOutput) -> NDArray[np.intp]:
    """The place in `_CLASSES` of each of the network's labels, -1 for those that are not ours.

    The last one is -1, so that a label of -1 or beyond the table is not ours either.
    """
    kinds = np.full(max(output.classes) + 2, -1, dtype=np.intp)
    for label, kind in output.classes.items():
        kinds[label] = _CLASSES.index(kind)
    return kinds


def _largest_power(count: int) -> int:
    """The largest power of two up to `count`: each batch is a network of its own."""
    return 1 << (count.bit_length() - 1)
