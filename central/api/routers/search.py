"""Search by looks, plate, attributes, place and time."""

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from central.api.common import PREFIX, TheServices
from central.search import search
from central.search.model import SearchAnswer, SearchOptions, SearchRequest
from central.search.telling import failures_told
from shared.pictures import UPLOAD_CAPS

router = APIRouter(prefix=f"{PREFIX}/search", tags=["search"])

_OPTIONS = '{"from": "2026-01-31T08:00:00Z", "limit": 50, "group_by": "camera"}'


@router.post("")
def search_sightings(services: TheServices, request: SearchRequest) -> SearchAnswer:
    """What fits everything that is given, the best first.

    By looks (`by`): what looks like a sighting, an object of an uploaded picture (`/pictures`), or
    the mean of several; exact inside the chosen cameras and window. Only vectors of the query's own
    embedding space are compared; `scope.other_spaces` says how many were not. Without `by`: by
    plate, attributes, cameras and time alone.
    """
    with failures_told(request):
        return search.ask(services, request)


@router.post("/picture")
def search_by_picture(
    services: TheServices,
    file: Annotated[UploadFile, File(description="JPEG, PNG or WebP, up to 20 MB")],
    request: Annotated[
        str, Form(description="a search request without `by`, as JSON", examples=[_OPTIONS])
    ] = "{}",
) -> SearchAnswer:
    """What looks like the largest person (or `object_class`) in a picture.

    `query.picture.box` says what was cut out of the picture; null: all of it was used.
    """
    try:
        options = SearchOptions.model_validate_json(request)
    except ValidationError as error:
        wrong = [
            {**item, "loc": ("body", "request", *item["loc"])}
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise RequestValidationError(wrong) from error
    with failures_told(options):
        return search.by_picture(services, file.file.read(UPLOAD_CAPS.max_bytes + 1), options)
