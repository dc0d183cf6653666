"""The detector: looks at pictures, or their tiles, and says what is in them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from models.catalogue import ImageInput
from models.catalogue_outputs import DetectionOutput
from models.detection import Detection
from models.detectors.decoding import RawBoxes, decoder_for, takes_batches
from models.detectors.suppression import SAME_OBJECT_INSIDE, suppress
from models.detectors.views import Look, View, view_of
from models.preparation import Prepared, Shown, ShownPicture, Size, prepare, prepare_shown
from models.runtimes.port import Network, Output, described
from shared.geometry import Rect
from shared.pictures import Picture

Compile = Callable[[int, Size], Network]
"""Compiles the network for a batch of inputs of that size."""

_NETWORKS_KEPT = 16
"""One for each input size and batch: a box has few kinds of channel."""

_SMALLEST_SIDE = 1.0


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
        found: list[list[Detection]] = [[] for _ in pictures]
        for tile, outputs in self._infer(tiles, views[0].input):
            raw = self._decode(outputs, views[0].input)
            found[tile.picture] += self._in_tile(raw, tile, pictures[tile.picture].size)
        return [
            suppress(some, inside=SAME_OBJECT_INSIDE if len(view.tiles) > 1 else None)
            for some, view in zip(found, views, strict=True)
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

    def _in_tile(self, raw: RawBoxes, tile: _Tile, size: Size) -> Iterator[Detection]:
        for rect, label, score in self._boxes(raw, tile.prepared):
            whole = rect.shifted(tile.place.left, tile.place.top).clipped(*size)
            if whole.width >= _SMALLEST_SIDE and whole.height >= _SMALLEST_SIDE:
                yield Detection(whole, self._output.classes[label], score)

    def _boxes(self, raw: RawBoxes, prepared: Prepared) -> Iterator[tuple[Rect, int, float]]:
        for corners, score, label in zip(
            *raw.where(raw.scores >= self._settings.score), strict=True
        ):
            if int(label) in self._output.classes:
                yield prepared.back(corners), int(label), min(1.0, float(score))

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


def _largest_power(count: int) -> int:
    """The largest power of two up to `count`: each batch is a network of its own."""
    return 1 << (count.bit_length() - 1)
