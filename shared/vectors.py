"""Embeddings on the wire: int8 with one scale, 256 bytes for 256 dimensions."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.errors import VectorError

MAX_DIMENSIONS = 2048
_INT8_MAX = 127
_MIN_NORM = 1e-6

Vector = NDArray[np.float32]


class QuantisedVector(NamedTuple):
    """A vector as signed bytes; value i is `scale * int8(values[i])`."""

    values: bytes
    scale: float


def normalised(vector: NDArray[np.floating]) -> Vector:
    """`vector` (shape (D,)) at unit length, float32.

    Raises:
        VectorError: it is not one-dimensional, not finite, or has no length.
    """
    if vector.ndim != 1 or not 0 < vector.size <= MAX_DIMENSIONS:
        raise VectorError(
            f"an embedding has shape {vector.shape}; expected one row of 1 to {MAX_DIMENSIONS}"
        )
    values = vector.astype(np.float32)
    norm = float(np.linalg.norm(values))
    if not np.isfinite(norm) or norm < _MIN_NORM:
        raise VectorError(f"an embedding has length {norm}; it must be finite and above zero")
    return np.asarray(values / norm, dtype=np.float32)


def quantise(vector: NDArray[np.floating]) -> QuantisedVector:
    """`vector` (shape (D,), any length but zero) normalised, then as symmetric int8.

    The largest component becomes +-127, so the cosine with the original stays above 0.9999 for
    the embedders in the catalogue.

    Raises:
        VectorError: see `normalised`.
    """
    unit = normalised(vector)
    scale = float(np.abs(unit).max()) / _INT8_MAX
    return QuantisedVector(np.rint(unit / scale).astype(np.int8).tobytes(), scale)


def dequantise(quantised: QuantisedVector) -> Vector:
    """The unit vector (shape (D,), float32) that `quantise` wrote.

    Raises:
        VectorError: no values, a scale that no unit vector has, or all zeros.
    """
    if not 0 < quantised.scale <= 1:
        raise VectorError(f"an embedding has scale {quantised.scale}; it must lie in (0, 1]")
    raw = np.frombuffer(quantised.values, dtype=np.int8)
    return normalised(raw.astype(np.float32) * np.float32(quantised.scale))


def mean_direction(vectors: list[Vector]) -> Vector:
    """The unit mean of unit vectors: a tracklet's embedding from those of its crops.

    Raises:
        VectorError: no vectors, different lengths, or vectors that cancel out.
    """
    if not vectors or len({vector.shape for vector in vectors}) != 1:
        raise VectorError("the mean of a tracklet needs one or more vectors of one length")
    return normalised(np.mean(np.stack(vectors), axis=0))
