"""What several endpoints share: the services, pages, uploaded files."""

from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, cast

from fastapi import Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from central.errors import InputError
from central.services import Services
from central.values import MAX_CURSOR

# Part of every router's own prefix, so that a route's template is its whole path in the metrics.
PREFIX = "/api/v1"
_IN_MEMORY = 1 << 20


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


TheServices = Annotated[Services, Depends(_services)]


class PageQuery(BaseModel):
    """Which part of a list. A misspelt parameter is an error, not an unfiltered list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1, le=1_000)] = 100
    cursor: Annotated[
        str | None, Field(max_length=MAX_CURSOR, description="next_cursor of the page before")
    ] = None


ThePage = Annotated[PageQuery, Query()]


async def _uploaded(request: Request) -> AsyncIterator[BinaryIO]:
    """The file that was sent, as the whole body or as the form's field `file`."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise InputError("send the file in the form's field `file`, or as the whole body")
            yield file.file
    else:
        with SpooledTemporaryFile(_IN_MEMORY) as spool:
            async for chunk in request.stream():
                spool.write(chunk)
            spool.seek(0)
            yield cast("BinaryIO", spool)


TheFile = Annotated[BinaryIO, Depends(_uploaded)]


def file_body(*media_types: str) -> dict[str, Any]:
    """OpenAPI for a body that is a file: plainly, or as the form's field `file`."""
    binary = {"type": "string", "format": "binary"}
    form = {"type": "object", "properties": {"file": binary}, "required": ["file"]}
    content: dict[str, Any] = {media_type: {"schema": binary} for media_type in media_types}
    content["multipart/form-data"] = {"schema": form}
    return {"requestBody": {"required": True, "content": content}}
