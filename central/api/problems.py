"""Every error over HTTP as application/problem+json (RFC 9457)."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from central.errors import ConflictError, InputError, NotFoundError
from shared.errors import (
    ConfigError,
    DependencyMissing,
    DongseonError,
    PictureError,
    StorageError,
    VectorError,
)

MEDIA_TYPE = "application/problem+json"
_MAX_ERRORS = 20

# The first kind that fits decides.
_STATUS: tuple[tuple[type[DongseonError], HTTPStatus], ...] = (
    (NotFoundError, HTTPStatus.NOT_FOUND),
    (ConflictError, HTTPStatus.CONFLICT),
    (InputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (PictureError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (VectorError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ConfigError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (DependencyMissing, HTTPStatus.SERVICE_UNAVAILABLE),
    (StorageError, HTTPStatus.SERVICE_UNAVAILABLE),
)


class FieldError(BaseModel):
    """One thing that is wrong, and where in the request."""

    where: str
    what: str


class Problem(BaseModel):
    """What every error answers. `type` is a name for programs, `detail` a sentence for people."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] | None = None


def problem(
    status: int,
    detail: str,
    instance: str,
    *,
    errors: Sequence[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer for an error. ASCII, so that no half character of a request can spoil it."""
    title = HTTPStatus(status).phrase
    body = Problem(
        type=f"urn:dongseon:problem:{title.lower().replace(' ', '-')}",
        title=title,
        status=status,
        detail=detail,
        instance=instance,
        errors=None if errors is None else list(errors),
    )
    text = json.dumps(body.model_dump(exclude_none=True))
    return Response(text, status, headers=headers, media_type=MEDIA_TYPE)


def handle_problems(app: FastAPI) -> None:
    """Have `app` answer every error with a problem."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DongseonError, _ours)
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.add_exception_handler(kind, _no_database)
    app.add_exception_handler(DataError, _no_value)
    app.add_exception_handler(Exception, _unforeseen)


# Starlette types every handler for `Exception`; each below is registered for its own kind.
def _invalid(request: Request, error: Exception) -> Response:
    found: Sequence[Any] = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [
        FieldError(where=".".join(str(part) for part in item["loc"]), what=item["msg"])
        for item in found[:_MAX_ERRORS]
    ]
    detail = "; ".join(f"{item.where}: {item.what}" for item in errors[:3])
    unreadable = any(item["type"] == "json_invalid" for item in found)
    status = HTTPStatus.BAD_REQUEST if unreadable else HTTPStatus.UNPROCESSABLE_ENTITY
    return problem(status, detail, request.url.path, errors=errors)


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _unforeseen(request, error)
    return problem(error.status_code, str(error.detail), request.url.path, headers=error.headers)


def _ours(request: Request, error: Exception) -> Response:
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return problem(status, str(error), request.url.path)
    structlog.get_logger().error("request failed", path=request.url.path, exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, str(error), request.url.path)


def _no_database(request: Request, error: Exception) -> Response:
    structlog.get_logger().warning("database", error=str(error))
    detail = "the database cannot be reached; ask again when it is back"
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, request.url.path)


def _no_value(request: Request, error: Exception) -> Response:
    """A value passed every check of ours, and the database cannot keep or compare it."""
    structlog.get_logger().warning("value", path=request.url.path, error=str(error))
    detail = "a value in the request is one that the database cannot take"
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, request.url.path)


def _unforeseen(request: Request, error: Exception) -> Response:
    structlog.get_logger().error("request failed", path=request.url.path, exc_info=error)
    detail = "this is a fault of the centre; its log says more"
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, request.url.path)
