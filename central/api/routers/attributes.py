"""The words that sightings are described with."""

from fastapi import APIRouter

from central.api.common import PREFIX
from central.sightings.attributes import Attributes, all_attributes

router = APIRouter(prefix=f"{PREFIX}/attributes", tags=["sightings"])


@router.get("")
def list_attributes() -> Attributes:
    """Every attribute a sighting may have and its values, in Korean and English."""
    return all_attributes()
