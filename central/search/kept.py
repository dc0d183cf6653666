"""Sightings as re-ranking needs them: vectors in one array, their cameras' means, words, views."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Connection, Row

from central.search.asking import Sought
from central.search.ladder.attributes import said
from central.search.ladder.camera_mean import Rows
from central.search.ladder.climb import Sights
from central.search.means import ALL_CAMERAS, ALL_HOURS, CameraHour, means_of
from central.search.reach import CLOCK_S, UNMEASURED_S
from central.search.stops import InView
from central.sightings import repository
from central.sightings.times import correction


@dataclass(frozen=True)
class Kept:
    """Rows in one order. A picture has no view."""

    views: list[InView]
    sights: Sights


def read_kept(connection: Connection, ids: Sequence[UUID], sought: Sought) -> Kept:
    """Those of `ids` that there are and that live in the space of `sought`, in that order."""
    found = {row.id: row for row in repository.for_ranking(connection, ids)}
    rows = [found[each] for each in dict.fromkeys(ids) if each in found]
    size = len(sought.vector)
    rows = [row for row in rows if row.space == sought.space and len(row.vector) == size]
    seen = [CameraHour(row.camera, row.first_seen.hour) for row in rows]
    means = means_of(connection, sought.space, sought.object_class, set(seen), size)
    taken = np.array([means[each] for each in seen], dtype=np.float32).reshape(-1, size)
    words = said([row.attributes for row in rows], [row.plate for row in rows])
    return Kept([_view(row) for row in rows], Sights(_unit(rows, size), taken, words))


def with_pictures(connection: Connection, sought: Sought, others: Kept) -> Kept:
    """Uploaded pictures before `others`; nobody knows their camera: all cameras' mean is theirs."""
    nowhere = CameraHour(ALL_CAMERAS, ALL_HOURS)
    size = len(sought.vector)
    means = means_of(connection, sought.space, sought.object_class, [nowhere], size)
    seen = sought.seen_in_pictures
    vectors = np.stack([each.stored.vector for each in seen])
    words = said([each.attributes for each in seen], [each.plate for each in seen])
    own = Sights(vectors, np.tile(means[nowhere], (len(seen), 1)), words)
    return Kept(others.views, own.joined(others.sights))


def _unit(rows: Sequence[Row[Any]], size: int) -> Rows:
    data = b"".join(bytes(row.vector) for row in rows)
    values = np.frombuffer(data, dtype=np.int8).reshape(-1, size).astype(np.float32)
    # The scale only brings them to unit length. A damaged one, all zeros, is like nobody.
    return np.asarray(values / np.linalg.norm(values, axis=1, keepdims=True).clip(1e-6))


def _view(row: Row[Any]) -> InView:
    """By the centre's clock: what a box says is by its own, and it says how far that is off."""
    ahead_s = correction(row.clock_offset_ms).total_seconds()
    return InView(
        row.id,
        row.camera,
        row.first_seen.timestamp() + ahead_s,
        row.last_seen.timestamp() + ahead_s,
        UNMEASURED_S if row.clock_offset_ms is None else CLOCK_S,
    )
