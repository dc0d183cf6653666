import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import VectorError
from shared.vectors import QuantisedVector, dequantise, mean_direction, normalised, quantise


@given(st.integers(min_value=2, max_value=512), st.integers(min_value=0, max_value=2**32 - 1))
def test_int8_keeps_the_direction_of_any_vector(dimensions: int, seed: int) -> None:
    vector = np.random.default_rng(seed).normal(size=dimensions)

    restored = dequantise(quantise(vector))

    assert restored.dtype == np.float32
    assert float(restored @ normalised(vector)) > 0.9995


def test_256_dimensions_take_256_bytes() -> None:
    assert len(quantise(np.random.default_rng(1).normal(size=256)).values) == 256


@pytest.mark.parametrize(
    "vector",
    [
        np.zeros(8),
        np.full(8, np.nan),
        np.full(8, np.inf),
        np.ones((2, 4)),
        np.ones(0),
        np.ones(4096),
    ],
    ids=["zero", "nan", "infinite", "two rows", "empty", "too long"],
)
def test_a_vector_without_a_direction_is_refused(vector: np.ndarray) -> None:
    with pytest.raises(VectorError):
        quantise(vector)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_is_no_scale_is_refused(scale: float) -> None:
    with pytest.raises(VectorError, match="scale"):
        dequantise(QuantisedVector(b"\x01\x02", scale))


def test_all_zero_bytes_are_refused() -> None:
    with pytest.raises(VectorError):
        dequantise(QuantisedVector(bytes(256), 0.01))


def test_the_mean_of_a_tracklet_has_unit_length_and_lies_between() -> None:
    a, b = normalised(np.array([1.0, 0.0])), normalised(np.array([0.0, 1.0]))

    assert mean_direction([a, b]) == pytest.approx([0.5**0.5, 0.5**0.5])


def test_vectors_that_cancel_out_have_no_mean() -> None:
    a = normalised(np.array([1.0, 0.0]))
    with pytest.raises(VectorError):
        mean_direction([a, -a])
