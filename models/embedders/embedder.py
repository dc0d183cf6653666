"""The embedder: crops in, unit vectors of one space out."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.catalogue import ImageInput
from models.catalogue_outputs import EmbeddingOutput
from models.errors import ModelError
from models.preparation import Size, prepare
from models.runtimes.port import Network, Output
from shared.pictures import Picture

Vectors = NDArray[np.float32]
"""N x D, a unit vector a row."""

_BATCH = 16
"""Crops in one call: batches cost a fifth less per crop than single calls, larger gain nothing."""

_SMALLEST_NORM = 1e-6


class Bounds(NamedTuple):
    """What cosines mean in a space: see `EmbeddingOutput`."""

    alike: float
    unlike: float


class NetworkEmbedder:
    """Embeds with one model of the catalogue; every thread may call it.

    `space` names the embedding space, `dimensions` is D, `bounds` are the space's.
    """

    def __init__(
        self, image: ImageInput, output: EmbeddingOutput, network: Network, label: str
    ) -> None:
        self.space = output.space
        self.dimensions = output.dimensions
        self.bounds = Bounds(output.alike, output.unlike)
        self._input = image
        self._output = output.output
        self._network = network
        self._label = label

    def describe(self) -> str:
        """`name@version runtime/device/precision`."""
        return self._label

    def embed(self, crops: Sequence[Picture]) -> Vectors:
        """One unit vector for each crop (H x W x 3, BGR, uint8), (N, D) float32.

        Raises:
            PictureError: a crop has no pixels or another layout.
            ModelError: the network gave a vector that is not finite, zero, or of another length.
        """
        batches = [
            self._unit(self._infer(crops[places.start : places.stop]), places)
            for places in _batches(len(crops))
        ]
        return np.concatenate([np.empty((0, self.dimensions), dtype=np.float32), *batches])

    def _infer(self, crops: Sequence[Picture]) -> Output:
        size = Size(self._input.width, self._input.height)
        batch = np.stack([prepare(crop, self._input, size).tensor for crop in crops])
        return self._network.infer({self._input.name: batch})[self._output]

    def _unit(self, rows: Output, crops: range) -> Vectors:
        """Unit rows, of the crops with these places."""
        wanted = (len(crops), self.dimensions)
        if rows.shape != wanted:
            raise ModelError(f"{self._label}: vectors of shape {rows.shape}, expected {wanted}")
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        bad = np.flatnonzero(~(np.isfinite(norms) & (norms > _SMALLEST_NORM)))
        if bad.size:
            raise ModelError(
                f"{self._label}: the vector of crop {crops[int(bad[0])]} has length "
                f"{float(norms[bad[0], 0])}; the weights are damaged"
            )
        return np.asarray(rows / norms, dtype=np.float32)


def _batches(count: int) -> list[range]:
    """The places of `count` crops, a range for each call."""
    return [range(start, min(start + _BATCH, count)) for start in range(0, count, _BATCH)]
