"""HOTA, CLEAR and identity metrics of tracks, by TrackEval."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from edge_agent.tracker.association import iou
from shared.errors import DependencyMissing
from tests.bench.mot.sequences import Boxes

Results = dict[str, Any]


class Scores(NamedTuple):
    """Shares in per cent; `switches` and the numbers of ids are counts."""

    hota: float
    deta: float
    assa: float
    mota: float
    idf1: float
    switches: int
    tracks: int
    people: int


class Scorer:
    """Scores tracks against the truth, frame by frame.

    Raises:
        DependencyMissing: TrackEval is not installed.
    """

    def __init__(self) -> None:
        try:
            from trackeval import metrics  # noqa: PLC0415 - installed for benchmarks alone
        except ImportError as error:
            raise DependencyMissing(
                "TrackEval is not installed: deploy/bootstrap.sh trackeval"
            ) from error
        quiet = {"PRINT_CONFIG": False}
        self._metrics = (metrics.HOTA(), metrics.CLEAR(quiet), metrics.Identity(quiet))

    def measure(self, truth: Iterable[Boxes], tracks: Iterable[Boxes]) -> list[Results]:
        """What each metric counts in one sequence; `combine` makes scores of them."""
        data = _data(list(truth), list(tracks))
        counts = {"tracks": data["num_tracker_ids"], "people": data["num_gt_ids"]}
        return [*(metric.eval_sequence(data) for metric in self._metrics), counts]

    def combine(self, sequences: Mapping[str, list[Results]]) -> Scores:
        """The scores over all of `sequences`, as MOTChallenge adds them up."""
        hota, clear, identity = (
            metric.combine_sequences({name: found[index] for name, found in sequences.items()})
            for index, metric in enumerate(self._metrics)
        )
        counts = [found[-1] for found in sequences.values()]
        return Scores(
            _percent(hota["HOTA"]),
            _percent(hota["DetA"]),
            _percent(hota["AssA"]),
            _percent(clear["MOTA"]),
            _percent(identity["IDF1"]),
            int(clear["IDSW"]),
            sum(count["tracks"] for count in counts),
            sum(count["people"] for count in counts),
        )


def _percent(value: Any) -> float:  # noqa: ANN401 - a float, or an array over thresholds
    return round(100 * float(np.mean(value)), 2)


def _data(truth: list[Boxes], tracks: list[Boxes]) -> Results:
    true_ids, track_ids = _numbered(truth), _numbered(tracks)
    return {
        "gt_ids": true_ids,
        "tracker_ids": track_ids,
        "similarity_scores": [
            iou(true.corners, track.corners) for true, track in zip(truth, tracks, strict=True)
        ],
        "num_gt_ids": _distinct(true_ids),
        "num_tracker_ids": _distinct(track_ids),
        "num_gt_dets": sum(map(len, true_ids)),
        "num_tracker_dets": sum(map(len, track_ids)),
        "num_timesteps": len(truth),
    }


def _numbered(frames: list[Boxes]) -> "list[np.ndarray[tuple[int], np.dtype[np.int64]]]":
    """Ids as indices from 0."""
    known: dict[float, int] = {}
    return [
        np.array([known.setdefault(value, len(known)) for value in frame.values], dtype=np.int64)
        for frame in frames
    ]


def _distinct(frames: "list[np.ndarray[tuple[int], np.dtype[np.int64]]]") -> int:
    return len({int(value) for frame in frames for value in frame})
