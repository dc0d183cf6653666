"""ByteTrack's two stages (Zhang et al., ECCV 2022, arXiv:2110.06864) on grown boxes.

What differs from the paper: time is in seconds, not frames; boxes are grown before they are
compared (C-BIoU) and compared in height too (Hybrid-SORT), for small people at 5 to 10 frames
a second; and a second box on somebody who is followed already does not become a track.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    to_centres,
    to_corners,
)
from edge_agent.tracker.kalman import Boxes
from edge_agent.tracker.settings import TrackerSettings
from models.detection import Detection
from shared.classes import ObjectClass


class TrackPoint(NamedTuple):
    """A track's detection in this frame.

    A track is given from its first detection; it may be trusted once it is `confirmed`.
    """

    track: int
    detection: Detection
    confirmed: bool


class TrackerStep(NamedTuple):
    """What one frame brought: tracks seen in it, tracks that are over, newly confirmed ones."""

    seen: list[TrackPoint]
    ended: list[int]
    confirmed: list[ObjectClass]


@dataclass(frozen=True, slots=True)
class _Track:
    number: int
    object_class: ObjectClass
    hits: int
    seen_s: float
    confirmed: bool


class Tracker:
    """Tracks of one channel. One update a frame, in the order of time."""

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self._settings = settings or TrackerSettings()
        self._tracks: list[_Track] = []
        self._boxes = kalman.started(np.empty((0, 4)))
        self._next = 1
        self._at_s = 0.0

    def update(self, detections: Sequence[Detection], position_s: float) -> TrackerStep:
        """Match `detections` of the frame at `position_s` (seconds, rising) to tracks."""
        self._boxes = kalman.predicted(self._boxes, position_s - self._at_s)
        self._at_s = position_s
        useful = [d for d in detections if d.confidence >= self._settings.low]
        matches = self._match(useful)
        self._correct(useful, matches.pairs)
        before = {track.number for track in self._tracks if track.confirmed}
        self._confirm(useful, matches.pairs)
        seen = {row: useful[column] for row, column in matches.pairs}
        for column in matches.columns:
            if useful[column].confidence >= self._settings.start:
                seen[len(self._tracks)] = useful[column]
                self._start(useful[column])
        points = [
            TrackPoint(self._tracks[row].number, detection, self._tracks[row].confirmed)
            for row, detection in seen.items()
        ]
        confirmed = [
            track.object_class
            for track in self._tracks
            if track.confirmed and track.number not in before
        ]
        return TrackerStep(points, self._expire(), confirmed)

    def forget(self, number: int) -> None:
        """Stop looking for track `number`: it is known to go on as another one."""
        self._keep([track.number != number for track in self._tracks])

    def reset(self) -> list[int]:
        """End every track, because the picture changed; their numbers."""
        ended = [track.number for track in self._tracks]
        self._keep([False] * len(ended))
        return ended

    def _match(self, detections: list[Detection]) -> Matches:
        settings = self._settings
        high = [i for i, d in enumerate(detections) if d.confidence >= settings.high]
        low = [i for i, d in enumerate(detections) if d.confidence < settings.high]
        found: list[tuple[int, int]] = []
        rows = list(range(len(self._tracks)))
        for columns, buffers in ((high, settings.buffers), (low, settings.buffers[:1])):
            left = columns
            for buffer in buffers:
                step = self._round(detections, rows, left, buffer)
                found += step.pairs
                rows, left = step.rows, step.columns
            if columns is high:
                unmatched = left
        return Matches(found, rows, unmatched)

    def _round(
        self, detections: list[Detection], rows: list[int], columns: list[int], buffer: float
    ) -> Matches:
        """One assignment of tracks `rows` to detections `columns`, boxes grown by `buffer`."""
        tracks = to_corners(self._boxes.mean[rows, :, 0])
        boxes = as_array([detections[column].rect for column in columns])
        overlap = iou(grown(tracks, buffer), grown(boxes, buffer))
        same = np.array(
            [
                [
                    self._tracks[row].object_class == detections[column].object_class
                    for column in columns
                ]
                for row in rows
            ],
            dtype=bool,
        ).reshape(overlap.shape)
        similarity = overlap * height_agreement(tracks, boxes)
        step = assigned(similarity, same & (similarity >= self._settings.min_overlap))
        return Matches(
            [(rows[row], columns[column]) for row, column in step.pairs],
            [rows[row] for row in step.rows],
            [columns[column] for column in step.columns],
        )

    def _correct(self, detections: list[Detection], pairs: list[tuple[int, int]]) -> None:
        rows = [row for row, _ in pairs]
        found = [detections[column] for _, column in pairs]
        measured = to_centres(as_array([detection.rect for detection in found]))
        confidence = np.array([detection.confidence for detection in found], dtype=np.float64)
        part = Boxes(self._boxes.mean[rows], self._boxes.covariance[rows])
        mean, covariance = kalman.corrected(part, measured, confidence)
        self._boxes.mean[rows], self._boxes.covariance[rows] = mean, covariance

    def _confirm(self, detections: list[Detection], pairs: list[tuple[int, int]]) -> None:
        firm = as_array([detections[c].rect for r, c in pairs if self._tracks[r].confirmed])
        for row, column in pairs:
            track = self._tracks[row]
            rect = as_array([detections[column].rect])
            doubled = not track.confirmed and _covered(rect, firm) > self._settings.covered
            hits = track.hits + (not doubled)
            self._tracks[row] = replace(
                track,
                hits=hits,
                seen_s=self._at_s,
                confirmed=track.confirmed or hits >= self._settings.confirm_hits,
            )

    def _start(self, detection: Detection) -> None:
        first = self._settings.confirm_hits <= 1
        self._tracks.append(_Track(self._next, detection.object_class, 1, self._at_s, first))
        self._next += 1
        new = kalman.started(to_centres(as_array([detection.rect])))
        self._boxes = Boxes(
            np.concatenate([self._boxes.mean, new.mean]),
            np.concatenate([self._boxes.covariance, new.covariance]),
        )

    def _expire(self) -> list[int]:
        settings = self._settings
        fresh = [
            self._at_s - track.seen_s
            <= (settings.lost_s if track.confirmed else settings.tentative_s)
            for track in self._tracks
        ]
        ended = [t.number for t, keep in zip(self._tracks, fresh, strict=True) if not keep]
        self._keep(fresh)
        return ended

    def _keep(self, kept: list[bool]) -> None:
        self._tracks = [track for track, keep in zip(self._tracks, kept, strict=True) if keep]
        mask = np.array(kept, dtype=bool)
        self._boxes = Boxes(self._boxes.mean[mask], self._boxes.covariance[mask])


def _covered(rect: Array, others: Array) -> float:
    """The largest part of `rect` (1, 4) that lies in one of `others` (N, 4), 0 to 1."""
    if not len(others):
        return 0.0
    return float(overlaps(rect, others).max() / max(areas(rect)[0], 1e-9))
