"""Where boxes upload what they were asked for: the core of tus 1.0.0, `HEAD` and `PATCH`.

https://tus.io/protocols/resumable-upload. An upload is made by asking a box for a clip; its token
is in the command that the box got, and opens nothing else.
"""

import re
from http import HTTPStatus
from typing import Annotated, NoReturn
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from central.api.common import PREFIX, TheServices
from central.clips.store import ClipStore, NoRoom, OutOfPlace
from central.clips.uploads import (
    Declared,
    Incoming,
    TokenRefused,
    UploadOver,
    Uploads,
    UploadTooLarge,
)
from central.errors import InputError
from central.services import Services

router = APIRouter(prefix=f"{PREFIX}/uploads", tags=["uploads"])

TUS = "1.0.0"
_MEDIA_TYPE = "application/offset+octet-stream"
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/=]{1,64}):")
_STATUS = {
    TokenRefused: HTTPStatus.UNAUTHORIZED,
    UploadOver: HTTPStatus.GONE,
    UploadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NoRoom: HTTPStatus.INSUFFICIENT_STORAGE,
}
_OPENAPI = {
    "requestBody": {
        "required": True,
        "content": {_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}
_log = structlog.get_logger(__name__)

Size = Annotated[int, Header(ge=0, le=1 << 40)]


def _token(authorization: Annotated[str, Header(max_length=200)] = "") -> str:
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _declared(
    upload_offset: Size,
    upload_length: Annotated[int, Header(ge=1, le=1 << 40)],
    repr_digest: Annotated[str, Header(max_length=200, examples=["sha-256=:uU0nuZNN...:"])],
) -> Declared:
    found = _DIGEST.search(repr_digest)
    if found is None:
        raise InputError("Repr-Digest must have the whole file's sha-256, as sha-256=:BASE64:")
    return Declared(upload_offset, upload_length, found[1])


TheToken = Annotated[str, Depends(_token)]


@router.head("/{upload}", response_class=Response)
def get_upload(services: TheServices, upload: UUID, token: TheToken) -> Response:
    """How many bytes are here, in `Upload-Offset`."""
    try:
        held = _uploads(services).held(upload, token)
    except (TokenRefused, UploadOver) as error:
        _refuse(error)
    return _answer(HTTPStatus.OK, held)


@router.patch("/{upload}", response_class=Response, openapi_extra=_OPENAPI)
async def add_to_upload(
    services: TheServices,
    request: Request,
    upload: UUID,
    token: TheToken,
    declared: Annotated[Declared, Depends(_declared)],
) -> Response:
    """Add bytes at `Upload-Offset`. `Upload-Length` and `Repr-Digest` are of the whole.

    A request may have 4 MiB, however large the whole is: send it in pieces.
    What came before a line broke is kept: ask with `HEAD` where to go on.
    """
    try:
        incoming = await run_in_threadpool(_uploads(services).begin, upload, token, declared)
        held = await _receive(request, incoming)
        if held == declared.size:
            await run_in_threadpool(incoming.finish)
    except (TokenRefused, UploadOver, UploadTooLarge, NoRoom) as error:
        _refuse(error)
    except OutOfPlace as error:
        headers = {"upload-offset": str(error.held)}
        raise HTTPException(HTTPStatus.CONFLICT, str(error), headers) from error
    return _answer(HTTPStatus.NO_CONTENT, held)


async def _receive(request: Request, incoming: Incoming) -> int:
    """Keep bytes as they come; give how many are here in all."""
    held = incoming.declared.offset
    try:
        async for chunk in request.stream():
            if chunk:
                held = await run_in_threadpool(incoming.append, held, chunk)
    except ClientDisconnect:
        _log.info("an upload broke off", clip=str(incoming.place.id), held=held)
    return held


def _uploads(services: Services) -> Uploads:
    settings = services.settings
    store = ClipStore(settings.clips_dir)
    return Uploads(
        services.engine, store, services.clock, settings.clip_max_bytes, settings.clip_min_free
    )


def _answer(status: HTTPStatus, held: int) -> Response:
    return Response(status_code=status, headers={"upload-offset": str(held), "tus-resumable": TUS})


def _refuse(error: TokenRefused | UploadOver | UploadTooLarge | NoRoom) -> NoReturn:
    headers = {"www-authenticate": "Bearer"} if isinstance(error, TokenRefused) else None
    raise HTTPException(_STATUS[type(error)], str(error), headers) from error
