"""The vector index: parts of days that are over go, and points of cameras that are over."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from uuid import UUID

import numpy as np
from sqlalchemy import select

from central.days import PAST
from central.db.tables import cameras
from central.index.port import UNDATED, IndexHit, IndexQuery, VectorIndex
from central.retention.keepers import PAGE, Census, Look, Run, Stores
from central.retention.policy import Rule
from central.retention.rows import INDEX
from central.sightings.repository import by_ids
from shared.clock import MS_PER_DAY, to_ms
from shared.errors import StorageError


class Points:
    """The points.

    What belongs to rows that are deleted goes with them (`Rows`); this is for parts that are over,
    and for points that the index took over while their rows went.
    """

    name = INDEX

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def remove(self, run: Run) -> None:
        """Drop parts, and forget points of cameras whose days are over."""
        index = self._index()
        for day in _dated(index):
            run.check()
            if run.rule.is_over(day):
                points = index.count(day)
                index.drop_day(day)
                run.count(INDEX, days=1, points=points)
            elif run.rule.is_partly_over(day):
                _forget(index, run, partial(self._found, index, run.rule, day))
        _forget(index, run, partial(self._lost, index, run.rule))
        for path, day in self._aside():
            if day < run.rule.all_kept_from:
                shutil.rmtree(path, ignore_errors=True)
                run.count(INDEX, parts_set_aside=1)

    def look(self, rule: Rule, census: Census) -> Look:
        """Parts that are over, points without a row, and what a search for them finds."""
        index = self._index()
        days = _dated(index)
        outlived, why = 0, []
        for day in (day for day in days if day < rule.all_kept_from):
            kept = census[day].rows - census[day].outlived if day in census else 0
            kept = 0 if rule.is_over(day) else kept
            more = index.count(day) - kept
            found = more if rule.is_over(day) else max(more, len(self._found(index, rule, day)))
            # A part without points holds nothing; one that is over should not be there at all.
            if found > 0 or rule.is_over(day):
                outlived += max(found, 1)
                why.append(f"{day}: {found} points over what its rows account for")
        if lost := self._lost(index, rule):
            outlived += len(lost)
            why.append(f"{len(lost)} points without a row among those of unlikely days")
        aside = [day for _, day in self._aside() if day < rule.all_kept_from]
        outlived += len(aside)
        why += [f"a part of {day} that was set aside" for day in aside]
        held = [day for day in days if day >= rule.all_kept_from or index.count(day)]
        return Look(outlived, min(held, default=None), "; ".join(why))

    def _index(self) -> VectorIndex:
        if self._stores.index is None:
            raise StorageError(self._stores.no_index)
        return self._stores.index

    def _lost(self, index: VectorIndex, rule: Rule) -> list[IndexHit]:
        """Up to `PAGE` points of days that are over, which no row stands for any more.

        A day that was written to while its table was dropped leaves points among those of unlikely
        days, or in a part of its own that was made again after it was dropped.
        """
        window = (_start(rule.some_kept_from - PAST), _start(rule.some_kept_from) - 1)
        hits = [hit for hit in self._search(index, None, window) if rule.is_over(hit.day)]
        with self._stores.engine.connect() as connection:
            present = by_ids(connection, [hit.id for hit in hits])
        return [hit for hit in hits if hit.id not in present]

    def _found(self, index: VectorIndex, rule: Rule, day: date) -> list[IndexHit]:
        """Up to `PAGE` points of `day` of cameras for which it is over, as a search finds them."""
        with self._stores.engine.connect() as connection:
            known = connection.execute(select(cameras.c.id)).scalars()
            over = frozenset(camera for camera in known if rule.is_outlived(day, camera))
        window = (_start(day), _start(day) + MS_PER_DAY - 1)
        return [hit for hit in self._search(index, over, window) if hit.day == day]

    def _search(
        self, index: VectorIndex, over: frozenset[str] | None, window: tuple[int, int]
    ) -> Iterator[IndexHit]:
        for space, size in self._stores.spaces.items():
            vector = np.full(size, size**-0.5, dtype=np.float32)
            yield from index.search(IndexQuery(space, vector, over, *window, limit=PAGE))

    def _aside(self) -> Iterator[tuple[Path, date]]:
        """Parts that could not be read and were set aside (`central.index.qdrant_edge`)."""
        for path in sorted(self._stores.data_dir.glob("*/aside/*")):
            with suppress(ValueError):
                yield path, date.fromisoformat(path.name[:10])


def _forget(index: VectorIndex, run: Run, find: Callable[[], Sequence[IndexHit]]) -> None:
    """Forget what `find` finds until it finds nothing, or nothing new.

    What stays although it was forgotten is for the look afterwards to tell.
    """
    gone: set[UUID] = set()
    while fresh := [hit for hit in find() if hit.id not in gone]:
        run.check()
        for part in {hit.day for hit in fresh} | {UNDATED}:
            index.forget(part, [hit.id for hit in fresh if part in {hit.day, UNDATED}])
        index.flush()
        gone.update(hit.id for hit in fresh)
        run.count(INDEX, points=len(fresh))


def _start(day: date) -> int:
    return to_ms(datetime.combine(day, time(), UTC))


def _dated(index: VectorIndex) -> list[date]:
    return [day for day in index.days() if day != UNDATED]
