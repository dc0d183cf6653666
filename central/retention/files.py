"""Pictures and clips on disk, and files nobody should have put beside them."""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, text

from central.clips.model import State
from central.clips.store import Place
from central.days import day_of
from central.retention.keepers import PAGE, Census, Look, Run, Stores
from central.retention.policy import KEPT, OUTLIVED_DAY, Rule
from central.retention.rows import CROPS

_PATIENCE_S = 10.0
_STEP_S = 0.1
_PRESENT = text(
    "SELECT s.id FROM sightings s JOIN unnest(CAST(:days AS date[]), CAST(:ids AS uuid[])) "
    "AS r(day, id) USING (day, id)"
)
# A number of our own: that of a writer who is the newest would be the snapshot's own end.
_BEGUN = text("SELECT pg_current_xact_id()::text")
_ENDED = text(
    "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= CAST(CAST(:begun AS text) AS xid8)"
)
_INDEXES = ("index", "vectors")
_GOES = "kept long enough, as everything of its day"
# S608: made of constants.
_CLIPS = f"FROM clips c {KEPT} WHERE c.state <> '{State.FAILED}' AND c.day < {OUTLIVED_DAY}"
_EXPIRE = text(
    f"UPDATE clips SET state = '{State.FAILED}', reason = '{_GOES}' "  # noqa: S608
    f"WHERE id IN (SELECT c.id {_CLIPS}) RETURNING day, id"
)
_OUTLIVED_CLIPS = text(f"SELECT count(*) {_CLIPS}")
_LIVE = text(f"SELECT id FROM clips WHERE day = :day AND state <> '{State.FAILED}'")  # noqa: S608
_OLDEST = text(f"SELECT min(day) FROM clips WHERE state <> '{State.FAILED}'")  # noqa: S608


class Crops:
    """The pictures.

    Those of deleted rows go with them (`Rows`); this is for days that are over, and for pictures
    without a row that a broken writer left.
    """

    name = CROPS

    def __init__(self, stores: Stores) -> None:
        self._crops = stores.crops
        self._engine = stores.engine

    def remove(self, run: Run) -> None:
        """Delete files of days that are over, and pictures that lost their rows."""
        for day in self._crops.days():
            run.check()
            if run.rule.is_over(day):
                counted = {"bytes": self._crops.bytes(day), "crops": self._crops.count(day)}
                self._crops.drop_day(day)
                run.count(CROPS, days=1, **counted)
            elif run.rule.is_partly_over(day):
                self._forget_orphans(run, day)
        self._forget_orphans(run, None)

    def look(self, rule: Rule, census: Census) -> Look:
        """Files of days that are over, pictures without a row, and files of other names."""
        days, outlived, why = self._crops.days(), 0, []
        for day in (day for day in days if day < rule.all_kept_from):
            kept = census[day].pictures if day in census and not rule.is_over(day) else 0
            more = self._crops.count(day) - kept
            if rule.is_over(day) or more > 0:
                outlived += max(more, 1)
                why.append(f"{day}: {more} pictures over what its rows account for")
        if orphans := len(list(self._orphans(None))):
            outlived += orphans
            why.append(f"undated: {orphans} pictures without a row")
        if strays := self._crops.strays():
            outlived += len(strays)
            why.append(f"not the store's own, look at them: {', '.join(map(str, strays[:5]))}")
        return Look(outlived, min(days, default=None), "; ".join(why))

    def _forget_orphans(self, run: Run, day: date | None) -> None:
        found = list(self._orphans(day))
        # A picture is durable just before its row is committed: whoever writes now, ends first.
        if found and self._writers_ended(run):
            with self._engine.connect() as connection:
                gone = _without_row(connection, found)
            for each, identifier in gone:
                run.check()
                run.count(CROPS, crops=self._crops.forget(each, [identifier]))

    def _orphans(self, day: date | None) -> Iterator[tuple[date, UUID]]:
        if day is not None and self._is_accounted_for(day):
            return
        after = UUID(int=0)
        while page := self._crops.held(day, after, PAGE):
            with self._engine.connect() as connection:
                yield from _without_row(connection, page)
            after = page[-1][1]

    def _is_accounted_for(self, day: date) -> bool:
        query = text("SELECT count(crop_revision) FROM sightings WHERE day = :day")
        with self._engine.connect() as connection:
            rows: int = connection.execute(query, {"day": day}).scalar_one()
        return self._crops.count(day) <= rows

    def _writers_ended(self, run: Run) -> bool:
        """Whether all transactions that run now have ended, after some patience."""
        with self._engine.connect() as connection:
            begun = {"begun": connection.execute(_BEGUN).scalar_one()}
        for _ in range(round(_PATIENCE_S / _STEP_S)):
            with self._engine.connect() as connection:
                if connection.execute(_ENDED, begun).scalar_one():
                    return True
            run.wait(_STEP_S)
        return False


class Clips:
    """Clips and snapshots: files of days that are over go; what was asked for, and why, stays."""

    name = "clips"

    def __init__(self, stores: Stores) -> None:
        self._clips = stores.clips
        self._engine = stores.engine

    def remove(self, run: Run) -> None:
        """Delete the files of clips whose cameras' day is over, and those without a live row."""
        with self._engine.begin() as connection:
            gone = [Place(*row) for row in connection.execute(_EXPIRE, run.rule.binds())]
        for place in gone:
            self._clips.forget(place)
        run.count(self.name, clips=len(gone))
        for day in self._clips.days():
            run.check()
            if run.rule.is_over(day):
                self._clips.drop_day(day)
                run.count(self.name, days=1)
            elif run.rule.is_partly_over(day):
                for path in self._dead(day):
                    path.unlink(missing_ok=True)
                    run.count(self.name, files=1)

    def look(self, rule: Rule, census: Census) -> Look:  # noqa: ARG002 - they have no census
        """Live clips and files of days that are over."""
        with self._engine.connect() as connection:
            outlived = connection.execute(_OUTLIVED_CLIPS, rule.binds()).scalar_one()
            oldest = connection.execute(_OLDEST).scalar()
        days = self._clips.days()
        over = [day for day in days if rule.is_over(day)]
        dead = [path for day in days if rule.is_partly_over(day) for path in self._dead(day)]
        found = sorted([*days[:1], *([oldest] if oldest else [])])
        why = f"{len(over)} folders and {len(dead)} files" if over or dead else ""
        return Look(outlived + len(over) + len(dead), min(found, default=None), why)

    def _dead(self, day: date) -> list[Path]:
        with self._engine.connect() as connection:
            live = {str(one) for one in connection.execute(_LIVE, {"day": day}).scalars()}
        return [path for path in self._clips.files(day) if path.stem not in live]


class Exports:
    """Files beside the stores.

    The centre writes no export to its disk: what people take with them is made while it is sent.
    What lies here all the same, somebody has put here, or it is an index of another kind that was
    used before.
    """

    name = "exports"

    def __init__(self, stores: Stores) -> None:
        self._clips = stores.clips
        unused = (path for path in _INDEXES if path != stores.index_dir.name)
        self._folders = [stores.data_dir / name for name in ("exports", *unused)]

    def remove(self, run: Run) -> None:
        """Nothing: what is not the centre's, it does not delete."""

    def look(self, rule: Rule, census: Census) -> Look:  # noqa: ARG002 - they have no census
        """Files that were written before the oldest day that anything may be kept."""
        below = (path for folder in self._folders for path in folder.rglob("*"))
        found = chain(below, self._clips.strays())
        strays = (path for path in found if path.is_file())
        dated = {path: day_of(round(path.stat().st_mtime * 1000)) for path in strays}
        old = sorted(path for path, day in dated.items() if rule.is_over(day))
        why = f"somebody put them here: {', '.join(map(str, old[:5]))}" if old else ""
        return Look(len(old), min(dated.values(), default=None), why)


def _without_row(connection: Connection, crops: list[tuple[date, UUID]]) -> list[tuple[date, UUID]]:
    values = {"days": [day for day, _ in crops], "ids": [identifier for _, identifier in crops]}
    present = set(connection.execute(_PRESENT, values).scalars())
    return [crop for crop in crops if crop[1] not in present]
