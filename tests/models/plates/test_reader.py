import numpy as np
import pytest

from models.catalogue_outputs import PlateReadingOutput
from models.plates.layouts import PlateNumber, parse
from models.plates.reader import ROOMS, NetworkPlateReader, Reading
from shared.errors import PictureError
from shared.geometry import Rect
from shared.pictures import Picture
from tests.models.plates.fakes import INPUT, Pointing, SayingNetwork

OUTPUT = PlateReadingOutput(decode="slots", temperature=1.0, confidence=0.6)
LEFT, RIGHT = Rect(10, 40, 60, 52), Rect(100, 40, 150, 52)


def number(text: str) -> PlateNumber:
    found = parse(text)
    assert found is not None
    return found


@pytest.fixture
def vehicle() -> Picture:
    """Dark, with a bright place at the right."""
    picture = np.full((80, 200, 3), 30, dtype=np.uint8)
    picture[30:60, 90:160] = 250
    return picture


def reader(
    *rects: Rect, texts: tuple[str, ...] = ("12가3456", "서울33바1234")
) -> NetworkPlateReader:
    # Every place is read with little and with more room.
    network = SayingNetwork([number(text) for text in texts for _ in ROOMS])
    return NetworkPlateReader(Reading(INPUT, OUTPUT, network), Pointing(rects), "reader@1")


def test_the_surest_of_the_places_found_is_read(vehicle: Picture) -> None:
    found = reader(LEFT, RIGHT).read(vehicle)
    assert found is not None
    assert found.text == "서울33바1234"
    assert found.confidence > 0.99
    assert found.rect.left < RIGHT.left < RIGHT.right < found.rect.right


def test_what_is_not_sure_is_not_told(vehicle: Picture) -> None:
    assert reader(LEFT).read(vehicle) is None


def test_a_vehicle_without_a_plate_has_none(vehicle: Picture) -> None:
    assert reader().read(vehicle) is None


def test_a_place_at_the_edge_or_too_small_does_no_harm(vehicle: Picture) -> None:
    found = reader(Rect(0, 0, 4, 2), Rect(120, 30, 230, 95)).read(vehicle)
    assert found is not None
    assert found.text == "12가3456"
    assert found.rect.right == 200
    assert found.rect.bottom == 80


def test_a_cut_is_read_whole_and_however_unsure(vehicle: Picture) -> None:
    first, _, second = reader().read_cuts([vehicle[:30], vehicle[:20], vehicle[30:60, 90:160]])
    assert (first.text, second.text) == ("12가3456", "서울33바1234")
    assert first.confidence < 0.6 < second.confidence
    assert second.rect == Rect(0, 0, 70, 30)
    assert reader().read_cuts([]) == []


def test_a_picture_without_area_is_refused(vehicle: Picture) -> None:
    with pytest.raises(PictureError, match="shape"):
        reader(LEFT).read(vehicle[:0])
