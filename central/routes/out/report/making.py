"""The report of a kept route: what it shows is gathered here."""

from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from central.audit import asker
from central.crops.store import CropStore
from central.days import day_of
from central.routes.model import Route
from central.routes.out.report.ground import Ground, around
from central.routes.out.report.page import Facts, page
from central.routes.out.report.picture import bounds
from central.routes.words import Lang
from central.services import Services
from central.sightings import repository as sightings_table
from central.sightings.model import Sighting
from shared.clock import to_datetime
from shared.ids import uuid7_ms


def report(services: Services, route: Route, lang: Lang) -> str:
    """The whole page.

    Raises:
        StorageError: the crop store cannot be read.
    """
    ids = [stop.sighting_id for stop in route.stops]
    with services.engine.connect() as connection:
        box = bounds(route)
        ground = Ground([], []) if box is None else around(connection, route, box)
        crops = _crops(connection, services.crops, ids)
    facts = Facts(
        ground=ground,
        crops=crops,
        printed_at=to_datetime(services.clock.now_ms()),
        printed_by=asker(),
        zone=ZoneInfo(services.settings.zone),
        lang=lang,
    )
    return page(route, facts)


def _crops(connection: Connection, store: CropStore, ids: list[UUID]) -> dict[UUID, bytes | str]:
    """The pictures of those sightings that there are, or why there is none."""
    found = sightings_table.by_ids(connection, ids)
    return {identifier: _crop(store, each) for identifier, each in found.items()}


def _crop(store: CropStore, sighting: Sighting) -> bytes | str:
    if sighting.crop_revision is None:
        return "lost" if sighting.crop_gone else "waiting"
    return store.get(day_of(uuid7_ms(sighting.id)), sighting.id) or "missing"
