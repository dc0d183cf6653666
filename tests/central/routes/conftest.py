import pytest

from tests.central.asking import Centre, centre, index
from tests.central.roads.town import bring

__all__ = ["centre", "index", "town"]


@pytest.fixture
def town(centre: Centre) -> Centre:
    """A centre with the made-up town's streets."""
    bring(centre.engine)
    return centre
