"""Comparing int8 vectors with a query, and keeping the best of millions, exactly.

The kernel (numkong's dot product of int8, chosen for the processor when it is loaded) wants the
query as int8 too. What that rounding can change is bounded: with q the unit query, r its rounded
form and v a unit vector, |q.v - r.v| <= |q - r| (Cauchy-Schwarz). So whatever is not within twice
that of the rough k-th best cannot be among the k best, and the rest are compared again in float32.
"""

import threading
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

import numkong
import numpy as np
from numpy.typing import NDArray

from central.index.port import IndexHit, hit
from shared.vectors import Vector, normalised

Ids = NDArray[np.uint64]
"""UUIDs, shape (N, 2): the first 8 bytes and the last."""
Int8s = NDArray[np.int8]
Rows = NDArray[np.int64]

_INT8_MAX = 127
# Rows whose scores stay in the processor's second cache.
_BLOCK = 32_768
_RESCORED_AT_ONCE = 8_192
# Float32 rounding of the kernel's sums and of the norms.
_ROUNDING = 1e-5
_LEAST_KEPT = 4_096


class Source(Protocol):
    """Vectors that are compared together."""

    @property
    def vectors(self) -> Int8s:
        """Shape (N, D)."""

    @property
    def inverse_norms(self) -> Vector:
        """Shape (N,): one over the length of each of `vectors`."""

    @property
    def ids(self) -> Ids:
        """Shape (N, 2)."""


class Slices(NamedTuple):
    """Which rows of a source are in scope: those of `selected` (shape (N,); None: all).

    `ranges` are the stretches, as (start, stop), outside which nothing is selected.
    """

    ranges: Sequence[tuple[int, int]]
    selected: NDArray[np.bool_] | None


class Probe:
    """A query as the kernel takes it. `slack`: by how much a rough score can be wrong."""

    def __init__(self, vector: Vector) -> None:
        self.unit = normalised(vector)
        self.scale = float(np.abs(self.unit).max()) / _INT8_MAX
        self.rough = np.rint(self.unit / self.scale).astype(np.int8)
        lost = self.unit - np.float32(self.scale) * self.rough.astype(np.float32)
        self.slack = float(np.linalg.norm(lost)) + _ROUNDING

    def scores(self, vectors: Int8s, inverse_norms: Vector) -> Vector:
        """Cosines with `vectors` (shape (N, D)), float32, shape (N,)."""
        products = vectors.astype(np.float32) @ self.unit
        return np.asarray(products * inverse_norms, dtype=np.float32)


class _Found(NamedTuple):
    source: Source
    rows: Rows
    rough: Vector


class Best:
    """The `limit` best so far; several threads may offer.

    `floor`: rows with a lower rough score cannot be among them.
    """

    def __init__(self, probe: Probe, limit: int) -> None:
        self.floor = -np.inf
        self._probe = probe
        self._limit = limit
        self._found: list[_Found] = []
        self._waiting = 0
        self._lock = threading.Lock()

    def offer(self, source: Source, rows: Rows, rough: Vector) -> None:
        """Take `rows` of `source`, whose rough scores are not below the floor, into account."""
        with self._lock:
            self._found.append(_Found(source, rows, rough))
            self._waiting += rows.size
            if self._waiting > max(4 * self._limit, _LEAST_KEPT):
                self._raise_floor()

    def hits(self) -> list[IndexHit]:
        """The best, best first; ties in the order of ids."""
        with self._lock:
            self._raise_floor()
            scored = [(found, self._exact(found)) for found in self._found]
        scores = np.concatenate([np.empty(0, np.float32), *(exact for _, exact in scored)])
        least = -np.inf
        if scores.size > self._limit:
            least = np.partition(scores, -self._limit)[-self._limit]
        hits: dict[UUID, IndexHit] = {}
        for found, exact in scored:
            kept = exact >= least
            for row, score in zip(found.rows[kept], exact[kept], strict=True):
                one = hit(to_uuid(found.source.ids[row]), float(score))
                if one.id not in hits or one.score > hits[one.id].score:
                    hits[one.id] = one
        return sorted(hits.values(), key=lambda one: (-one.score, one.id))[: self._limit]

    def _raise_floor(self) -> None:
        """Forget what cannot be among the best any more."""
        rough = np.concatenate([np.empty(0, np.float32), *(found.rough for found in self._found)])
        if rough.size > self._limit:
            last = float(np.partition(rough, -self._limit)[-self._limit])
            self.floor = max(self.floor, last - 2 * self._probe.slack)
        kept = []
        for source, rows, scores in self._found:
            near = scores >= self.floor
            if near.any():
                kept.append(_Found(source, rows[near], scores[near]))
        self._found = kept
        # Counted anew from here: many that are alike must not make each offer a sorting.
        self._waiting = 0

    def _exact(self, found: _Found) -> Vector:
        source, rows, _ = found
        blocks = [
            self._probe.scores(source.vectors[some], source.inverse_norms[some])
            for some in (
                rows[start : start + _RESCORED_AT_ONCE]
                for start in range(0, rows.size, _RESCORED_AT_ONCE)
            )
        ]
        return np.concatenate(blocks)


def scan(source: Source, slices: Slices, probe: Probe, best: Best) -> None:
    """Offer `best` what of `slices` of `source` may be among the best."""
    scores = np.empty((1, _BLOCK), np.float32)
    query = probe.rough[np.newaxis]
    for batch in _batches(slices.ranges):
        filled = 0
        for start, stop in batch:
            out = scores[:, filled : filled + stop - start]
            numkong.cdist(query, source.vectors[start:stop], "dot", out=out)
            filled += stop - start
        # Everything else is done for many stretches at once: they may be short.
        rows = _rows_of(batch)
        rough = scores[0, :filled] * (source.inverse_norms[rows] * np.float32(probe.scale))
        near = rough >= best.floor
        if slices.selected is not None:
            near &= slices.selected[rows]
        kept = np.flatnonzero(near)
        if kept.size:
            found = kept + rows.start if isinstance(rows, slice) else rows[kept]
            best.offer(source, found, rough[kept])


def _batches(ranges: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """`ranges` cut and put together to `_BLOCK` rows each."""
    batch: list[tuple[int, int]] = []
    room = _BLOCK
    for first, last in ranges:
        start = first
        while start < last:
            stop = min(start + room, last)
            batch.append((start, stop))
            room -= stop - start
            start = stop
            if not room:
                yield batch
                batch, room = [], _BLOCK
    if batch:
        yield batch


def _rows_of(batch: list[tuple[int, int]]) -> slice | Rows:
    if len(batch) == 1:
        return slice(*batch[0])
    starts, stops = np.array(batch, np.int64).T
    sizes = stops - starts
    ends = np.cumsum(sizes)
    return np.asarray(np.repeat(starts - ends + sizes, sizes) + np.arange(ends[-1]))


# A gap in what is selected is read over when that is cheaper than another call of the kernel.
_GAP = 128


def slices_of(selected: NDArray[np.bool_]) -> Slices:
    """The stretches of `selected` (shape (N,)) that are worth reading."""
    edges = np.flatnonzero(np.diff(selected, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    if not starts.size:
        return Slices((), selected)
    apart = starts[1:] - stops[:-1] >= _GAP
    starts, stops = starts[np.append(True, apart)], stops[np.append(apart, True)]
    return Slices(list(zip(starts.tolist(), stops.tolist(), strict=True)), selected)


def inverse_norms(vectors: Int8s) -> Vector:
    """One over the length of each of `vectors` (shape (N, D), none all zeros)."""
    blocks = [
        np.linalg.norm(vectors[start : start + _BLOCK].astype(np.float32), axis=1)
        for start in range(0, len(vectors), _BLOCK)
    ]
    return np.asarray(1 / np.concatenate([np.empty(0, np.float32), *blocks]), dtype=np.float32)


def to_ids(identifiers: Sequence[UUID]) -> Ids:
    """`identifiers` as two numbers each, shape (N, 2)."""
    joined = b"".join(identifier.bytes for identifier in identifiers)
    return np.frombuffer(joined, ">u8").reshape(-1, 2).astype(np.uint64)


def to_uuid(pair: NDArray[np.uint64]) -> UUID:
    """The UUID of one row of `Ids`."""
    return UUID(int=(int(pair[0]) << 64) | int(pair[1]))
