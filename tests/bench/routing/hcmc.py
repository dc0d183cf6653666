"""Real vehicles past three real cameras, put together by transit times alone.

The truth is boxes by frame with the vehicle's number, which is the same at all cameras. Nothing is
said of frame rates and clocks, so frames are taken as times as they are, with those of one number
at the same moment: every vehicle comes into camera 2 from 32 to 136 frames after it left camera 1,
and into camera 3 some 600 after, which it could not if clocks ran apart. 30 frames a second are
assumed; only what lingering costs depends on it. Some numbers at the beginning of camera 3 are used
again at the end of camera 1, 8,300 frames later: another vehicle, and the truth is cut there.

Tracks of single cameras are the truth's own, so that only what joins them is measured. Links are
learnt from half of the vehicles, as from confirmed routes; all tracks are then joined, each to one
later one at most, by the most probable times; and the other half's vehicles are scored. Then the
halves change places. The baseline joins each to the nearest in time at the next camera.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from central.routes.links.percentiles import Learnt, as_times, learnt
from central.routes.links.transit import log_density
from shared.classes import ObjectClass
from shared.errors import DependencyMissing
from tests.bench.mot.scoring import Scorer
from tests.bench.mot.sequences import Boxes

Floats = NDArray[np.float64]

FPS = 30.0
CAMERAS = (1, 2, 3)
STEPS = ((1, 2), (2, 3), (1, 3))
SKIPPED = np.log(0.1)
"""A camera that a vehicle passed and that has no track of it: as `MISSED` in where next."""

ALONE = np.log(1 / 600)
"""Joined is what is more probable than somebody else in ten minutes."""

_NOON = datetime(2026, 7, 20, 12, tzinfo=UTC)
_NEVER = -1e6


class Track(NamedTuple):
    """One vehicle past one camera; seconds, and where its boxes are in the file."""

    camera: int
    vehicle: int
    first_s: float
    last_s: float
    frames: NDArray[np.int64]
    corners: Floats

    @property
    def middle_s(self) -> float:
        """As links reckon."""
        return (self.first_s + self.last_s) / 2


class Measured(NamedTuple):
    """Percent: the multi-camera IDF1 of both, and the true transitions within the interval."""

    idf1: float
    idf1_nearest: float
    within: float
    transitions: int
    vehicles: int


def read_tracks(folder: Path) -> list[Track]:
    """All tracks of the three cameras.

    Raises:
        DependencyMissing: the data is not there.
    """
    files = {camera: folder / f"gt_cam{camera}.txt" for camera in CAMERAS}
    if not all(file.is_file() for file in files.values()):
        raise DependencyMissing(f"{folder} lacks gt_cam1.txt, gt_cam2.txt or gt_cam3.txt")
    found = [track for camera, file in files.items() for track in _read(camera, file)]
    left = {track.vehicle: track.last_s for track in found if track.camera == 1}
    return [
        # A number that is used again, see above.
        track._replace(vehicle=-track.vehicle)
        if track.camera != 1 and track.first_s < left.get(track.vehicle, -np.inf) - 10
        else track
        for track in found
    ]


def measure(folder: Path) -> Measured:
    """Learn on half of the vehicles, score the other half, change places, and take the mean."""
    tracks = read_tracks(folder)
    numbers = sorted({track.vehicle for track in tracks})
    halves = [set(numbers[part::2]) for part in (0, 1)]
    scorer = Scorer()
    parts = []
    for known, other in (halves, halves[::-1]):
        links = _learn(track for track in tracks if track.vehicle in known)
        joined = _joined(tracks, _by_times(tracks, links))
        nearest = _joined(tracks, _by_nearness(tracks))
        within = [_is_within(links[step], took) for step, took in _transitions(tracks, other)]
        parts.append(
            Measured(
                _idf1(scorer, tracks, joined, other),
                _idf1(scorer, tracks, nearest, other),
                100 * float(np.mean(within)),
                len(within),
                len(other),
            )
        )
    one, two = parts
    return Measured(
        idf1=round((one.idf1 + two.idf1) / 2, 2),
        idf1_nearest=round((one.idf1_nearest + two.idf1_nearest) / 2, 2),
        within=round((one.within + two.within) / 2, 2),
        transitions=one.transitions + two.transitions,
        vehicles=one.vehicles + two.vehicles,
    )


def _read(camera: int, file: Path) -> Iterator[Track]:
    rows = np.loadtxt(file, delimiter=",")
    for vehicle in np.unique(rows[:, 1]):
        own = rows[rows[:, 1] == vehicle]
        own = own[np.argsort(own[:, 0])]
        corners = np.column_stack([own[:, 2:4], own[:, 2:4] + own[:, 4:6]])
        frames = own[:, 0].astype(np.int64)
        ends = frames[0] / FPS, frames[-1] / FPS
        yield Track(camera, int(vehicle), *ends, frames, corners)


def _learn(tracks: Iterator[Track]) -> dict[tuple[int, int], Learnt]:
    found = defaultdict(list)
    for step, took in _transitions(list(tracks)):
        found[step].append(took)
    return {
        step: learnt(np.array(times), [_NOON] * len(times), ObjectClass.VEHICLE)
        for step, times in found.items()
    }


def _transitions(
    tracks: Sequence[Track], of: set[int] | None = None
) -> Iterator[tuple[tuple[int, int], float]]:
    """Each vehicle's steps from a camera to its next: which, and seconds."""
    by_vehicle = defaultdict(list)
    for track in tracks:
        if of is None or track.vehicle in of:
            by_vehicle[track.vehicle].append(track)
    for own in by_vehicle.values():
        own.sort(key=lambda track: track.camera)
        for one, two in pairwise(own):
            yield (one.camera, two.camera), two.middle_s - one.middle_s


def _is_within(link: Learnt, took: float) -> bool:
    return link.p05_s <= took <= link.p95_s


def _by_times(tracks: Sequence[Track], links: Mapping[tuple[int, int], Learnt]) -> Floats:
    """How much speaks for each track after each, (N, N); `_NEVER` for what cannot be."""
    found = np.full((len(tracks), len(tracks)), _NEVER)
    for step in STEPS:
        if step not in links:
            continue
        link = links[step]
        rows = [number for number, track in enumerate(tracks) if track.camera == step[0]]
        columns = [number for number, track in enumerate(tracks) if track.camera == step[1]]
        took = np.subtract.outer(
            [tracks[n].middle_s for n in columns], [tracks[n].middle_s for n in rows]
        ).T
        times = as_times(*(np.array([value]) for value in link[:3]))
        told = log_density(took, times) - ALONE + (SKIPPED if step == (1, 3) else 0.0)
        found[np.ix_(rows, columns)] = np.where(took > 0, told, _NEVER)
    return found


def _by_nearness(tracks: Sequence[Track]) -> Floats:
    """The same where the nearest in time at the next camera is best."""
    found = np.full((len(tracks), len(tracks)), _NEVER)
    for row, one in enumerate(tracks):
        for column, two in enumerate(tracks):
            took = two.middle_s - one.middle_s
            if (one.camera, two.camera) in STEPS[:2] and took > 0:
                found[row, column] = 1e5 - took
    return found


def _joined(tracks: Sequence[Track], weights: Floats) -> list[int]:
    """A number for each track, the same for those joined; the best sum of weights above 0."""
    size = len(tracks)
    # Each may as well stay alone, at no gain.
    padded = np.zeros((size, 2 * size))
    padded[:, :size] = weights
    rows, columns = linear_sum_assignment(padded, maximize=True)
    after = {int(r): int(c) for r, c in zip(rows, columns, strict=True) if c < size}
    numbers = list(range(size))
    order = sorted(range(size), key=lambda row: tracks[row].camera)
    for row in order:
        if row in after and weights[row, after[row]] > 0:
            numbers[after[row]] = numbers[row]
    return numbers


def _idf1(scorer: Scorer, tracks: Sequence[Track], numbers: list[int], of: set[int]) -> float:
    """TrackEval's IDF1 over the frames of all cameras, one after the other, of some vehicles."""
    truth: dict[tuple[int, int], list[tuple[Floats, float, float]]] = defaultdict(list)
    for track, number in zip(tracks, numbers, strict=True):
        if track.vehicle in of:
            for frame, corners in zip(track.frames.tolist(), track.corners, strict=True):
                truth[track.camera, frame].append((corners, float(track.vehicle), float(number)))
    frames = [truth[key] for key in sorted(truth)]
    true, given = (
        [
            Boxes(np.array([each[0] for each in frame]), np.array([each[column] for each in frame]))
            for frame in frames
        ]
        for column in (1, 2)
    )
    return scorer.combine({"hcmc": scorer.measure(true, given)}).idf1
