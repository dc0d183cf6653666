"""The training crops, kept as JPEG with whom they show and what a teacher makes of them.

A teacher costs more than the network that learns from it, so each crop is shown to it once and
clean; the network sees the crop anew each time, as another camera would have given it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.preparation import check_picture
from models.roles import Embedder
from shared.errors import ConfigError, StorageError
from shared.pictures import Picture

_QUALITY = 92
_BATCH = 64
Tell = Callable[[str], None]


class Sample(NamedTuple):
    """A crop, and the name of whom it shows: the same name, the same person or vehicle."""

    picture: Picture
    identity: str


@dataclass(frozen=True)
class Pool:
    """What a run draws its batches from.

    Attributes:
        crops: JPEG files, as bytes.
        labels: (N,) int64, 0 to identities - 1.
        teachers: (N, D_t) float16 of each teacher, unit vectors.
    """

    crops: tuple[bytes, ...]
    labels: NDArray[np.int64]
    teachers: tuple[NDArray[np.float16], ...]

    @property
    def identities(self) -> int:
        """How many there are."""
        return int(self.labels.max()) + 1

    def picture(self, place: int) -> Picture:
        """The crop at `place`, BGR."""
        data = np.frombuffer(self.crops[place], dtype=np.uint8)
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)


def make_pool(samples: Iterable[Sample], teachers: Sequence[Embedder], tell: Tell = print) -> Pool:
    """Keep `samples`, and what each of `teachers` makes of them.

    Raises:
        ConfigError: there is no sample, or all show the same.
        PictureError: a crop has no pixels, or another layout.
    """
    crops: list[bytes] = []
    names: list[str] = []
    vectors: list[list[NDArray[np.float16]]] = [[] for _ in teachers]
    stream = iter(samples)
    while batch := list(islice(stream, _BATCH)):
        for rows, teacher in zip(vectors, teachers, strict=True):
            rows.append(teacher.embed([one.picture for one in batch]).astype(np.float16))
        crops += [_encoded(one.picture) for one in batch]
        names += [one.identity for one in batch]
        if len(crops) % (16 * _BATCH) == 0:
            tell(f"{len(crops)} crops of {len(set(names))} shown to the teachers")
    known, labels = np.unique(names, return_inverse=True)
    if len(known) < 2:  # noqa: PLR2004 - one from another
        raise ConfigError(
            f"{len(crops)} crops of {len(known)} identities: nothing to tell apart; check --data"
        )
    stacked = tuple(np.concatenate(rows) for rows in vectors)
    return Pool(tuple(crops), labels.astype(np.int64), stacked)


def write_pool(pool: Pool, path: Path) -> None:
    """Keep `pool` at `path`, whole or not at all.

    Raises:
        StorageError: it cannot be written.
    """
    part = path.with_suffix(".part.npz")
    arrays: dict[str, Any] = {
        "data": np.frombuffer(b"".join(pool.crops), dtype=np.uint8),
        "ends": np.cumsum([len(crop) for crop in pool.crops]),
        "labels": pool.labels,
    }
    arrays |= {f"teacher{number}": rows for number, rows in enumerate(pool.teachers)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(part, **arrays)
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error


def read_pool(path: Path) -> Pool:
    """What `write_pool` kept at `path`.

    Raises:
        ModelError: it is damaged.
    """
    try:
        with np.load(path) as kept:
            data, ends = kept["data"].tobytes(), kept["ends"]
            count = sum(name.startswith("teacher") for name in kept)
            teachers = tuple(kept[f"teacher{number}"] for number in range(count))
            labels = kept["labels"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ModelError(
            f"{path}: not a pool of crops ({error}); delete it to make anew"
        ) from error
    starts = [0, *ends[:-1]]
    crops = tuple(data[start:end] for start, end in zip(starts, ends, strict=True))
    return Pool(crops, labels, teachers)


def _encoded(picture: Picture) -> bytes:
    check_picture(picture)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()
