"""The rung that makes rare differences count: vectors whitened by those they are compared with.

The candidates are alike in what made the index give them, and differ most in side, pose and light;
neither tells who is who. So a second cosine is taken after all directions were scaled to the same
mean square among the candidates, as linear discriminant analysis does with one covariance for all
(Hariharan, Malik and Ramanan, Discriminative Decorrelation for Clustering and Classification, ECCV
2012). The answer goes by the mean of both cosines: whitened ones alone lose on real identities.
"""

import numpy as np
from scipy.linalg import solve_triangular

from central.search.ladder.camera_mean import Rows

SHRINKAGE = 1.0
"""What is added to every direction's mean square, in parts of the mean of all."""

PART = 0.5
"""How much the whitened cosine counts; the rest is the plain one."""

FEWEST = 100
"""Of fewer candidates, the mean square says more about who they are than about what varies."""


def whitened(vectors: Rows, gallery: Rows) -> Rows:
    """Unit rows (N, 2 D) whose cosines are the mean of the plain and the whitened ones.

    `vectors` (N, D) are unit rows, and `gallery` (G, D) all candidates. Of a gallery of fewer than
    `FEWEST`, they stay as they are. O(G D^2 + D^3).
    """
    if len(gallery) < FEWEST:
        return vectors
    # The second moment, not the variance: what all candidates have in common tells least of all.
    varied = (gallery.T @ gallery / len(gallery)).astype(np.float64)
    added = SHRINKAGE * float(np.trace(varied)) / len(varied)
    if added <= 0:
        return vectors
    root = np.linalg.cholesky(varied + added * np.eye(len(varied)))
    even = solve_triangular(root.astype(np.float32), vectors.T, lower=True).T
    even /= np.linalg.norm(even, axis=1, keepdims=True).clip(1e-6)
    parts = (np.sqrt(1 - PART) * vectors, np.sqrt(PART) * even)
    return np.concatenate(parts, axis=1).astype(np.float32)
