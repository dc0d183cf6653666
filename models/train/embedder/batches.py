"""Which crops are looked at together: some of each of several, so that each has its like."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.preparation import Size
from models.train.embedder.degrade import Strength, degrade
from models.train.embedder.identities import kind_of
from models.train.embedder.pool import Pool
from shared.errors import ConfigError


class Draw(NamedTuple):
    """So many identities in a batch, and so many crops of each.

    `balanced`: a kind of which there are few comes as often as the square root of their number,
    not as the number: those are found least well, and a batch with one of them tells it from none.
    """

    identities: int
    crops: int
    balanced: bool = False


def places_of(pool: Pool) -> list[NDArray[np.intp]]:
    """Where the crops of each label are."""
    order = np.argsort(pool.labels, kind="stable")
    edges = np.flatnonzero(np.diff(pool.labels[order])) + 1
    return list(np.split(order, edges))


def drawn_places(pool: Pool, draw: Draw, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Places in the pool, a batch at a time, without end.

    Unless balanced, every identity comes once before any comes again. One with fewer crops than
    are drawn comes with some of them twice: each is degraded anew.

    Raises:
        ConfigError: the pool has fewer identities than a batch.
    """
    groups = places_of(pool)
    if len(groups) < draw.identities:
        raise ConfigError(
            f"{len(groups)} identities are fewer than the {draw.identities} of a batch; "
            "add training data"
        )
    shares = _shares(pool.names) if draw.balanced else None
    while True:
        order = rng.choice(len(groups), len(groups), replace=False, p=shares)
        last = draw.identities if draw.balanced else len(groups) - draw.identities + 1
        for start in range(0, last, draw.identities):
            chosen = order[start : start + draw.identities]
            yield np.concatenate([_some(groups[one], draw.crops, rng) for one in chosen])


def _shares(names: Sequence[str]) -> NDArray[np.float64]:
    """How likely each is to be drawn next, by how many there are of its kind."""
    kinds = [kind_of(name) for name in names]
    counts = Counter(kinds)
    weights = np.array([counts[kind] ** -0.5 for kind in kinds])
    return np.asarray(weights / weights.sum())


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
