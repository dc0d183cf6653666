"""Removing what was kept long enough, and looking whether it is gone.

What is to go is read off what is there, never remembered: a purge that was killed, or that found
a store away, is simply followed by another one.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from central.days import day_of
from central.db import locks
from central.errors import ConflictError, InputError
from central.index.changes import partition_days
from central.retention import report
from central.retention.files import Clips, Crops, Exports
from central.retention.keepers import Keeper, Look, Run, Stores
from central.retention.learnt import Learnt
from central.retention.points import Points
from central.retention.policy import KEPT, OUTLIVED_DAY, Policy, Rule, read_policy
from central.retention.report import Mark, Part, Purge
from central.retention.rows import Rows, census
from central.retention.waiting import EarlyCrops, Quarantine
from central.retention.watched import Watched
from shared.clock import Clock, to_datetime
from shared.errors import StorageError

_AGAIN_AFTER = timedelta(hours=1)
_SEEN = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
_CAME_LATE = text(
    f"SELECT EXISTS (SELECT FROM sightings s {KEPT} "  # noqa: S608 - constants
    "WHERE s.change_xid >= CAST(CAST(:xid AS text) AS xid8) AND s.day < :before "
    f"AND s.day < {OUTLIVED_DAY} AND s.tableoid <> 'sightings_default'::regclass)"
)

_log = structlog.get_logger(__name__)


class Purger:
    """Purges one centre."""

    def __init__(
        self, stores: Stores, clock: Clock, default_days: int, wait: Callable[[float], object]
    ) -> None:
        """A purger.

        Args:
            stores: what is purged.
            clock: says which day it is.
            default_days: kept where no group says otherwise.
            wait: pauses for that many seconds; when the process is to end, less, and gives True.
        """
        self._engine = stores.engine
        self._clock = clock
        self._default_days = default_days
        self._wait = wait
        # Rows first: while a row is there, it says what else must go.
        self._keepers: list[Keeper] = [
            Rows(stores),
            Points(stores),
            Crops(stores),
            Clips(stores),
            EarlyCrops(stores),
            Quarantine(stores),
            Exports(stores),
            Watched(stores),
            Learnt(stores),
        ]

    def is_due(self) -> bool:
        """Whether there may be something to do. Cheap.

        Once a day, after midnight UTC, is enough, unless groups have changed, a box came back with
        what nobody may keep any more, or the last purge could not prove what it should.
        """
        now = to_datetime(self._clock.now_ms())
        with self._engine.connect() as connection:
            policy = read_policy(connection, self._default_days)
            last = report.last(connection)
            if last is None or last.purge.as_of != now.date():
                return True
            if last.mark.policy != _digest(policy):
                return True
            if not last.purge.ok:
                return now - last.purge.at >= _AGAIN_AFTER
            rule = Rule(policy, now.date())
            if any(rule.is_over(day) for day in partition_days(connection)):
                return True
            late = {"xid": last.mark.seen_xid, "before": rule.all_kept_from, **rule.binds()}
            return bool(connection.execute(_CAME_LATE, late).scalar_one())

    def run(self, as_of: date | None = None, *, dry_run: bool = False) -> Purge:
        """Remove what was kept long enough on `as_of` (today); look, report, and keep the report.

        A dry run only looks: what it finds outlived is what a purge would remove.

        Raises:
            InputError: `as_of` is still to come, and this is no dry run.
            ConflictError: another purge is at work.
            StorageError: the database is away.
            Stopped: the process is to end; there is no report of this one.
        """
        now, begun = to_datetime(self._clock.now_ms()), self._clock.monotonic()
        today = as_of or day_of(self._clock.now_ms())
        if today > now.date() and not dry_run:
            raise InputError(f"{today} is still to come: only a dry run may look ahead")
        with _database(), _alone(self._engine) as connection:
            policy = read_policy(connection, self._default_days)
            mark = Mark(_digest(policy), connection.execute(_SEEN).scalar_one())
            connection.rollback()
            rule = Rule(policy, today)
            run = Run(rule, self._wait)
            errors = {} if dry_run else self._remove(run)
            parts = self._look(run, errors)
            done = Purge(
                id=None,
                at=now,
                as_of=today,
                seconds=round(self._clock.monotonic() - begun, 3),
                dry_run=dry_run,
                ok=all(part.ok for part in parts),
                parts=parts,
            )
            if not dry_run:
                with self._engine.begin() as keeping:
                    done = report.keep(keeping, done, mark)
        _say(done)
        return done

    def last(self) -> Purge | None:
        """The newest report."""
        with self._engine.connect() as connection:
            found = report.last(connection)
        return found and found.purge

    def _remove(self, run: Run) -> dict[str, str]:
        """Have every place emptied; one that refuses keeps none of the others from it."""
        errors = {}
        for keeper in self._keepers:
            try:
                keeper.remove(run)
            except (StorageError, DBAPIError) as error:
                errors[keeper.name] = _reason(error)
        return errors

    def _look(self, run: Run, errors: dict[str, str]) -> list[Part]:
        with self._engine.connect() as connection:
            counted = census(connection, run.rule)
        parts = []
        for keeper in self._keepers:
            run.check()
            why = errors.get(keeper.name, "")
            try:
                look = keeper.look(run.rule, counted)
            except (StorageError, DBAPIError) as error:
                look, why = Look(0, None), f"it could not be looked at: {_reason(error)}"
            parts.append(_part(keeper.name, run, look, why))
        return parts


def _part(name: str, run: Run, look: Look, why: str) -> Part:
    ok = look.outlived == 0 and not why
    said = "; ".join(filter(None, (why, look.detail)))
    return Part(
        name=name,
        removed={kind: number for kind, number in run.removed[name].items() if number},
        outlived=look.outlived,
        oldest=look.oldest,
        kept_from=run.rule.some_kept_from,
        ok=ok,
        detail=said or ("nothing older is here" if ok else "what must not be here any more is"),
    )


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": locks.PURGE})
        if not taken.scalar_one():
            raise ConflictError("another purge is at work; look at its report when it has ended")
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": locks.PURGE})


@contextmanager
def _database() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StorageError(f"the database cannot be purged: {error.orig}") from error


def _digest(policy: Policy) -> str:
    said = f"{policy.default_days} {sorted(policy.by_camera.items())}"
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _reason(error: StorageError | DBAPIError) -> str:
    # Without the statement, which may hold pictures.
    return str(error.orig if isinstance(error, DBAPIError) else error)


def _say(purge: Purge) -> None:
    removed = {part.name: part.removed for part in purge.parts if part.removed}
    wrong = {part.name: part.detail for part in purge.parts if not part.ok}
    say = _log.info if purge.ok or purge.dry_run else _log.error
    say("purge", as_of=str(purge.as_of), ok=purge.ok, removed=removed, wrong=wrong)
