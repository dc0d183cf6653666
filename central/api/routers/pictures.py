"""Pictures to ask with: uploaded, looked through, and kept for a day."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import Response

from central.api.common import PREFIX, TheFile, TheServices, file_body
from central.asking import pictures
from central.asking.pictures import OfferedPicture
from central.audit import audit
from central.services import Services
from shared.clock import to_datetime
from shared.pictures import UPLOAD_CAPS, decode_picture

router = APIRouter(prefix=f"{PREFIX}/pictures", tags=["search"])

_WEBP = "image/webp"
_FOR_A_DAY = "private, max-age=86400, immutable"
_KINDS = ("image/jpeg", "image/png", _WEBP)


@router.post("", status_code=201, openapi_extra=file_body(*_KINDS))
def upload_picture(services: TheServices, file: TheFile) -> OfferedPicture:
    """Find the persons and vehicles in a picture (JPEG, PNG or WebP, up to 20 MB, 40 megapixels).

    Name one or several in a search: `{"by": {"pictures": [{"picture": ID, "object": 0}]}}`. The
    picture is not kept, its objects are for a day.
    """
    picture = decode_picture(file.read(UPLOAD_CAPS.max_bytes + 1), UPLOAD_CAPS)
    found = services.pictures.objects(picture)
    offered = pictures.keep(services.engine, services.clock, picture, found)
    audit("picture", what="uploaded", picture=str(offered.id), objects=len(offered.objects))
    return offered


@router.get("/{picture}")
def get_picture(services: TheServices, picture: UUID) -> OfferedPicture:
    """What was found in an uploaded picture."""
    found = pictures.get(services.engine, picture, _now(services))
    audit("picture", what="read", picture=str(picture))
    return found


@router.delete("/{picture}", status_code=204)
def delete_picture(services: TheServices, picture: UUID) -> None:
    """Forget an uploaded picture before its day is over."""
    pictures.remove(services.engine, picture)
    audit("picture", what="deleted", picture=str(picture))


@router.get(
    "/{picture}/objects/{number}/crop",
    response_class=Response,
    responses={200: {"content": {_WEBP: {}}}},
)
def get_object_crop(
    services: TheServices, picture: UUID, number: Annotated[int, Path(ge=0, lt=1_000)]
) -> Response:
    """One object, cut out."""
    data = pictures.crop(services.engine, picture, number, _now(services))
    audit("picture", what="looked at", picture=str(picture), object=number)
    return Response(data, media_type=_WEBP, headers={"cache-control": _FOR_A_DAY})


def _now(services: Services) -> datetime:
    return to_datetime(services.clock.now_ms())
