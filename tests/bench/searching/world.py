"""Sightings of a made-up city, as the index takes them: people seen again and again, with noise."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from central.days import day_of
from central.index.port import IndexPoint
from shared.clock import MS_PER_DAY
from shared.vectors import Vector
from tests.factories import MORNING_MS

SPACE = "bench"
SIZE = 256
CAMERAS = 2_700
CLASSES = ("person", "vehicle", "two_wheeler")
_SHARES = (0.7, 0.25, 0.05)
SEEN_AGAIN = 25
"""Sightings of one identity."""
_NOISE = 0.75
"""Length of what differs between two sightings of one, beside a length of 1."""
CHUNK = 50_000


class Chunk(NamedTuple):
    """Some sightings, in order of time. `vectors` int8 (N, D) with `scales` (N,)."""

    ids: list[UUID]
    day: date
    cameras: NDArray[np.int64]
    classes: NDArray[np.int64]
    first_ms: NDArray[np.int64]
    last_ms: NDArray[np.int64]
    vectors: NDArray[np.int8]
    scales: NDArray[np.float32]

    def points(self) -> list[IndexPoint]:
        """The same for `VectorIndex.upsert`."""
        rows = zip(
            self.ids, self.cameras, self.classes, self.first_ms, self.last_ms, self.vectors,
            strict=True,
        )  # fmt: skip
        return [
            IndexPoint(
                one, self.day, SPACE, f"cam-{camera}", CLASSES[kind], int(first), int(last), vector
            )
            for one, camera, kind, first, last, vector in rows
        ]


class City:
    """`rows` sightings on `days` days from the factories' day on; the same each time."""

    def __init__(self, rows: int, days: int = 1, seed: int = 1) -> None:
        self.rows, self.days = rows, days
        self._seed = seed
        rng = np.random.default_rng(seed)
        identities = max(1, rows // SEEN_AGAIN)
        self._identities = _units(rng.standard_normal((identities, SIZE), np.float32))

    def chunks(self) -> Iterator[Chunk]:
        """All of them, `CHUNK` at a time."""
        for number in range(self.rows // CHUNK):
            yield self._chunk(number)

    def queries(self, count: int) -> list[Vector]:
        """New views of identities."""
        rng = np.random.default_rng([self._seed, 1])
        chosen = rng.integers(len(self._identities), size=count)
        return list(self._seen(rng, chosen))

    def _seen(self, rng: np.random.Generator, who: NDArray[np.int64]) -> NDArray[np.float32]:
        noise = rng.standard_normal((who.size, SIZE), np.float32) * np.float32(_NOISE / SIZE**0.5)
        return _units(self._identities[who] + noise)

    def _chunk(self, number: int) -> Chunk:
        rng = np.random.default_rng([self._seed, 2, number])
        per_day = self.rows // CHUNK // self.days
        day = number // per_day
        start = MORNING_MS + day * MS_PER_DAY
        span = MS_PER_DAY // per_day
        first = start + number % per_day * span + np.sort(rng.integers(span, size=CHUNK))
        units = self._seen(rng, rng.integers(len(self._identities), size=CHUNK))
        scales = np.abs(units).max(axis=1, keepdims=True) / 127
        return Chunk(
            ids=_uuids(rng, first),
            day=day_of(start),
            cameras=rng.integers(CAMERAS, size=CHUNK),
            classes=rng.choice(len(CLASSES), size=CHUNK, p=_SHARES),
            first_ms=first,
            last_ms=first + rng.integers(500, 30_000, size=CHUNK),
            vectors=np.rint(units / scales).astype(np.int8),
            scales=scales[:, 0],
        )


def _units(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def _uuids(rng: np.random.Generator, first_ms: Sequence[int] | NDArray[np.int64]) -> list[UUID]:
    tails = rng.bytes(10 * len(first_ms))
    base = (0x7 << 76) | (0x2 << 62)
    clear = ~((0xF << 76) | (0x3 << 62))
    return [
        UUID(
            int=(int(ms) << 80)
            | (int.from_bytes(tails[10 * n : 10 * n + 10], "big") & clear)
            | base
        )
        for n, ms in enumerate(first_ms)
    ]
