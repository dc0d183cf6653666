"""Which crops are looked at together: some of each of several, so that each has its like."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.preparation import Size
from models.train.embedder.degrade import Strength, degrade
from models.train.embedder.pool import Pool
from shared.errors import ConfigError


class Draw(NamedTuple):
    """So many identities in a batch, and so many crops of each."""

    identities: int
    crops: int


def places_of(pool: Pool) -> list[NDArray[np.intp]]:
    """Where the crops of each label are."""
    order = np.argsort(pool.labels, kind="stable")
    edges = np.flatnonzero(np.diff(pool.labels[order])) + 1
    return list(np.split(order, edges))


def drawn_places(pool: Pool, draw: Draw, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Places in the pool, a batch at a time, without end.

    Every identity comes once before any comes again. One with fewer crops than are drawn comes with
    some of them twice: each is degraded anew.

    Raises:
        ConfigError: the pool has fewer identities than a batch.
    """
    groups = places_of(pool)
    if len(groups) < draw.identities:
        raise ConfigError(
            f"{len(groups)} identities are fewer than the {draw.identities} of a batch; "
            "add training data"
        )
    while True:
        order = rng.permutation(len(groups))
        for start in range(0, len(order) - draw.identities + 1, draw.identities):
            chosen = order[start : start + draw.identities]
            yield np.concatenate([_some(groups[one], draw.crops, rng) for one in chosen])


def _some(places: NDArray[np.intp], count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    rounds = -(-count // len(places))
    return np.concatenate([rng.permutation(places) for _ in range(rounds)])[:count]


def batches(
    pool: Pool, draw: Draw, size: Size, strength: Strength, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.uint8]]]:
    """Places in the pool and their crops, degraded: (N, H, W, 3)."""
    for places in drawn_places(pool, draw, rng):
        seen = [degrade(pool.picture(int(one)), size, strength, rng) for one in places]
        yield places, np.stack(seen)
