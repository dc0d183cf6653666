"""Curves from labelled vectors."""

import numpy as np
import pytest

from central.search.fitting import Labelled, fit, pairs_of, without_cameras
from shared.errors import ConfigError

DIMENSIONS = 32


def crowd(people: int, noise: float, push: float = 0.0) -> Labelled:
    rng = np.random.default_rng(1)
    looks = rng.standard_normal((people, DIMENSIONS))
    cameras = rng.standard_normal((2, DIMENSIONS)) * push
    vectors = np.concatenate(
        [looks + noise * rng.standard_normal(looks.shape) + camera for camera in cameras]
    )
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    names = np.array([str(n) for n in range(people)] * 2)
    seen = np.repeat(["a", "b"], people)
    return Labelled(vectors.astype(np.float32), names, seen)


def test_the_curve_says_how_many_of_like_pairs_are_one() -> None:
    pairs = pairs_of(crowd(400, 1.0))
    curve = fit(pairs)
    # Weighed as if half of all pairs were of one, as in a search among two with one expected.
    odds = np.array([curve.ratio(float(cosine)) for cosine in pairs.cosines])
    said = 1 / (1 + np.exp(-odds))
    weights = np.where(pairs.same, 0.5 / pairs.same.sum(), 0.5 / (~pairs.same).sum())
    for low in (0.2, 0.4, 0.6):
        some = (said >= low) & (said < low + 0.2)
        right = (weights * pairs.same)[some].sum() / weights[some].sum()
        assert right == pytest.approx(low + 0.1, abs=0.12)


def test_only_pairs_through_two_cameras_count() -> None:
    assert len(pairs_of(crowd(30, 0.5)).cosines) == 30 * 30


def test_a_push_of_the_cameras_is_taken_away() -> None:
    pushed = crowd(100, 0.5, push=2.0)
    before, after = pairs_of(pushed), pairs_of(without_cameras(pushed))
    assert after.cosines[after.same].mean() > before.cosines[before.same].mean() + 0.1


def test_too_few_pairs_and_vectors_that_say_nothing_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 20"):
        fit(pairs_of(crowd(5, 0.5)))
    wrong = crowd(200, 0.3)
    shuffled = wrong._replace(vectors=np.concatenate([wrong.vectors[:200], -wrong.vectors[200:]]))
    with pytest.raises(ConfigError, match="is it that model"):
        fit(pairs_of(shuffled))
