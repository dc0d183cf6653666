"""The rung of k-reciprocal neighbours: who are among each other's nearest.

Zhong, Zheng, Cao and Li, Re-ranking Person Re-identification with k-reciprocal Encoding, CVPR
2017: each vector is described by its mutual neighbours, weighed by nearness, and two vectors are
alike as far as these descriptions overlap (Jaccard), mixed with their own cosine.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from central.search.ladder.camera_mean import Rows

Floats = NDArray[np.float64]
_MUTUAL = 2 / 3


class Neighbours(NamedTuple):
    """`k1` mutual neighbours describe a vector, its `k2` nearest share theirs with it.

    `own` is the part of the plain distance in the mixed one.
    """

    k1: int = 6
    k2: int = 2
    own: float = 0.3


def reranked(probe: Rows, gallery: Rows, how: Neighbours | None = None) -> Floats:
    """How like `probe` (D,) each of `gallery` (N, D) is, 0 to 1, by unit vectors. O(N^2 D)."""
    how = how or Neighbours()
    vectors = np.concatenate([probe[None], gallery]).astype(np.float32)
    distance = np.maximum(0.0, 2 - 2 * (vectors @ vectors.T).astype(np.float64))
    np.fill_diagonal(distance, 0.0)
    # As the authors do: each against its own farthest.
    scaled = distance / np.maximum(distance.max(axis=1, keepdims=True), 1e-12)
    weights = _encoded(scaled, how)
    overlap = np.minimum(weights[0], weights[1:]).sum(axis=1)
    jaccard = 1 - overlap / (2 - overlap)
    return np.asarray(1 - ((1 - how.own) * jaccard + how.own * scaled[0, 1:]))


def _encoded(distance: Floats, how: Neighbours) -> Floats:
    order = np.argsort(distance, axis=1, kind="stable")
    near = _mutual(order, how.k1)
    nearer = _mutual(order, max(1, round(how.k1 / 2))).astype(np.float32)
    # A neighbour's own neighbours join where most of them are ours already.
    shared = near.astype(np.float32) @ nearer.T
    joining = near & (shared > _MUTUAL * nearer.sum(axis=1))
    near |= joining.astype(np.float32) @ nearer > 0
    weights = np.where(near, np.exp(-distance), 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    if how.k2 > 1:
        weights = weights[order[:, : how.k2]].mean(axis=1)
    return weights


def _mutual(order: NDArray[np.intp], nearest: int) -> NDArray[np.bool_]:
    """Whether two are among each other's `nearest`, themselves included."""
    count = len(order)
    listed = np.zeros((count, count), dtype=bool)
    np.put_along_axis(listed, order[:, : nearest + 1], True, axis=1)
    return listed & listed.T
