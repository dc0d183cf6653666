"""What purges removed, and their proof that it is gone."""

from fastapi import APIRouter

from central.api.common import PREFIX, ThePage, TheServices
from central.retention import report
from central.retention.report import Purge
from central.values import Page

router = APIRouter(prefix=f"{PREFIX}/purges", tags=["fleet"])


@router.get("")
def list_purges(services: TheServices, page: ThePage) -> Page[Purge]:
    """Purges, newest first: what went, what is left, and whether that is right."""
    return report.page(services.engine, page.limit, page.cursor)
