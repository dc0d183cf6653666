"""MOTChallenge sequences: ground truth and public detections, read from their folders."""

import configparser
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_agent.tracker.association import areas, overlaps
from shared.errors import DependencyMissing

Array = NDArray[np.float64]

# Of the ACF detector's open-ended scores 18 is as good as even, and 8 more or less is sure
# (by eye on the score histograms); the other files hold probabilities.
_SURE, _HALF = 0.9, 0.5
_ACF_EVEN, _ACF_SPAN = 18.0, 8.0


@dataclass(frozen=True)
class Boxes:
    """What one frame holds: `corners` (N, 4), and ids or confidences (N,)."""

    corners: Array
    values: Array


@dataclass(frozen=True)
class Sequence:
    """A sequence read at some rate: truth and detections of each frame, in order."""

    name: str
    fps: float
    size: tuple[int, int]
    truth: list[Boxes]
    detections: list[Boxes]

    def at(self, fps: float | None) -> "Sequence":
        """Every n-th frame, so that there are about `fps` a second; all for None."""
        step = 1 if fps is None else max(1, round(self.fps / fps))
        truth, found = self.truth[::step], self.detections[::step]
        return Sequence(self.name, self.fps / step, self.size, truth, found)

    def seen_by_perfect_detector(self) -> "Sequence":
        """The same with the boxes of the truth as detections, but those covered by a half."""
        found = [
            Boxes(frame.corners[clear], np.full(int(clear.sum()), _SURE))
            for frame in self.truth
            for clear in [in_front(frame) < _HALF]
        ]
        return Sequence(self.name, self.fps, self.size, self.truth, found)


def in_front(truth: Boxes) -> Array:
    """How much of each person is covered by somebody who stands lower in the picture, 0 to 1."""
    boxes = truth.corners
    lower = boxes[None, :, 3] > boxes[:, None, 3]
    return np.asarray((overlaps(boxes, boxes) * lower).max(axis=1, initial=0) / areas(boxes))


def read_sequences(folder: Path) -> list[Sequence]:
    """The sequences below `folder`, by name.

    Raises:
        DependencyMissing: there are none.
    """
    found = [_read(path.parent) for path in sorted(folder.glob("*/seqinfo.ini"))]
    if not found:
        raise DependencyMissing(
            f"no MOTChallenge sequences in {folder}; put the MOT15 folders with seqinfo.ini, gt "
            "and det there, or name their folder in DONGSEON_SHARED_DATA"
        )
    return found


def _read(folder: Path) -> Sequence:
    ini = configparser.ConfigParser()
    ini.read(folder / "seqinfo.ini", encoding="utf-8")
    info = ini["Sequence"]
    truth = np.loadtxt(folder / "gt/gt.txt", delimiter=",")
    found = np.loadtxt(next((folder / "det").glob("*.txt")), delimiter=",")
    scores = found[:, 6]
    if scores.max() > 1:
        scores = 1 / (1 + np.exp((_ACF_EVEN - scores) / _ACF_SPAN))
    frames = range(1, int(info["seqLength"]) + 1)
    # A seventh column of 0 marks what is not to be counted.
    truth = truth[truth[:, 6] > 0]
    return Sequence(
        info["name"],
        float(info["frameRate"]),
        (int(info["imWidth"]), int(info["imHeight"])),
        [_frame(truth, truth[:, 1], frame) for frame in frames],
        [_frame(found, scores, frame) for frame in frames],
    )


def _frame(rows: Array, values: Array, frame: int) -> Boxes:
    chosen = rows[:, 0] == frame
    low, size = rows[chosen, 2:4], rows[chosen, 4:6]
    return Boxes(np.hstack([low, low + size]), values[chosen])
