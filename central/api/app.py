"""The web application, from services to ASGI."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles

from central.api import health
from central.api.callers import Askers
from central.api.common import PREFIX
from central.api.conditional import EntityTags
from central.api.contract import Api
from central.api.guards import BodyCap, HostGuard, SafeHeaders
from central.api.idempotency import IdempotencyKeys
from central.api.metrics import RequestTimes
from central.api.problems import MEDIA_TYPE, FieldError, Problem, handle_problems
from central.api.rates import RateLimits
from central.api.routers import (
    ask,
    attributes,
    cameras,
    clips,
    fleet,
    groups,
    links,
    pictures,
    purges,
    roads,
    routes,
    saved,
    search,
    sightings,
    suggest,
    uploads,
    views,
    watch,
)
from central.services import Services
from shared.pictures import UPLOAD_CAPS

CONSOLE = Path(__file__).parents[1] / "console" / "dist"

_MEGABYTE = 1 << 20
# 20,000 camera ids of the longest kind come to 1.3 MB.
# Uploads of clips come in pieces, of 256 KiB from our own boxes.
_MAX_BODY = 4 * _MEGABYTE
_LARGER = {
    f"{PREFIX}/search/picture": UPLOAD_CAPS.max_bytes + _MEGABYTE,
    f"{PREFIX}/watch/picture": UPLOAD_CAPS.max_bytes + _MEGABYTE,
    f"{PREFIX}/pictures": UPLOAD_CAPS.max_bytes + _MEGABYTE,
    f"{PREFIX}/cameras/import/geojson": 16 * _MEGABYTE,
    f"{PREFIX}/cameras/import/korean-csv": 64 * _MEGABYTE,
}
_PARTS = (
    cameras,
    views,
    groups,
    sightings,
    attributes,
    search,
    pictures,
    saved,
    ask,
    watch,
    roads,
    routes,
    suggest,
    links,
    clips,
    uploads,
    fleet,
    purges,
    health,
)
_DESCRIPTION = """\
Finds where someone went: cameras, sightings, search and routes.

**There are no accounts yet.** The centre listens on loopback only; whoever can reach it may ask
everything. Put a proxy that knows who is there in front of it before anyone else can.

Times are ISO 8601 in UTC with milliseconds. Places are WGS 84 degrees, in GeoJSON longitude first.
Every error is application/problem+json (RFC 9457). Lists are pages: ask again with `cursor`.
"""
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Dongseon</title>
<h1>Dongseon</h1><p>The console is not built. Build it with <code>make console</code> and start
again.</p><p>The API: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a></p></html>
"""


def describe() -> dict[str, Any]:
    """The OpenAPI document, as every centre of this version gives it."""
    return _endpoints().openapi()


def create_app(services: Services, console: Path = CONSOLE) -> FastAPI:
    """The application. It opens nothing until it is asked, and closes nothing of `services`.

    Args:
        services: what it calls.
        console: the built console, served at `/`; where it is missing a page says how to build it.
    """
    app = _endpoints()
    app.state.services = services
    handle_problems(app)
    _serve_console(app, console)
    # The last one added is the first a request meets.
    settings = services.settings
    names = {settings.http_host, settings.upload_name, *settings.http_names}
    header = settings.caller_header
    app.add_middleware(EntityTags)
    app.add_middleware(IdempotencyKeys, engine=services.engine, clock=services.clock, header=header)
    app.add_middleware(BodyCap, cap=_MAX_BODY, larger=_LARGER)
    app.add_middleware(RateLimits, rate=settings.rate_limit, header=header)
    app.add_middleware(HostGuard, names=names)
    app.add_middleware(Askers, header=header)
    app.add_middleware(SafeHeaders)
    app.add_middleware(RequestTimes, registry=services.registry)
    return app


def _endpoints() -> FastAPI:
    """Every endpoint, with nothing behind it yet."""
    app = Api(
        title="Dongseon",
        version=version("dongseon"),
        description=_DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        # Their pages load scripts from elsewhere; nothing here calls out.
        docs_url=None,
        redoc_url=None,
        responses={
            kind: {"description": text, "content": {MEDIA_TYPE: {"schema": _problem_schema()}}}
            for kind, text in (("4XX", "The request is at fault."), ("5XX", "The centre is."))
        },
        generate_unique_id_function=_operation_id,
        # One name for one thing, whether it comes or goes.
        separate_input_output_schemas=False,
    )
    for part in _PARTS:
        app.include_router(part.router)
    return app


def _serve_console(app: FastAPI, console: Path) -> None:
    if (console / "index.html").is_file():
        app.mount("/", StaticFiles(directory=console, html=True), name="console")
    else:
        app.add_api_route("/", _not_built, response_class=HTMLResponse, include_in_schema=False)


def _not_built() -> HTMLResponse:
    return HTMLResponse(_NOT_BUILT)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _problem_schema() -> dict[str, object]:
    """The schema in one piece: what it refers to would not be found from inside a response."""
    schema = Problem.model_json_schema()
    del schema["$defs"]
    schema["properties"]["errors"] = {"type": "array", "items": FieldError.model_json_schema()}
    return schema
