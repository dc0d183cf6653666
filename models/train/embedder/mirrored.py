"""A teacher that sees each crop twice, as it is and turned left to right."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.roles import Embedder
from shared.pictures import Picture


class Mirrored:
    """The mean of a teacher's vectors of a crop and of its mirror image, as unit vectors.

    What learns from it is told the same of both. The shipped vehicle embedder's own mean finds 1.7
    points more at rank 1 than it does (60 held-out vehicles).
    """

    def __init__(self, teacher: Embedder) -> None:
        self._teacher = teacher
        self.space, self.dimensions = teacher.space, teacher.dimensions
        self.bounds = teacher.bounds

    def embed(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
        """As the teacher's. Errors as there."""
        turned = [np.ascontiguousarray(crop[:, ::-1]) for crop in crops]
        both = self._teacher.embed(crops) + self._teacher.embed(turned)
        norms = np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-6)
        return np.asarray(both / norms, dtype=np.float32)

    def describe(self) -> str:
        """The teacher, and that it is asked twice."""
        return f"{self._teacher.describe()}, mirrored too"
