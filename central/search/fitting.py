"""Fits the curve of a space from vectors of which it is known whom they show.

Logistic regression (Platt, Probabilistic Outputs for Support Vector Machines, 1999) with both
kinds of pairs weighed the same, so that what is fitted is the likelihood ratio and no prior.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from central.search.bands import Curve
from central.search.ladder.camera_mean import Rows, centred
from shared.errors import ConfigError

_FEWEST = 20
_OTHERS = 5
"""So many pairs of two above a cosine are too few to say how rare they are."""


class Labelled(NamedTuple):
    """Unit vectors (N, D), whom each shows and which camera took it."""

    vectors: Rows
    identities: NDArray[np.str_]
    cameras: NDArray[np.str_]


class Pairs(NamedTuple):
    """Cosines of pairs through two cameras, and whether both show one."""

    cosines: NDArray[np.float64]
    same: NDArray[np.bool_]


def pairs_of(labelled: Labelled) -> Pairs:
    """Every pair through two cameras. O(N^2) memory: some thousands of vectors."""
    first, second = np.triu_indices(len(labelled.vectors), 1)
    across = labelled.cameras[first] != labelled.cameras[second]
    first, second = first[across], second[across]
    cosines = (labelled.vectors @ labelled.vectors.T)[first, second]
    return Pairs(
        cosines.astype(np.float64), labelled.identities[first] == labelled.identities[second]
    )


def without_cameras(labelled: Labelled) -> Labelled:
    """The same without the mean of each camera."""
    means = np.zeros_like(labelled.vectors)
    for camera in np.unique(labelled.cameras):
        here = labelled.cameras == camera
        means[here] = labelled.vectors[here].mean(axis=0)
    return labelled._replace(vectors=centred(labelled.vectors, means))


def fit(pairs: Pairs) -> Curve:
    """The curve of `pairs`.

    Raises:
        ConfigError: hardly any pair of one, or of two; or one's are not the more alike.
    """
    same, cosines = pairs.same, pairs.cosines
    if min(same.sum(), (~same).sum()) < _FEWEST:
        raise ConfigError(
            f"{int(same.sum())} pairs of one and {int((~same).sum())} of two through two cameras; "
            f"at least {_FEWEST} of each are needed"
        )
    weights = np.where(same, 0.5 / same.sum(), 0.5 / (~same).sum())

    def loss(line: NDArray[np.float64]) -> float:
        odds = line[0] + line[1] * cosines
        return float((weights * np.logaddexp(0, np.where(same, -odds, odds))).sum())

    intercept, slope = minimize(loss, np.array([0.0, 5.0])).x
    if slope <= 0:
        raise ConfigError("vectors of one are not more alike than those of two: is it that model?")
    highest = float(np.sort(cosines[~same])[-_OTHERS])
    return Curve(float(intercept), float(slope), float(np.percentile(cosines, 1)), highest)
