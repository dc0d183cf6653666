"""The detector: looks at a picture, or its tiles, and says what is in it."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from models.catalogue import ImageInput
from models.catalogue_outputs import DetectionOutput
from models.detection import Detection
from models.detectors.decoding import RawBoxes, decoder_for
from models.detectors.suppression import SAME_OBJECT_INSIDE, suppress
from models.detectors.views import Look, View, view_of
from models.preparation import Prepared, Size, check_picture, prepare
from models.runtimes.port import Network, described
from shared.geometry import Rect
from shared.pictures import Picture

Compile = Callable[[Size], Network]

_SIZES_KEPT = 8
"""Networks kept, one for each input size: a box has few kinds of channel."""

_SMALLEST_SIDE = 1.0


class Settings(NamedTuple):
    """What detections to give, where to look for them, and the model's `name@version`."""

    model: str
    score: float
    look: Look


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
        self._networks: OrderedDict[Size, Network] = OrderedDict()
        self._lock = threading.Lock()
        # At once, so that a wrong file is found when the box starts and not at the first frame.
        network = self._network(Size(image.width, image.height))
        self._label = f"{settings.model} {described(network)}"

    def describe(self) -> str:
        """`name@version runtime/device/precision`, as it really runs."""
        return self._label

    def detect(self, picture: Picture) -> list[Detection]:
        """What `picture` (H x W x 3, BGR, uint8) shows, the surest first.

        Raises:
            PictureError: it has no pixels or another layout.
            ModelError: the network gave what no network may give.
        """
        size = check_picture(picture)
        view = view_of(size, self._input, self._settings.look)
        found = [
            detection
            for tile in view.tiles
            for detection in self._in_tile(picture, tile, view, size)
        ]
        return suppress(found, inside=SAME_OBJECT_INSIDE if len(view.tiles) > 1 else None)

    def _in_tile(self, picture: Picture, tile: Rect, view: View, size: Size) -> Iterator[Detection]:
        left, top, right, bottom = (int(side) for side in tile)
        prepared = prepare(picture[top:bottom, left:right], self._input, view.input)
        outputs = self._network(view.input).infer({self._input.name: prepared.tensor[None]})
        for rect, label, score in self._boxes(self._decode(outputs, view.input), prepared):
            whole = rect.shifted(tile.left, tile.top).clipped(*size)
            if whole.width >= _SMALLEST_SIDE and whole.height >= _SMALLEST_SIDE:
                yield Detection(whole, self._output.classes[label], score)

    def _boxes(self, raw: RawBoxes, prepared: Prepared) -> Iterator[tuple[Rect, int, float]]:
        for corners, score, label in zip(
            *raw.where(raw.scores >= self._settings.score), strict=True
        ):
            if int(label) in self._output.classes:
                yield prepared.back(corners), int(label), min(1.0, float(score))

    def _network(self, size: Size) -> Network:
        """The network with an input of `size`, compiled once."""
        with self._lock:
            network = self._networks.get(size)
            if network is None:
                network = self._networks[size] = self._compile(size)
            self._networks.move_to_end(size)
            while len(self._networks) > _SIZES_KEPT:
                self._networks.popitem(last=False)
            return network
