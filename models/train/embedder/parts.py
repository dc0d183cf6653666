"""A large pool in parts: made one after another, and gone on with where it was cut off."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from models.roles import Embedder
from models.train.embedder.pool import Pool, Sample, Tell, make_pool, read_pool, write_pool

Samples = Callable[[int], Iterable[Sample]]
"""The samples of the part with that number."""

Teachers = Callable[[], Sequence[Embedder]]
"""Loads them: only where a part is to be made."""


def part_at(
    folder: Path, number: int, samples: Samples, teachers: Teachers, tell: Tell = print
) -> Pool:
    """The part with that number, from `folder` or made and kept there.

    Errors as `make_pool`, `read_pool` and `write_pool`.
    """
    path = folder / f"{number:03}.npz"
    if not path.is_file():
        pool = make_pool(samples(number), teachers(), lambda _line: None)
        write_pool(pool, path)
        tell(f"{path.name}: {len(pool.crops)} crops of {pool.identities} shown to the teachers")
    return read_pool(path)


def together(pools: Sequence[Pool]) -> Pool:
    """All crops of `pools`; an identity of one is none of another's."""
    firsts = np.cumsum([0, *(pool.identities for pool in pools[:-1])])
    labels = [pool.labels + first for pool, first in zip(pools, firsts, strict=True)]
    return Pool(
        tuple(crop for pool in pools for crop in pool.crops),
        np.concatenate(labels),
        tuple(np.concatenate(rows) for rows in zip(*(one.teachers for one in pools), strict=True)),
    )
