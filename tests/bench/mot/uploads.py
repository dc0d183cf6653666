"""How many sightings a box would send of each person who really passed.

A person counts who met the size rule: in at least `_ENOUGH` of the frames that are looked at, the
truth has them large enough, whole in the picture, half of them or more uncovered, and there is a
detection on them, for whom no detector sees no box can send. A sighting is of the person whose true
box its picture shows best, by IoU of a half or more; of nobody, it is a ghost.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from edge_agent.tracker.association import iou
from edge_agent.tracklet import Revision, TrackletPolicy
from tests.bench.mot.followers import NOON_MS
from tests.bench.mot.sequences import Boxes, Sequence, in_front

_ENOUGH = 3
_IS = 0.5


class Uploads(NamedTuple):
    """People who met the rule, those never sent, sightings of people sent, and of nobody."""

    due: int
    missed: int
    people: int
    sightings: int
    ghosts: int

    def added(self, other: "Uploads") -> "Uploads":
        """Both together."""
        return Uploads(*(a + b for a, b in zip(self, other, strict=True)))

    def row(self) -> dict[str, str | float]:
        """The figures as they are printed."""
        return {
            "people due": self.due,
            "missed %": round(100 * self.missed / max(1, self.due), 1),
            "people sent": self.people,
            "sightings a person": round(self.sightings / max(1, self.people), 3),
            "ghosts": self.ghosts,
        }


def count(sequence: Sequence, fps: float, due: Iterable[Revision]) -> Uploads:
    """What `due` makes of the people in `sequence`, looked at `fps` times a second."""
    every = max(1, round(sequence.fps / fps))
    wanted = _due(sequence, every)
    final = {revision.tracklet.identity: revision for revision in due}
    shown = Counter(_shows(revision, sequence) for revision in final.values())
    ghosts = shown.pop(None, 0)
    return Uploads(len(wanted), len(wanted - set(shown)), len(shown), sum(shown.values()), ghosts)


def _due(sequence: Sequence, every: int) -> set[float]:
    met: Counter[float] = Counter()
    for index in range(0, len(sequence.truth), every):
        met.update(_seen_well(sequence.truth[index], sequence.detections[index], sequence.size))
    return {person for person, frames in met.items() if frames >= _ENOUGH}


def _seen_well(truth: Boxes, found: Boxes, size: tuple[int, int]) -> Iterable[float]:
    policy, boxes = TrackletPolicy(), truth.corners
    width, height = (boxes[:, 2:] - boxes[:, :2]).T
    fits = (width >= policy.min_width) & (height >= policy.min_height)
    fits &= (boxes[:, :2] >= 0).all(axis=1) & (boxes[:, 2:] <= size).all(axis=1)
    noticed = iou(boxes, found.corners).max(axis=1, initial=0) >= _IS
    return [float(person) for person in truth.values[fits & (in_front(truth) < _IS) & noticed]]


def _shows(revision: Revision, sequence: Sequence) -> float | None:
    shot = revision.shot
    truth = sequence.truth[round((shot.at_ms - NOON_MS) / 1000 * sequence.fps)]
    fit = iou(np.array([shot.rect]), truth.corners)[0]
    return float(truth.values[np.argmax(fit)]) if fit.max(initial=0) >= _IS else None
