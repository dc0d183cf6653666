"""Sightings and their pictures."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response
from pydantic import Field, StringConstraints, field_validator

from central.api.common import PREFIX, PageQuery, TheServices
from central.audit import audit
from central.sightings import repository
from central.sightings.attributes import AttributeFilter, LeastConfidence, read_pairs
from central.sightings.model import Sighting
from central.sightings.repository import SightingFilter, Window
from central.values import Instant, Line, Model, Page
from shared.classes import ObjectClass
from shared.ids import BoxName, CameraId
from shared.messages import CropsWanted
from shared.messages.crop import COMMAND

router = APIRouter(prefix=f"{PREFIX}/sightings", tags=["sightings"])

# What an address line holds.
_MAX_CAMERAS = 200
_MAX_PAIRS = 100
_WEBP = "image/webp"
_FOR_EVER = "private, max-age=31536000, immutable"
_ASK_AGAIN = "private, no-cache"


class SightingQuery(PageQuery):
    """Which sightings to list: those in view at some time from `from` to `to`."""

    camera: Annotated[
        list[CameraId], Field(max_length=_MAX_CAMERAS, description="repeat it for more cameras")
    ] = []
    group: Annotated[Line | None, Field(description="a group of cameras")] = None
    box: BoxName | None = None
    object_class: ObjectClass | None = None
    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None
    plate: Annotated[
        str | None,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=16),
        Field(description="exactly as it was read", examples=["12가3456"]),
    ] = None
    attribute: Annotated[
        list[str],
        Field(
            max_length=_MAX_PAIRS,
            description="name=value of `/attributes`; repeat it: values of one attribute are "
            "alternatives, different attributes must all fit",
            examples=[["upper_colour=red", "upper_colour=pink", "backpack=yes"]],
        ),
    ] = []
    least_confidence: LeastConfidence = 0.0

    @field_validator("attribute")
    @classmethod
    def _known(cls, pairs: list[str]) -> list[str]:
        read_pairs(pairs)
        return pairs


@router.get("")
def list_sightings(
    services: TheServices, asked: Annotated[SightingQuery, Query()]
) -> Page[Sighting]:
    """Sightings at their newest revision, newest first."""
    window = Window(asked.from_, asked.to)
    wanted = SightingFilter(
        cameras=asked.camera,
        group=asked.group,
        box=asked.box,
        object_class=asked.object_class,
        window=window,
        plate=asked.plate,
        attributes=AttributeFilter(read_pairs(asked.attribute), asked.least_confidence),
    )
    page = repository.page(services.engine, wanted, asked.limit, asked.cursor)
    filters = asked.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    audit("sightings", filters=filters, found=len(page.items))
    return page


@router.get("/{sighting}")
def get_sighting(services: TheServices, sighting: UUID) -> Sighting:
    """One sighting at its newest revision."""
    found = repository.get(services.engine, sighting)
    audit("sighting", sighting=str(sighting), camera=found.camera)
    return found


@router.get(
    "/{sighting}/crop",
    response_class=Response,
    responses={200: {"content": {_WEBP: {}}}, 304: {"description": "the one you have is right"}},
)
def get_crop(
    services: TheServices,
    sighting: UUID,
    revision: Annotated[int | None, Query(ge=0, le=65_535)] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The picture of a sighting. Under the URL a sighting names (`crop_url`) it never changes."""
    crop = repository.crop(services.engine, services.crops, sighting)
    audit("crop", sighting=str(sighting))
    tag = f'"{sighting.hex}-{crop.revision}"'
    keep = _FOR_EVER if revision == crop.revision else _ASK_AGAIN
    headers = {"etag": tag, "cache-control": keep}
    if if_none_match is not None and tag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(crop.data, media_type=_WEBP, headers=headers)


class CropAsked(Model):
    """Whether the box was asked; not when the picture is there, or was given up."""

    asked: bool


@router.post("/{sighting}/crop/wanted", status_code=202)
def want_crop(services: TheServices, sighting: UUID) -> CropAsked:
    """Ask the box for a picture that it would send when its line is idle."""
    found = repository.get(services.engine, sighting)
    asked = found.crop_revision is None and not found.crop_gone
    if asked:
        services.tell(found.box, COMMAND, CropsWanted(ids=[sighting]))
    return CropAsked(asked=asked)
