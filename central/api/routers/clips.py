"""Clips and snapshots: ask for them, see how far they are, watch them."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse

from central.api.common import PREFIX, TheServices
from central.audit import audit
from central.clips.model import Clip, ClipRequest, Kind, SnapshotRequest
from central.clips.repository import Asker
from central.clips.store import ClipStore
from central.errors import ConflictError
from central.services import Services

router = APIRouter(prefix=PREFIX, tags=["clips"])

_MEDIA = {Kind.CLIP: ("video/mp4", "mp4"), Kind.SNAPSHOT: ("image/jpeg", "jpg")}
_FOR_EVER = "private, max-age=31536000, immutable"


@router.post("/clips", status_code=HTTPStatus.ACCEPTED)
def ask_for_clip(services: TheServices, request: ClipRequest) -> Clip:
    """Have a box send what it recorded of a sighting, or of a camera from when to when.

    The box is asked when it is online, and sends when its line has nothing better to do: look
    again under `/clips/{id}`. The same stretch asked for again gives the clip that is there.
    """
    _check_reachable(services)
    return _asker(services).clip(request)


@router.post("/snapshots", status_code=HTTPStatus.ACCEPTED)
def ask_for_snapshot(services: TheServices, request: SnapshotRequest) -> Clip:
    """Have a box send the latest picture of a camera; then as with `/clips`."""
    _check_reachable(services)
    return _asker(services).snapshot(request)


@router.get("/clips/{clip}")
def get_clip(services: TheServices, clip: UUID) -> Clip:
    """A clip or snapshot, and how far it is."""
    return _asker(services).get(clip)


@router.get(
    "/clips/{clip}/file",
    response_class=FileResponse,
    responses={200: {"content": {media: {} for media, _ in _MEDIA.values()}}},
)
def get_clip_file(services: TheServices, clip: UUID) -> FileResponse:
    """The MP4 of a clip, the JPEG of a snapshot. Takes range requests, as players send them."""
    found, path = _asker(services).file(clip)
    audit("clip watched", clip=str(clip), camera=found.camera)
    media, suffix = _MEDIA[found.kind]
    name = f"{found.camera}-{found.asked_at:%Y%m%dT%H%M%SZ}.{suffix}"
    return FileResponse(
        path,
        media_type=media,
        filename=name,
        content_disposition_type="inline",
        headers={"cache-control": _FOR_EVER},
    )


def _check_reachable(services: Services) -> None:
    if not services.settings.boxes_can_upload:
        raise ConflictError(
            f"boxes cannot upload to {services.settings.clips_from}: set "
            "DONGSEON_CENTRAL_UPLOAD_URL to where they reach this centre"
        )


def _asker(services: Services) -> Asker:
    return Asker(services.engine, ClipStore(services.settings.clips_dir), services.clock)
