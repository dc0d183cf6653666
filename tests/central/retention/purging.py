"""A centre with days of sightings in it, and a purger over all of it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from central.index.port import IndexQuery
from central.retention.compose import stores_of
from central.retention.keepers import Stores
from central.retention.purge import Purger
from central.retention.report import Part, Purge
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS, utc
from tests.factories import SPACE, unit_vector

TODAY = utc(NOON_MS).date()


@dataclass
class Purging:
    """Shorthand for tests."""

    centre: Centre
    stores: Stores
    default_days: int = 30

    def purger(self, **changes: object) -> Purger:
        """A purger with its own idea of the stores."""
        stores = replace(self.stores, **changes)  # type: ignore[arg-type]
        return Purger(stores, self.centre.keeping.clock, self.default_days, lambda _: None)

    def purge(self, as_of: date | None = None, *, dry_run: bool = False) -> Purge:
        """What a purge reports."""
        return self.purger().run(as_of, dry_run=dry_run)

    def seen(self, days_ago: int, camera: str = "cam-1", count: int = 1) -> list[UUID]:
        """Sightings of that many days ago, of noon, in the database and the index."""
        made = [self.centre.sighting(camera, at_s=-86_400 * days_ago + n) for n in range(count)]
        self.centre.follow()
        return made

    def days(self) -> list[int]:
        """How many days ago the rows are of, oldest first."""
        rows = self.centre.keeping.rows("SELECT DISTINCT day FROM sightings ORDER BY day")
        return [(TODAY - day).days for (day,) in rows]  # type: ignore[operator]

    def found(self, days_ago: int) -> set[UUID]:
        """Whatever the index has of that day."""
        vector = unit_vector(self.centre.rng)
        hits = self.centre.services.index.search(IndexQuery(SPACE, vector, limit=1000))
        return {hit.id for hit in hits if hit.day == ago(days_ago)}

    @property
    def crops(self) -> Path:
        """Where the pictures are."""
        return self.centre.services.settings.crops_dir


def purging(centre: Centre, default_days: int = 30) -> Purging:
    """A purger over all that `centre` has."""
    services = centre.services
    stores = stores_of(services.settings, services.engine, services.crops, services.index)
    return Purging(centre, stores, default_days)


def ago(days: int) -> date:
    """That many days before the tests' today."""
    return TODAY - timedelta(days=days)


def part(purge: Purge, name: str) -> Part:
    """The part of `purge` called `name`."""
    return next(part for part in purge.parts if part.name == name)
