"""Sightings in columns: what tails collect and segments are made of."""

import threading
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from central.index.flat.scan import Ids, Int8s, to_ids
from central.index.port import IndexPoint, IndexQuery, PartScope


class Group(NamedTuple):
    """What a filter chooses by, and what segments are sorted by."""

    object_class: str
    camera: str


class Columns(NamedTuple):
    """N sightings. `codes` are places in `groups`; times are UTC milliseconds."""

    ids: Ids
    groups: list[Group]
    codes: NDArray[np.int32]
    first_seen: NDArray[np.int64]
    last_seen: NDArray[np.int64]
    vectors: Int8s

    def take(self, rows: NDArray[np.bool_]) -> "Columns":
        """Those that `rows` (shape (N,)) chooses."""
        return Columns(
            self.ids[rows],
            self.groups,
            self.codes[rows],
            self.first_seen[rows],
            self.last_seen[rows],
            self.vectors[rows],
        )


def columns_of(points: Sequence[IndexPoint]) -> Columns:
    """`points`, whose vectors have one length, as columns."""
    places: dict[Group, int] = {}
    codes = [places.setdefault(Group(p.object_class, p.camera), len(places)) for p in points]
    return Columns(
        to_ids([point.id for point in points]),
        list(places),
        np.array(codes, np.int32),
        np.array([point.first_seen_ms for point in points], np.int64),
        np.array([point.last_seen_ms for point in points], np.int64),
        np.stack([point.vector for point in points]),
    )


def joined(parts: Sequence[Columns]) -> Columns:
    """All of `parts`, one after the other."""
    places: dict[Group, int] = {}
    codes = []
    for part in parts:
        new = [places.setdefault(group, len(places)) for group in part.groups]
        codes.append(np.array(new, np.int32)[part.codes])
    return Columns(
        np.concatenate([part.ids for part in parts]),
        list(places),
        np.concatenate(codes),
        np.concatenate([part.first_seen for part in parts]),
        np.concatenate([part.last_seen for part in parts]),
        np.concatenate([part.vectors for part in parts]),
    )


class Names:
    """Numbers for cameras and classes, the same in all parts of an open index. Thread-safe."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()

    def numbers(self, names: Iterable[str]) -> NDArray[np.int32]:
        """The number of each of `names`, from 0 in the order in which they are first met."""
        with self._lock:
            known = self._numbers
            return np.array([known.setdefault(name, len(known)) for name in names], np.int32)

    def among(self, names: Collection[str]) -> NDArray[np.bool_]:
        """Which of all numbers given out belong to `names`."""
        with self._lock:
            chosen = np.zeros(len(self._numbers), np.bool_)
            chosen[[self._numbers[name] for name in names if name in self._numbers]] = True
        return chosen


class Places:
    """Groups by their numbers."""

    def __init__(self, groups: Sequence[Group], names: Names) -> None:
        self._cameras = names.numbers(group.camera for group in groups)
        self._classes = names.numbers(group.object_class for group in groups)

    def wanted(self, filters: "Filters") -> NDArray[np.bool_] | None:
        """Which of them `filters` let pass; None: all."""
        chosen = None
        if filters.cameras is not None:
            chosen = filters.cameras[self._cameras]
        if filters.classes is not None:
            fit = filters.classes[self._classes]
            chosen = fit if chosen is None else chosen & fit
        return None if chosen is None or chosen.all() else chosen


class Filters(NamedTuple):
    """What a query asks besides its vector and window; masks over the numbers of names."""

    cameras: NDArray[np.bool_] | None
    classes: NDArray[np.bool_] | None
    exclude: Ids

    @classmethod
    def of(cls, query: IndexQuery, names: Names) -> "Filters":
        """Those of `query`, for what was opened or written before."""
        return cls(
            None if query.cameras is None else names.among(query.cameras),
            None if query.object_class is None else names.among([query.object_class]),
            to_ids(list(query.exclude)),
        )


def in_window(
    scope: PartScope, first_seen: NDArray[np.integer], last_seen: NDArray[np.integer], base: int
) -> NDArray[np.bool_] | None:
    """Which were in view in `scope`; times count from `base`; None: every one."""
    chosen = None
    if scope.from_ms is not None:
        chosen = last_seen >= scope.from_ms - base
    if scope.to_ms is not None:
        before = first_seen <= scope.to_ms - base
        chosen = before if chosen is None else chosen & before
    return chosen
