"""The street network."""

from fastapi import APIRouter

from central.api.common import PREFIX, TheServices
from central.roads.telling import RoadsStanding, tell

router = APIRouter(prefix=f"{PREFIX}/roads", tags=["roads"])


@router.get("")
def get_roads(services: TheServices) -> RoadsStanding:
    """The street network in use: bounds, counts, connectivity, and how the cameras stand to it."""
    with services.engine.connect() as connection:
        return tell(connection)
