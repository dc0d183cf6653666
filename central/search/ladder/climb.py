"""The ladder: the rungs one after the other, each of which can be switched off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from central.search.ladder.attributes import Said, evidence, plate_evidence
from central.search.ladder.camera_mean import Rows, centred
from central.search.ladder.k_reciprocal import reranked
from central.search.ladder.recency import nearness
from central.search.ladder.rounds import steered
from central.search.ladder.whitening import whitened
from shared.vectors import Vector

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RERANKED = 200
"""How many of the best are re-ranked by their neighbours: O(n^2)."""

WORDS_WEIGHT = 0.04
"""What a unit of the evidence of words, a log of a likelihood ratio, counts against cosines."""

RECENCY_WEIGHT = 0.02
_LAST = 10.0
_TINY = 1e-6


@dataclass(frozen=True)
class Rungs:
    """Which rungs are climbed."""

    camera_mean: bool = True
    whitening: bool = True
    reach: bool = True
    k_reciprocal: bool = True
    rounds: bool = True
    attributes: bool = True
    recency: bool = True


@dataclass(frozen=True)
class Sights:
    """Sightings, a row each: unit `vectors` (N, D), the `means` (N, D) to take away, the words."""

    vectors: Rows
    means: Rows
    said: Said

    def joined(self, others: "Sights") -> "Sights":
        """These and `others` after them."""
        return Sights(
            np.concatenate([self.vectors, others.vectors]),
            np.concatenate([self.means, others.means]),
            Said(
                np.concatenate([self.said.values, others.said.values]),
                np.concatenate([self.said.confidences, others.said.confidences]),
                [*self.said.plates, *others.said.plates],
            ),
        )


@dataclass(frozen=True)
class Question:
    """What is looked for: pictures of the one, at least one, and of those taken for it."""

    positives: Sights
    negatives: Sights


@dataclass(frozen=True)
class Found:
    """The candidates again: `order` are their rows best first, all else is by row.

    `cosines` are those with the positives, centred where something was known to take away
    (`centred`); `words` is the evidence of attributes and plates, ln of a likelihood ratio. These
    are what a band is told from. `scores` order the answer and mean nothing else.
    """

    order: NDArray[np.intp]
    cosines: Floats
    words: Floats
    centred: bool
    scores: Floats


def middle(positives: Sights, rungs: Rungs) -> Vector:
    """The unit vector (D,) to ask an index for.

    Of a centred query, the cosines with vectors that are not centred are off by the same for all
    of a camera; the best by them hold nearly all that the centred ones would.
    """
    found = _rows(positives, rungs).mean(axis=0)
    return np.asarray(found / max(float(np.linalg.norm(found)), _TINY), dtype=np.float32)


def climb(asked: Question, gallery: Sights, rungs: Rungs, possible: Bools, gaps_s: Floats) -> Found:
    """Re-rank `gallery` (N rows).

    Args:
        asked: the one looked for; at least one positive.
        gallery: the candidates.
        rungs: which to climb.
        possible: (N,) who can be reached; the others come last.
        gaps_s: (N,) seconds to the nearest stop, infinite where there is none.
    """
    positives, negatives, rows = (
        _rows(sights, rungs) for sights in (asked.positives, asked.negatives, gallery)
    )
    if not rungs.rounds:
        positives, negatives = middle(asked.positives, rungs)[None], negatives[:0]
    # Bands are told from cosines as they were fitted: not whitened.
    cosines = steered(positives, negatives, rows)
    alike = cosines
    if rungs.whitening:
        parts = np.cumsum([len(positives), len(negatives)])
        together = whitened(np.concatenate([positives, negatives, rows]), rows)
        positives, negatives, rows = np.split(together, parts)
        alike = steered(positives, negatives, rows)
    words = _words(asked.positives.said, gallery.said, rungs)
    scores = alike + WORDS_WEIGHT * words
    if rungs.recency:
        scores = scores + RECENCY_WEIGHT * nearness(gaps_s)
    if rungs.reach:
        scores = np.where(possible, scores, scores - _LAST)
    if rungs.k_reciprocal:
        scores = _mixed(positives, rows, scores)
    known = rungs.camera_mean and bool(asked.positives.means.any())
    return Found(np.argsort(-scores, kind="stable"), cosines, words, known, scores)


def _rows(sights: Sights, rungs: Rungs) -> Rows:
    return centred(sights.vectors, sights.means) if rungs.camera_mean else sights.vectors


def _words(wanted: Said, gallery: Said, rungs: Rungs) -> Floats:
    if not rungs.attributes:
        return np.zeros(len(gallery.values))
    return evidence(wanted, gallery) + plate_evidence(wanted, gallery)


def _mixed(positives: Rows, rows: Rows, scores: Floats) -> Floats:
    """The best by `scores` ordered anew among themselves, and above all others."""
    best = np.argsort(-scores, kind="stable")[:RERANKED]
    alike = np.max([reranked(probe, rows[best]) for probe in positives], axis=0)
    found = scores - 100
    found[best] = scores[best] + alike
    return np.asarray(found)
