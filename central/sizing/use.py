"""What this centre really takes, and when its disk will be full."""

import shutil
from datetime import date
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, text

from central.settings import CentralSettings

_DATABASE = text("SELECT pg_database_size(current_database())")
_TABLES = text(
    "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint AS bytes, "
    "coalesce(sum(greatest(c.reltuples, 0)), 0)::bigint AS estimate "
    "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = 'sightings'::regclass"
)
_COUNTED = text(
    "SELECT count(*) AS rows, count(DISTINCT camera) AS cameras, min(day) AS oldest "
    "FROM sightings WHERE day >= :since AND day < :today"
)
_DAYS_LOOKED_AT = 7


class Use(NamedTuple):
    """Bytes by place; `per_day` sightings of `cameras` cameras over the last whole days."""

    sightings: int
    database_bytes: int
    tables_bytes: int
    crops_bytes: int
    index_bytes: int
    clips_bytes: int
    free_bytes: int
    per_day: float
    cameras: int

    @property
    def bytes_a_sighting(self) -> float:
        """All places together, of one."""
        kept = self.tables_bytes + self.crops_bytes + self.index_bytes
        return kept / self.sightings if self.sightings else 0.0


def use_of(settings: CentralSettings, engine: Engine, today: date) -> Use:
    """What there is.

    `free_bytes` is of the disk with the data directory: the database's may be another machine's.
    """
    since = date.fromordinal(today.toordinal() - _DAYS_LOOKED_AT)
    with engine.connect() as connection:
        tables = connection.execute(_TABLES).one()
        database = connection.execute(_DATABASE).scalar_one()
        counted = connection.execute(_COUNTED, {"since": since, "today": today}).one()
    days = (today - counted.oldest).days if counted.oldest else 1
    return Use(
        sightings=max(tables.estimate, counted.rows),
        database_bytes=database,
        tables_bytes=tables.bytes,
        crops_bytes=folder_bytes(settings.crops_dir),
        index_bytes=folder_bytes(settings.index_dir),
        clips_bytes=folder_bytes(settings.clips_dir),
        free_bytes=shutil.disk_usage(_nearest(settings.data_dir)).free,
        per_day=counted.rows / days,
        cameras=counted.cameras,
    )


def days_until_full(use: Use, days_kept: int) -> float | None:
    """Days until the data directory's disk is full at today's rate; None: never.

    A day that is dropped makes room for the next: after `days_kept` days nothing grows. Where
    groups are kept for longer, `days_kept` is the longest one's, as if all cameras were in it:
    rather too early than too late.
    """
    per_day = use.per_day * use.bytes_a_sighting
    days_there = use.sightings / use.per_day if use.per_day else 0.0
    grows = max(days_kept + 1 - days_there, 0.0)
    if per_day == 0 or per_day * grows <= use.free_bytes:
        return None
    return use.free_bytes / per_day


def folder_bytes(folder: Path) -> int:
    """What the files below `folder` take of the disk."""
    files = folder.rglob("*") if folder.is_dir() else ()
    return sum(_blocks(path) for path in files)


def _blocks(path: Path) -> int:
    try:
        return path.stat().st_blocks * 512 if path.is_file() else 0
    except FileNotFoundError:
        # Gone since it was listed.
        return 0


def _nearest(folder: Path) -> Path:
    """`folder`, or the part of its path that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
