"""Learnt transit times between cameras."""

from typing import Annotated

from fastapi import APIRouter, Query

from central.api.common import PREFIX, PageQuery, TheServices
from central.api.routers.route_files import GeoJsonResponse
from central.routes.links import repository
from central.routes.links.model import Link
from central.routes.links.repository import LinkFilter
from central.values import Page
from shared.classes import ObjectClass
from shared.clock import to_datetime
from shared.ids import CameraId

router = APIRouter(prefix=f"{PREFIX}/links", tags=["routes"])


class LinkQuery(PageQuery):
    """Which links, and which part of them."""

    camera: CameraId | None = None
    object_class: ObjectClass | None = None


@router.get("")
def list_links(services: TheServices, wanted: Annotated[LinkQuery, Query()]) -> Page[Link]:
    """Transit times as learnt from confirmed routes and plates that were read twice."""
    now = to_datetime(services.clock.now_ms())
    shown = LinkFilter(wanted.camera, wanted.object_class)
    return repository.page(services.engine, shown, now, wanted.limit, wanted.cursor)


@router.get(".geojson", response_class=GeoJsonResponse)
def get_links_geojson(
    services: TheServices,
    camera: Annotated[CameraId | None, Query()] = None,
    object_class: Annotated[ObjectClass | None, Query()] = None,
) -> GeoJsonResponse:
    """The 5,000 links with the most trips, as straight lines between placed cameras."""
    now = to_datetime(services.clock.now_ms())
    return GeoJsonResponse(repository.drawn(services.engine, LinkFilter(camera, object_class), now))
