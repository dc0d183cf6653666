"""Cameras: register, place, import, export, choose."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from central.api.common import PREFIX, PageQuery, TheFile, TheServices, file_body
from central.api.etags import TheCondition, digest, quoted
from central.cameras import geojson, korean_csv, repository
from central.cameras.importing import store
from central.cameras.model import Camera, CameraChange, ImportReport, NewCamera
from central.cameras.repository import CameraFilter
from central.cameras.selection import CameraScope, describe, resolve
from central.values import Model, Page
from shared.ids import BoxName, CameraId

router = APIRouter(prefix=f"{PREFIX}/cameras", tags=["cameras"])

GEOJSON = "application/geo+json"


class CameraQuery(PageQuery):
    """Which cameras to list."""

    box: BoxName | None = None
    placed: bool | None = None


class Selected(Model):
    """The cameras in a scope, by id; `unknown` were named but do not exist."""

    ids: list[str]
    cameras: list[Camera]
    unknown: list[str]


@router.get("")
def list_cameras(services: TheServices, asked: Annotated[CameraQuery, Query()]) -> Page[Camera]:
    """Cameras by id."""
    wanted = CameraFilter(asked.box, asked.placed)
    return repository.page(services.engine, wanted, asked.limit, asked.cursor)


@router.post("", status_code=201)
def create_camera(services: TheServices, camera: NewCamera) -> Camera:
    """Register a camera; 409 when its id is taken."""
    return repository.create(services.engine, camera)


@router.get("/export.geojson", response_class=StreamingResponse)
def export_cameras(services: TheServices) -> StreamingResponse:
    """All cameras as GeoJSON, as the import reads it."""
    pieces = geojson.write_cameras(repository.every(services.engine))
    name = {"content-disposition": 'attachment; filename="cameras.geojson"'}
    return StreamingResponse(pieces, media_type=GEOJSON, headers=name)


@router.post("/import/geojson", openapi_extra=file_body(GEOJSON))
def import_geojson(services: TheServices, file: TheFile) -> ImportReport:
    """Register or update the points of a FeatureCollection, longitude before latitude.

    Wrong features are reported, the others are imported. What a feature does not say stays.
    """
    return store(services.engine, geojson.read_cameras(file))


@router.post("/import/korean-csv", openapi_extra=file_body("text/csv"))
def import_korean_csv(services: TheServices, file: TheFile) -> ImportReport:
    """Register or update cameras from the Korean national CCTV standard CSV (cp949 or UTF-8).

    Wrong rows are reported, the others are imported. The same file again changes nothing.
    """
    return store(services.engine, korean_csv.read_cameras(file))


@router.post("/select")
def select_cameras(services: TheServices, scope: CameraScope) -> Selected:
    """The cameras in a radius, in a polygon and of the named ids together (their union)."""
    chosen = resolve(services.engine, scope)
    return Selected(
        ids=chosen.ids, cameras=describe(services.engine, chosen.ids), unknown=chosen.unknown
    )


@router.get("/{camera}")
def get_camera(services: TheServices, response: Response, camera: CameraId) -> Camera:
    """One camera, with the number of its sightings."""
    found = repository.get(services.engine, camera)
    response.headers.update(quoted(f"{_tag(found)}+{found.sightings}"))
    return found


@router.patch("/{camera}")
def change_camera(
    services: TheServices,
    response: Response,
    camera: CameraId,
    change: CameraChange,
    condition: TheCondition,
) -> Camera:
    """Change or move a camera; 412 when it was changed since (`If-Match`).

    Kept routes stay as they were.
    """
    changed = repository.change(
        services.engine, camera, change, lambda found: condition.check(_tag(found))
    )
    response.headers.update(quoted(_tag(changed)))
    return changed


@router.delete("/{camera}", status_code=204)
def delete_camera(services: TheServices, camera: CameraId, condition: TheCondition) -> None:
    """Delete a camera; 409 when it has sightings, 412 when it was changed since (`If-Match`)."""
    repository.remove(services.engine, camera, lambda found: condition.check(_tag(found)))


def _tag(camera: Camera) -> str:
    """Of how it is registered, not of how many sightings it has."""
    return digest(camera.model_dump_json(exclude={"sightings"}).encode())
