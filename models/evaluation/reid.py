"""The standard protocol of re-identification: does the nearest crop of another camera show them?

For each query the gallery is ranked by cosine, without the crops that show the query's identity
through the query's own camera (Zheng et al., Scalable Person Re-identification, ICCV 2015). Rank-k
is the share of queries with a right crop among the first k. A query's average precision is the
mean, over its right crops, of the precision at each one's rank; mAP is their mean. Queries that no
other camera has seen are not counted.
"""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.embedders.embedder import Vectors
from models.evaluation.pictures import Tell, read_pictures, silent
from models.evaluation.reid_data import ReidSet
from models.roles import Embedder
from shared.errors import ConfigError

_BATCH = 64
_QUERIES_AT_ONCE = 256
"""Rows of the table of cosines held at one time."""

_RANKS = (1, 5, 10)


@dataclass(frozen=True)
class ReidFigures:
    """Percentages, what they were counted over, and the crops that could not be read."""

    rank1: float
    rank5: float
    rank10: float
    mean_ap: float
    queries: int
    gallery: int
    identities: int
    damaged: tuple[str, ...] = ()


def evaluate_reid(embedder: Embedder, crops: ReidSet, tell: Tell = silent) -> ReidFigures:
    """How well `embedder` finds the identities of `crops` again.

    Raises:
        ConfigError: no crop can be read, or no query has a right answer.
        ModelError: the network gave what no network may give.
    """
    vectors, damaged = embed_set(embedder, crops, tell)
    return score_vectors(vectors, crops, damaged)


def embed_set(
    embedder: Embedder, crops: ReidSet, tell: Tell = silent
) -> tuple[Vectors, tuple[str, ...]]:
    """A row for each crop, NaN where it cannot be read, and those crops with what was wrong."""
    damaged: list[str] = []
    vectors = np.full((len(crops.crops), embedder.dimensions), np.nan, dtype=np.float32)
    pictures = read_pictures([crop.path for crop in crops.crops], damaged)
    while batch := list(itertools.islice(pictures, _BATCH)):
        places, seen = zip(*batch, strict=True)
        vectors[list(places)] = embedder.embed(seen)
        tell(len(batch))
    return vectors, tuple(damaged)


def score_vectors(vectors: Vectors, crops: ReidSet, damaged: tuple[str, ...] = ()) -> ReidFigures:
    """The figures of `vectors`, a unit row for each of `crops`; rows that are NaN are left out.

    Raises:
        ConfigError: no query has a right answer.
    """
    usable = np.isfinite(vectors.sum(axis=1))
    queries = np.array([place for place in crops.queries if usable[place]], dtype=np.intp)
    gallery = np.array([place for place in crops.gallery if usable[place]], dtype=np.intp)
    people = np.array([crop.identity for crop in crops.crops])
    cameras = np.array([crop.camera for crop in crops.crops])
    found: list[tuple[int, float]] = []
    for start in range(0, len(queries), _QUERIES_AT_ONCE):
        some = queries[start : start + _QUERIES_AT_ONCE]
        order = np.argsort(-(vectors[some] @ vectors[gallery].T), axis=1, kind="stable")
        for query, ranked in zip(some, gallery[order], strict=True):
            counted = ranked[
                (people[ranked] != people[query]) | (cameras[ranked] != cameras[query])
            ]
            right: NDArray[np.bool_] = people[counted] == people[query]
            if right.any():
                found.append(_judge(right))
    if not found:
        raise ConfigError(
            "nobody in the set is seen by two cameras: there is nothing to find; "
            "check the data, and --identities"
        )
    first, precisions = (np.array(column) for column in zip(*found, strict=True))
    rank1, rank5, rank10 = (100.0 * float(np.mean(first < rank)) for rank in _RANKS)
    return ReidFigures(
        rank1=rank1,
        rank5=rank5,
        rank10=rank10,
        mean_ap=100.0 * float(precisions.mean()),
        queries=len(found),
        gallery=len(gallery),
        identities=len(np.unique(people[queries])),
        damaged=damaged,
    )


def _judge(right: NDArray[np.bool_]) -> tuple[int, float]:
    """The place of the first right answer, and the average precision, of answers best first."""
    places = np.flatnonzero(right)
    return int(places[0]), float(np.mean(np.arange(1, len(places) + 1) / (places + 1)))
