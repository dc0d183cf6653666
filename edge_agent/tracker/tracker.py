"""ByteTrack's two stages (Zhang et al., ECCV 2022, arXiv:2110.06864) on grown boxes.

What differs from the paper: time is in seconds, not frames; boxes are grown before they are
compared (C-BIoU) and compared in height too (Hybrid-SORT), for small people at 5 to 10 frames
a second; walking on the same way counts (OC-SORT), and so does the detector's confidence; and a
second box on somebody who is followed already does not become a track.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from edge_agent.tracker import kalman
from edge_agent.tracker.association import (
    Array,
    Matches,
    areas,
    as_array,
    assigned,
    grown,
    height_agreement,
    iou,
    overlaps,
    same_way,
    to_centres,
    to_corners,
)
from edge_agent.tracker.kalman import Boxes
from edge_agent.tracker.settings import TrackerSettings
from models.detection import Detection
from shared.classes import ObjectClass
from shared.geometry import Rect

Centre = tuple[float, float]


class TrackPoint(NamedTuple):
    """A track's detection in this frame.

    A track is given from its first detection; it may be trusted once it is `confirmed`. Where
    it is not `sure`, the detection was weak, and may be of something nearby.
    """

    track: int
    detection: Detection
    confirmed: bool
    sure: bool


class TrackerStep(NamedTuple):
    """What one frame brought: tracks seen in it, tracks that are over, newly confirmed ones."""

    seen: list[TrackPoint]
    ended: list[int]
    confirmed: list[ObjectClass]


@dataclass(slots=True)
class _Track:
    """`hits` counts sure detections; the last of them was at `seen_s`, with its centre `place`."""

    number: int
    object_class: ObjectClass
    started_s: float
    seen_s: float
    place: Centre
    hits: int = 0
    detections: int = 0
    confidence: float = 0.0
    confirmed: bool = False


class Tracker:
    """Tracks of one channel. One update a frame, in the order of time."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self._settings = settings or TrackerSettings()
        self._tracks: list[_Track] = []
        self._boxes = kalman.started(np.empty((0, 4)))
        self._next = 1
        self._at_s = 0.0

    def update(
        self, detections: Sequence[Detection], position_s: float, bounds: Rect | None = None
    ) -> TrackerStep:
        """Match `detections` of the frame at `position_s` (seconds, rising) to tracks.

        A track that is expected outside `bounds` (the picture, same pixels) has left it.
        """
        self._boxes = kalman.predicted(self._boxes, position_s - self._at_s)
        self._at_s = position_s
        useful = [d for d in detections if d.confidence >= self._settings.low]
        matches = self._match(useful)
        self._correct(useful, matches.pairs)
        started = [c for c in matches.columns if useful[c].confidence >= self._settings.start]
        pairs = matches.pairs + [
            (row, column) for row, column in enumerate(started, start=len(self._tracks))
        ]
        self._start([useful[column] for column in started])
        confirmed = self._count(useful, pairs)
        points = [self._point(row, useful[column]) for row, column in pairs]
        return TrackerStep(points, self._expire(bounds), confirmed)

    def forget(self, number: int) -> None:
        """Stop looking for track `number`: it is known to go on as another one."""
        self._keep([track.number != number for track in self._tracks])

    def reset(self) -> list[int]:
        """End every track, because the picture changed; their numbers."""
        ended = [track.number for track in self._tracks]
        self._keep([False] * len(ended))
        return ended

    def _match(self, detections: list[Detection]) -> Matches:
        """Sure detections first, boxes grown more each round; then what is left to weak ones."""
        settings = self._settings
        rows = list(range(len(self._tracks)))
        columns = [i for i, d in enumerate(detections) if d.confidence >= settings.high]
        weak = [i for i, d in enumerate(detections) if d.confidence < settings.high]
        pairs: list[tuple[int, int]] = []
        for buffer in settings.buffers:
            found = self._round(detections, rows, columns, (buffer, settings.min_overlap))
            pairs, rows, columns = pairs + found.pairs, found.rows, found.columns
        found = self._round(detections, rows, weak, (0.0, settings.low_overlap))
        return Matches(pairs + found.pairs, found.rows, columns)

    def _round(
        self,
        detections: list[Detection],
        rows: list[int],
        columns: list[int],
        rule: tuple[float, float],
    ) -> Matches:
        """One assignment of tracks `rows` to detections `columns`.

        `rule` is how much boxes are grown, and the least likeness.
        """
        if not (rows and columns):
            return Matches([], rows, columns)
        buffer, least = rule
        tracks = to_corners(self._boxes.mean[rows, :, 0])
        boxes = as_array([detections[column].rect for column in columns])
        alike = iou(grown(tracks, buffer), grown(boxes, buffer)) * height_agreement(tracks, boxes)
        kinds = [detections[column].object_class for column in columns]
        same = [[self._tracks[row].object_class == kind for kind in kinds] for row in rows]
        allowed = (alike >= least) & np.array(same, dtype=bool).reshape(alike.shape)
        confidence = np.array([detections[column].confidence for column in columns])
        liked = alike * (1 - self._settings.doubt * (1 - confidence))
        liked += self._settings.direction * self._same_way(rows, boxes)
        step = assigned(liked * self._fading(rows), allowed)
        return Matches(
            [(rows[row], columns[column]) for row, column in step.pairs],
            [rows[row] for row in step.rows],
            [columns[column] for column in step.columns],
        )

    def _same_way(self, rows: list[int], boxes: Array) -> Array:
        places = np.array([self._tracks[row].place for row in rows]).reshape(-1, 2)
        steps = to_centres(boxes)[None, :, :2] - places[:, None]
        mean = self._boxes.mean[rows]
        return same_way(mean[:, :2, 1], steps, np.maximum(mean[:, 3, 0], 1.0))

    def _fading(self, rows: list[int]) -> Array:
        unseen_s = np.array([self._at_s - self._tracks[row].seen_s for row in rows])
        return np.exp(-self._settings.forget_rate * unseen_s)[:, None]

    def _correct(self, detections: list[Detection], pairs: list[tuple[int, int]]) -> None:
        rows = [row for row, _ in pairs]
        found = [detections[column] for _, column in pairs]
        measured = to_centres(as_array([detection.rect for detection in found]))
        confidence = np.array([detection.confidence for detection in found], dtype=np.float64)
        part = Boxes(self._boxes.mean[rows], self._boxes.covariance[rows])
        mean, covariance = kalman.corrected(part, measured, confidence)
        self._boxes.mean[rows], self._boxes.covariance[rows] = mean, covariance

    def _start(self, detections: list[Detection]) -> None:
        for detection in detections:
            place, at_s = _centre(detection.rect), self._at_s
            self._tracks.append(_Track(self._next, detection.object_class, at_s, at_s, place))
            self._next += 1
        new = kalman.started(to_centres(as_array([detection.rect for detection in detections])))
        self._boxes = Boxes(
            np.concatenate([self._boxes.mean, new.mean]),
            np.concatenate([self._boxes.covariance, new.covariance]),
        )

    def _count(
        self, detections: list[Detection], pairs: list[tuple[int, int]]
    ) -> list[ObjectClass]:
        """Note what each track was seen as; the classes of those confirmed by it."""
        firm = as_array([detections[c].rect for r, c in pairs if self._tracks[r].confirmed])
        confirmed = []
        for row, column in pairs:
            track, detection = self._tracks[row], detections[column]
            track.detections += 1
            track.confidence += detection.confidence
            if detection.confidence < self._settings.high:
                continue
            track.seen_s, track.place = self._at_s, _centre(detection.rect)
            track.hits += track.confirmed or (
                _covered(as_array([detection.rect]), firm) <= self._settings.covered
            )
            if not track.confirmed and self._convincing(track):
                track.confirmed = True
                confirmed.append(track.object_class)
        return confirmed

    def _convincing(self, track: _Track) -> bool:
        settings, mean = self._settings, track.confidence / track.detections
        old = self._at_s - track.started_s >= settings.confirm_s
        return old and track.hits >= settings.confirm_hits and mean >= settings.high

    def _point(self, row: int, detection: Detection) -> TrackPoint:
        track = self._tracks[row]
        sure = detection.confidence >= self._settings.high
        return TrackPoint(track.number, detection, track.confirmed, sure)

    def _expire(self, bounds: Rect | None) -> list[int]:
        settings = self._settings
        kept = []
        for track, (x, y) in zip(self._tracks, self._boxes.mean[:, :2, 0], strict=True):
            unseen_s = self._at_s - track.seen_s
            patience_s = settings.lost_s if track.confirmed else settings.tentative_s
            left = unseen_s > 0 and bounds is not None and not _contains(bounds, x, y)
            kept.append(unseen_s <= patience_s and not left)
        ended = [track.number for track, keep in zip(self._tracks, kept, strict=True) if not keep]
        self._keep(kept)
        return ended

    def _keep(self, kept: list[bool]) -> None:
        self._tracks = [track for track, keep in zip(self._tracks, kept, strict=True) if keep]
        mask = np.array(kept, dtype=bool)
        self._boxes = Boxes(self._boxes.mean[mask], self._boxes.covariance[mask])


def _centre(rect: Rect) -> Centre:
    return (rect.left + rect.right) / 2, (rect.top + rect.bottom) / 2


def _covered(rect: Array, others: Array) -> float:
    """The largest part of `rect` (1, 4) that lies in one of `others` (N, 4), 0 to 1."""
    if not len(others):
        return 0.0
    return float(overlaps(rect, others).max() / max(areas(rect)[0], 1e-9))


def _contains(bounds: Rect, x: float, y: float) -> bool:
    return bounds.left <= x <= bounds.right and bounds.top <= y <= bounds.bottom
