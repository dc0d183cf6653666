"""Boxes, what was refused from them, and what the centre holds."""

from typing import Annotated

from fastapi import APIRouter, Query

from central.api.common import PREFIX, PageQuery, TheServices
from central.api.health import PartAnswer, parts_of
from central.sightings import fleet
from central.sightings.model import Box, Holdings, Quarantined
from central.values import Instant, Page
from shared.clock import to_datetime
from shared.ids import BoxName

router = APIRouter(prefix=PREFIX, tags=["fleet"])


class QuarantineQuery(PageQuery):
    """Whose refused payloads to list."""

    box: BoxName | None = None


class Boxes(Page[Box]):
    """Every box; `next_cursor` is always null."""


class Status(Holdings):
    """What the centre holds, how many vectors the index has, and how the parts are."""

    now: Instant
    indexed: int
    parts: dict[str, PartAnswer]


@router.get("/boxes")
def list_boxes(services: TheServices) -> Boxes:
    """Every box that was ever heard, by name."""
    return Boxes(items=fleet.all_boxes(services.engine), next_cursor=None)


@router.get("/quarantine")
def list_quarantine(
    services: TheServices, asked: Annotated[QuarantineQuery, Query()]
) -> Page[Quarantined]:
    """Payloads that were refused and kept, newest first, with the reasons."""
    return fleet.refused(services.engine, asked.box, asked.limit, asked.cursor)


@router.get("/status")
def get_status(services: TheServices) -> Status:
    """What the centre holds and how it is."""
    held = fleet.holdings(services.engine, services.index.index_id)
    return Status(
        **held.model_dump(),
        now=to_datetime(services.clock.now_ms()),
        indexed=services.index.count(),
        parts=parts_of(services),
    )
