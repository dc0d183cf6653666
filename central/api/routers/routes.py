"""Routes from confirmed sightings."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from central.api.common import PREFIX, ThePage, TheServices
from central.routes import repository
from central.routes.model import Route, RouteRequest, RouteSummary
from central.values import Page

router = APIRouter(prefix=f"{PREFIX}/routes", tags=["routes"])

_GEOJSON = "application/geo+json"


class GeoJsonResponse(JSONResponse):
    """A GeoJSON document."""

    media_type = _GEOJSON


@router.post("", status_code=201)
def create_route(services: TheServices, request: RouteRequest) -> Route:
    """Put confirmed sightings in time order, join them by straight legs, and keep the route."""
    return repository.create(services.engine, services.clock, request)


@router.get("")
def list_routes(services: TheServices, page: ThePage) -> Page[RouteSummary]:
    """Kept routes, newest first."""
    return repository.page(services.engine, page.limit, page.cursor)


@router.get("/{route}.geojson", response_class=GeoJsonResponse)
def get_route_geojson(services: TheServices, route: UUID) -> GeoJsonResponse:
    """A kept route as a FeatureCollection: stops as numbered points, legs as lines."""
    return GeoJsonResponse(repository.get(services.engine, route).geojson)


@router.get("/{route}")
def get_route(services: TheServices, route: UUID) -> Route:
    """A kept route, as it was when it was confirmed."""
    return repository.get(services.engine, route)
