"""Routes from confirmed sightings."""

from uuid import UUID

from fastapi import APIRouter, Response

from central.api.common import PREFIX, ThePage, TheServices
from central.api.etags import TheCondition, quoted
from central.api.routers import route_files
from central.api.routers.route_files import ThePurpose, TheVersion
from central.audit import audit
from central.routes import repository
from central.routes.model import Route, RouteRequest, RouteSummary, StopsRequest, VersionSummary
from central.values import Page

router = APIRouter(prefix=f"{PREFIX}/routes", tags=["routes"])
# Before `/{route}`, which any word would fit.
router.include_router(route_files.router)


@router.post("", status_code=201)
def create_route(services: TheServices, response: Response, request: RouteRequest) -> Route:
    """Put the stops in time order, judge the legs between them, and keep the route.

    Times are corrected by what the boxes measured their clocks to be off by. A leg is OBSERVED,
    UNOBSERVED, a COVERAGE_GAP or a CONTRADICTION, with its reasons; the last has no geometry.
    """
    return _tagged(response, repository.create(services.engine, services.clock, request))


@router.get("")
def list_routes(services: TheServices, page: ThePage) -> Page[RouteSummary]:
    """Kept routes, newest first."""
    audit("routes listed")
    return repository.page(services.engine, page.limit, page.cursor)


@router.put("/{route}/stops")
def change_route_stops(
    services: TheServices,
    response: Response,
    route: UUID,
    request: StopsRequest,
    condition: TheCondition,
) -> Route:
    """Build a route anew through other stops, as its next version; 412 when it was changed since.

    The versions before are kept. A stop that it had may stay when its sighting has expired.
    """
    changed = repository.change(services.engine, services.clock, route, request, condition.check)
    return _tagged(response, changed)


@router.get("/{route}/versions")
def list_route_versions(services: TheServices, route: UUID, page: ThePage) -> Page[VersionSummary]:
    """A route's versions, newest first."""
    found = repository.versions(services.engine, route, page.limit, page.cursor)
    audit("route versions listed", route=str(route))
    return found


@router.get("/{route}")
def get_route(
    services: TheServices,
    response: Response,
    route: UUID,
    version: TheVersion = None,
    purpose: ThePurpose = None,
) -> Route:
    """A kept route, as it was when it was confirmed; its ETag is what `If-Match` of a change names.

    Look at an older `version` by its number.
    """
    found = repository.get(services.engine, route, version)
    audit("route read", purpose=purpose, route=str(found.id), version=found.version)
    return _tagged(response, found)


def _tagged(response: Response, found: Route) -> Route:
    response.headers.update(quoted(repository.tag(found)))
    return found
