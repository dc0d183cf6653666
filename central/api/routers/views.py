"""What cameras see: of one, and of an area."""

from fastapi import APIRouter

from central.api.common import PREFIX, TheServices
from central.cameras.views import cover, showing
from central.cameras.views.cover import Coverage, CoverageRequest
from central.cameras.views.showing import Preview, Seen
from shared.ids import CameraId

router = APIRouter(prefix=f"{PREFIX}/cameras", tags=["cameras"])


@router.post("/coverage")
def cover_area(services: TheServices, request: CoverageRequest) -> Coverage:
    """How much of an area cameras see, and its blind spots."""
    return cover.covered(services.engine, request)


@router.get("/{camera}/view")
def get_view(services: TheServices, camera: CameraId) -> Seen:
    """The ground that a camera sees, as it is derived from its view."""
    return showing.seen(services.engine, camera)


@router.post("/{camera}/view/preview")
def preview_view(services: TheServices, camera: CameraId, tried: Preview) -> Seen:
    """What a camera would see with another view; nothing is kept."""
    return showing.preview(services.engine, camera, tried)
