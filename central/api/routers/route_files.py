"""Routes as files."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, JSONResponse, Response

from central.api.common import TheServices
from central.audit import audit
from central.routes import repository
from central.routes.model import Route
from central.routes.out import gpx, kml, movingfeatures
from central.routes.out.report.making import report
from central.routes.words import Lang
from central.services import Services
from central.values import Line

router = APIRouter()

TheVersion = Annotated[
    int | None, Query(ge=1, le=repository.MAX_VERSIONS, description="the newest unless named")
]
ThePurpose = Annotated[Line | None, Query(description="why; written to the log")]

# The page needs its own style and pictures and nothing else, and asks nobody for anything.
_ALONE = {
    "content-security-policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
}


class GeoJsonResponse(JSONResponse):
    """A GeoJSON document."""

    media_type = "application/geo+json"


class MovingFeaturesResponse(JSONResponse):
    """An OGC Moving Features JSON document; what is no feature of GeoJSON is foreign to it."""

    media_type = movingfeatures.MEDIA_TYPE


class GpxResponse(Response):
    """A GPX document."""

    media_type = gpx.MEDIA_TYPE


class KmlResponse(Response):
    """A KML document."""

    media_type = kml.MEDIA_TYPE


def _file(media_type: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": "string"}}}}}


@router.get("/{route}.geojson", response_class=GeoJsonResponse)
def get_route_geojson(
    services: TheServices, route: UUID, version: TheVersion = None, purpose: ThePurpose = None
) -> GeoJsonResponse:
    """A kept route as a FeatureCollection: stops as numbered points, legs as lines with a type.

    `times` of a leg are seconds since the epoch at each of its places. A contradiction has no
    geometry.
    """
    return GeoJsonResponse(_exported(services, (route, version), "geojson", purpose).geojson)


@router.get("/{route}.mf.json", response_class=MovingFeaturesResponse)
def get_route_moving_features(
    services: TheServices, route: UUID, version: TheVersion = None, purpose: ThePurpose = None
) -> MovingFeaturesResponse:
    """A kept route as OGC Moving Features JSON: a moving point for each travelled piece."""
    found = _exported(services, (route, version), "mf.json", purpose)
    return MovingFeaturesResponse(movingfeatures.moving_features(found))


@router.get("/{route}.gpx", response_class=GpxResponse, responses=_file(gpx.MEDIA_TYPE))
def get_route_gpx(
    services: TheServices, route: UUID, version: TheVersion = None, purpose: ThePurpose = None
) -> GpxResponse:
    """A kept route as GPX 1.1: stops as waypoints, a track segment for each travelled piece."""
    return GpxResponse(gpx.gpx(_exported(services, (route, version), "gpx", purpose)))


@router.get("/{route}.kml", response_class=KmlResponse, responses=_file(kml.MEDIA_TYPE))
def get_route_kml(
    services: TheServices, route: UUID, version: TheVersion = None, purpose: ThePurpose = None
) -> KmlResponse:
    """A kept route as KML 2.2: stops as points, legs as lines in the colour of their type."""
    return KmlResponse(kml.kml(_exported(services, (route, version), "kml", purpose)))


@router.get("/{route}/report", response_class=HTMLResponse)
def get_route_report(
    services: TheServices,
    route: UUID,
    lang: Lang = "en",
    version: TheVersion = None,
    purpose: ThePurpose = None,
) -> HTMLResponse:
    """A kept route as one page to be printed: map, stops with pictures, legs, how it was searched.

    It needs nothing but itself: save it, or print it to PDF.
    """
    found = _exported(services, (route, version), f"report {lang}", purpose)
    return HTMLResponse(report(services, found, lang), headers=_ALONE)


def _exported(
    services: Services, named: tuple[UUID, int | None], kind: str, purpose: str | None
) -> Route:
    found = repository.get(services.engine, *named)
    audit("route exported", purpose=purpose, route=str(found.id), version=found.version, kind=kind)
    return found
