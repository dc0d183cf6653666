"""What waits or was refused: pictures without sightings, and payloads kept for a person."""

from datetime import UTC, date, datetime, time
from uuid import UUID

from sqlalchemy import Engine, text

from central.days import PAST
from central.retention.keepers import Census, Look, Run, Stores
from central.retention.policy import Rule, first_kept
from shared.clock import to_ms

EARLY_CROPS_DAYS = 7
"""Pictures wait for their sightings for so long, whatever is kept of other things."""

# Ids are UUIDv7, in the order of their time. Ids of days before `past` are of dead clocks, whose
# sightings count as of the day they come; so do their pictures.
_OLD_CROPS = "received_at < :received OR (id >= :past AND id < :floor)"
# S608: made of constants.
_DROP_CROPS = text(f"DELETE FROM early_crops WHERE {_OLD_CROPS}")  # noqa: S608
_LEFT_CROPS = text(
    f"SELECT count(*) FILTER (WHERE {_OLD_CROPS}) AS outlived, "  # noqa: S608
    "min(received_at) AS oldest FROM early_crops"
)
_DROP_PAYLOADS = text("DELETE FROM quarantine WHERE received_at < :before")
_SHORTEN = text(
    "DELETE FROM quarantine q USING (SELECT b.box, (SELECT id FROM quarantine o "
    "WHERE o.box = b.box ORDER BY id DESC OFFSET :rows LIMIT 1) AS last "
    "FROM (SELECT DISTINCT box FROM quarantine) b) AS t "
    "WHERE q.box = t.box AND q.id <= t.last"
)
_LEFT_PAYLOADS = text(
    "SELECT count(*) FILTER (WHERE received_at < :before) AS outlived, "
    "min(received_at) AS oldest FROM quarantine"
)


class EarlyCrops:
    """Pictures whose sightings have not come."""

    name = "early_crops"

    def __init__(self, stores: Stores) -> None:
        self._engine = stores.engine

    def remove(self, run: Run) -> None:
        """Forget those that waited long enough, and those of days of which nothing is kept."""
        with self._engine.begin() as connection:
            gone = connection.execute(_DROP_CROPS, _ages(run.rule)).rowcount
        run.count(self.name, crops=gone)

    def look(self, rule: Rule, census: Census) -> Look:  # noqa: ARG002 - they have no census
        """Those that should be gone, and since when the oldest waits."""
        with self._engine.connect() as connection:
            found = connection.execute(_LEFT_CROPS, _ages(rule)).one()
        return Look(found.outlived, found.oldest and found.oldest.date())


class Quarantine:
    """Refused payloads. What is in them cannot be trusted, so they count as of the day they came.

    They are kept as long as any sighting is that no group keeps for longer, and only the newest
    of each box: a box gone mad must not fill the disk.
    """

    name = "quarantine"

    def __init__(self, stores: Stores) -> None:
        self._engine = stores.engine
        self._rows = stores.quarantine_rows

    def remove(self, run: Run) -> None:
        """Forget old ones, and those over the cap."""
        with self._engine.begin() as connection:
            old = connection.execute(_DROP_PAYLOADS, _before(run.rule)).rowcount
        run.count(self.name, payloads=old, over_cap=shorten(self._engine, self._rows))

    def look(self, rule: Rule, census: Census) -> Look:  # noqa: ARG002 - they have no census
        """Those that should be gone, and when the oldest came."""
        with self._engine.connect() as connection:
            found = connection.execute(_LEFT_PAYLOADS, _before(rule)).one()
        return Look(found.outlived, found.oldest and found.oldest.date())


def shorten(engine: Engine, rows: int) -> int:
    """Keep only the newest `rows` refused payloads of each box; give how many went."""
    with engine.begin() as connection:
        return connection.execute(_SHORTEN, {"rows": rows}).rowcount


def _ages(rule: Rule) -> dict[str, object]:
    waited = min(EARLY_CROPS_DAYS, rule.policy.default_days)
    return {
        "received": _midnight(first_kept(rule.today, waited)),
        "past": _first_id(rule.today - PAST),
        "floor": _first_id(max(rule.some_kept_from, rule.today - PAST)),
    }


def _before(rule: Rule) -> dict[str, object]:
    return {"before": _midnight(first_kept(rule.today, rule.policy.default_days))}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _first_id(day: date) -> UUID:
    return UUID(int=to_ms(_midnight(day)) << 80)
