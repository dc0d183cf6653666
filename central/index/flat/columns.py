"""Sightings in columns: what tails collect and segments are made of."""

from collections.abc import Sequence
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


def wanted_groups(groups: Sequence[Group], query: IndexQuery) -> NDArray[np.bool_] | None:
    """Which of `groups` are in scope, shape (len(groups),); None: every one."""
    if query.cameras is None and query.object_class is None:
        return None
    cameras, kind = query.cameras, query.object_class
    chosen = np.fromiter(
        (
            (cameras is None or group.camera in cameras)
            and (kind is None or group.object_class == kind)
            for group in groups
        ),
        np.bool_,
        len(groups),
    )
    return None if chosen.all() else chosen


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
