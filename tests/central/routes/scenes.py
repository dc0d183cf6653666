"""Cameras and routes in the made-up town of tests/fixtures/maps/town.osm.

Its blocks are 111.2 m long; on foot one takes 83 s (1.34 m/s), by car on the main street and in
the tunnel 10 s (40 km/h).
"""

from typing import Any
from uuid import UUID

from tests.central.asking import Centre
from tests.central.roads.town import place

BLOCK_M = 111.195
FAR_M = 45.0


def stand(centre: Centre, names: str, far_m: float = FAR_M) -> None:
    """A camera at each of the town's nodes `names`, that looks `far_m` all around."""
    for name in names:
        camera = {
            "id": name,
            "name": f"corner {name}",
            "position": place(name).model_dump(),
            "view": {"fov_deg": 360, "far_m": far_m},
        }
        centre.post("/cameras", camera, 201)


def build(centre: Centre, *sightings: UUID, status: int = 201, **more: object) -> dict[str, Any]:
    """The route through them."""
    stops = [{"sighting_id": str(one)} for one in sightings]
    return centre.post("/routes", {"name": "테스트", "stops": stops, **more}, status)


def codes(leg: dict[str, Any]) -> list[str]:
    """The words of a leg's reasons."""
    return [reason["code"] for reason in leg["reasons"]]
