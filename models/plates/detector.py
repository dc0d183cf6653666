"""Finds plates with a network, such as the public vehicle-license-plate-detection-barrier-0106."""

import numpy as np

from models.catalogue import ImageInput
from models.catalogue_outputs import PlateDetectionOutput
from models.errors import ModelError
from models.preparation import Size, check_picture, prepare
from models.runtimes.port import Network, Output
from shared.geometry import Rect
from shared.pictures import Picture

_SSD_COLUMNS, _PLAIN_COLUMNS = 7, 5
_LABEL, _SCORE = 1, 2
_SHAPES = {"ssd": "(1, 1, N, 7)", "rows": "(1, N, 5)"}
_SAME = 0.4
"""Intersection over union from which two boxes are of one plate."""

_LOOKED_AT = 40
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
        rows = rows[rows[:, 0] >= self._output.score]
        sides = np.tile((self._input.width, self._input.height), 2)
        ordered = rows[np.argsort(-rows[:, 0])][:_LOOKED_AT]
        found = (prepared.back(row[1:] * sides).clipped(*size) for row in ordered)
        return _apart([rect for rect in found if rect.area > 0])[:_MOST]

    def _rows(self, output: Output) -> Output:
        """Score and corners (N, 5) of what may be plates."""
        if not np.isfinite(output).all():
            raise ModelError(f"{self._label}: an output that is not finite; are the weights whole?")
        rows = _plain(output) if self._output.decode == "rows" else self._ssd(output)
        if rows is None:
            raise ModelError(
                f"{self._label}: an output of shape {output.shape}, which is not "
                f"{_SHAPES[self._output.decode]}; is it the file of another model?"
            )
        return rows

    def _ssd(self, output: Output) -> Output | None:
        """The list ends where the image's number is -1."""
        if output.ndim != 4 or output.shape[-1] != _SSD_COLUMNS:  # noqa: PLR2004 - (1, 1, N, 7)
            return None
        rows = output.reshape(-1, _SSD_COLUMNS)
        ends = np.flatnonzero(rows[:, 0] < 0)
        rows = rows[: ends[0]] if ends.size else rows
        kept: Output = rows[rows[:, _LABEL] == self._output.label][:, _SCORE:]
        return kept


def _plain(output: Output) -> Output | None:
    if output.ndim != 3 or output.shape[-1] != _PLAIN_COLUMNS:  # noqa: PLR2004 - (1, N, 5)
        return None
    rows: Output = output[0]
    return rows


def _apart(rects: list[Rect]) -> list[Rect]:
    """`rects` without those that show the same plate as an earlier one."""
    kept: list[Rect] = []
    for rect in rects:
        if all(rect.iou(other) < _SAME for other in kept):
            kept.append(rect)
    return kept
