"""Finds plates with a network, such as the public vehicle-license-plate-detection-barrier-0106."""

import numpy as np

from models.catalogue import ImageInput
from models.catalogue_outputs import PlateDetectionOutput
from models.errors import ModelError
from models.preparation import Size, check_picture, prepare
from models.runtimes.port import Network, Output
from shared.geometry import Rect
from shared.pictures import Picture

_SSD_COLUMNS = 7
_LABEL, _SCORE, _CORNERS = 1, 2, slice(3, 7)
_MOST = 4
"""Plates told of one vehicle: its own, and what else looks like one."""


class NetworkPlateFinder:
    """Finds plates with one model of the catalogue; any thread may call it."""

    def __init__(
        self, image: ImageInput, output: PlateDetectionOutput, network: Network, label: str
    ) -> None:
        self._input = image
        self._output = output
        self._network = network
        self._label = label

    def describe(self) -> str:
        """`name@version runtime/device/precision`."""
        return self._label

    def find(self, picture: Picture) -> list[Rect]:
        """Where plates are in `picture` (H x W x 3, BGR, uint8), the surest first.

        Raises:
            PictureError: it has no pixels or another layout.
            ModelError: the network gave what no network may give.
        """
        size = check_picture(picture)
        prepared = prepare(picture, self._input, Size(self._input.width, self._input.height))
        outputs = self._network.infer({self._input.name: prepared.tensor[None]})
        rows = self._rows(outputs[self._output.output])
        rows = rows[
            (rows[:, _LABEL] == self._output.label) & (rows[:, _SCORE] >= self._output.score)
        ]
        rows = rows[np.argsort(-rows[:, _SCORE])][:_MOST]
        sides = np.tile((self._input.width, self._input.height), 2)
        found = (prepared.back(row[_CORNERS] * sides).clipped(*size) for row in rows)
        return [rect for rect in found if rect.area > 0]

    def _rows(self, output: Output) -> Output:
        """The detections (N, 7); the list ends where the image's number is -1."""
        if output.ndim != 4 or output.shape[-1] != _SSD_COLUMNS:  # noqa: PLR2004 - (1, 1, N, 7)
            raise ModelError(f"{self._label}: an output of shape {output.shape}, not (1, 1, N, 7)")
        rows: Output = output.reshape(-1, _SSD_COLUMNS)
        ends = np.flatnonzero(rows[:, 0] < 0)
        rows = rows[: ends[0]] if ends.size else rows
        if not np.isfinite(rows).all():
            raise ModelError(f"{self._label}: an output that is not finite; are the weights whole?")
        return rows
