import pytest

from tests.central.asking import Centre, centre, index

__all__ = ["centre", "index"]


@pytest.fixture
def street(centre: Centre) -> Centre:
    for number, name in enumerate("abc"):
        centre.camera(name, 127.0 + number / 1000, 37.5)
    return centre
