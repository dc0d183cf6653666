"""Cameras along a street, and who passes them."""

from typing import Any
from uuid import UUID

from shared.classes import ObjectClass
from shared.clock import to_datetime
from shared.messages import ClockOffset
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS

NOON = to_datetime(NOON_MS)
RIGHT = ClockOffset(offset_ms=0.0, round_trip_ms=10.0)


def links(centre: Centre, **wanted: str) -> dict[tuple[str, str], dict[str, Any]]:
    items = centre.get("/links", 200, **wanted)["items"]
    return {(item["from"], item["to"]): item for item in items}


def route(centre: Centre, *sightings: UUID) -> UUID:
    stops = [{"sighting_id": str(each)} for each in sightings]
    return UUID(centre.post("/routes", {"stops": stops}, 201)["id"])


def change(centre: Centre, made: UUID, *sightings: UUID) -> None:
    tag = centre.client.get(f"/api/v1/routes/{made}").headers["etag"]
    stops = [{"sighting_id": str(each)} for each in sightings]
    answer = centre.client.put(
        f"/api/v1/routes/{made}/stops", json={"stops": stops}, headers={"If-Match": tag}
    )
    assert answer.status_code == 200, answer.text


def car(
    centre: Centre,
    camera: str,
    at_s: float,
    plate: str = "12가3456",
    clock: ClockOffset | None = RIGHT,
    shows: ObjectClass = ObjectClass.VEHICLE,
) -> UUID:
    """A vehicle whose plate was read; its box has measured its clock."""
    return centre.sighting(camera, at_s, plate=plate, object_class=shows, clock=clock)


def walker(centre: Centre, camera: str, at_s: float = 0, clock: ClockOffset | None = RIGHT) -> UUID:
    """A person, seen by a box that has measured its clock."""
    return centre.sighting(camera, at_s, clock=clock)
