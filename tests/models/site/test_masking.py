import numpy as np
import pytest

from models.site.faces import load_faces
from models.site.masking import Masker, head_of, obscure
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture
from tests.models.site.makers import person, roughness, textured, vehicle

SMOOTH = 0.35
"""Of the roughness before: what is left where a region was masked is nearly smooth."""


class Finder:
    def __init__(self, *found: Rect) -> None:
        self.found = found

    def find(self, picture: Picture) -> list[Rect]:
        assert picture.size
        return list(self.found)


def is_masked(before: Picture, after: Picture, rect: Rect) -> bool:
    return roughness(after, rect) < SMOOTH * roughness(before, rect)


def test_the_heads_of_detected_people_are_masked_and_nothing_else() -> None:
    picture, someone = textured(), person(100, 50)
    masked, count = Masker("faces").mask(picture, [someone])
    head = head_of(someone.rect)
    assert count == 1
    assert is_masked(picture, masked, head)
    untouched = np.ones(picture.shape[:2], dtype=bool)
    untouched[int(head.top) : int(head.bottom) + 1, int(head.left) : int(head.right) + 1] = False
    assert (masked[untouched] == picture[untouched]).all()


def test_the_given_picture_is_not_changed() -> None:
    picture = textured()
    before = picture.copy()
    Masker("faces").mask(picture, [person(10, 10)])
    assert (picture == before).all()


def test_weak_detections_are_masked_too() -> None:
    picture, ghost = textured(), person(100, 50, confidence=0.11)
    masked, _ = Masker("faces").mask(picture, [ghost])
    assert is_masked(picture, masked, head_of(ghost.rect))


def test_faces_are_masked_with_a_margin_where_no_person_was_detected() -> None:
    picture, face = textured(), Rect(200, 80, 220, 104)
    masked, _ = Masker("faces", Finder(face)).mask(picture, [])
    assert is_masked(picture, masked, face)
    assert is_masked(picture, masked, Rect(196, 75, 224, 109))


def test_people_are_masked_wholly_when_that_is_asked_for() -> None:
    picture, someone = textured(), person(100, 50)
    masked, _ = Masker("people").mask(picture, [someone])
    assert is_masked(picture, masked, someone.rect)


def test_nothing_is_masked_when_that_is_asked_for() -> None:
    picture = textured()
    masked, count = Masker("none", Finder(Rect(0, 0, 50, 50))).mask(picture, [person(100, 50)])
    assert count == 0
    assert (masked == picture).all()


def test_the_band_with_the_plate_is_masked_on_vehicles_and_the_plate_alone_where_one_is_found() -> (
    None
):
    picture, car = textured(), vehicle(100, 60)
    band, plate = Rect(120, 95, 200, 115), Rect(40, 36, 70, 44)
    without, _ = Masker("faces").mask(picture, [car])
    found, _ = Masker("faces", None, Finder(plate)).mask(picture, [car])
    none_found, _ = Masker("faces", None, Finder()).mask(picture, [car])
    assert is_masked(picture, without, band)
    assert is_masked(picture, none_found, band)
    assert is_masked(picture, found, plate.shifted(car.rect.left, car.rect.top))
    assert (found[110:114, 180:200] == picture[110:114, 180:200]).all()


def test_what_a_region_showed_cannot_be_told_from_its_mask() -> None:
    one, other = textured(1), textured(1)
    # Another order of the same pixels within each of the nine cells: another face, the same means.
    rng = np.random.default_rng(3)
    for top in range(60, 90, 10):
        for left in range(90, 120, 10):
            cell = other[top : top + 10, left : left + 10].reshape(-1, 3)
            other[top : top + 10, left : left + 10] = rng.permutation(cell).reshape(10, 10, 3)
    region = Rect(90, 60, 120, 90)
    assert (one != other).any()
    obscure(one, region)
    obscure(other, region)
    assert (one == other).all()


@pytest.mark.parametrize(
    "rect",
    [Rect(-50, -50, 5, 5), Rect(310, 180, 400, 300), Rect(100, 50, 100.5, 50.4)],
    ids=["left above", "right below", "less than a pixel"],
)
def test_people_at_or_beyond_the_edges_are_no_trouble(rect: Rect) -> None:
    picture = textured()
    detection = person(0, 0)._replace(rect=rect)
    masked, _ = Masker("people").mask(picture, [detection])
    assert masked.shape == picture.shape


def test_who_rides_a_two_wheeler_is_masked_by_its_box() -> None:
    picture = textured()
    bike = person(100, 50)._replace(object_class=ObjectClass.TWO_WHEELER)
    masked, _ = Masker("faces").mask(picture, [bike])
    assert is_masked(picture, masked, head_of(bike.rect))


def test_yunet_finds_no_face_in_noise_and_takes_any_shape(weights: ModelStore) -> None:
    finder = load_faces(weights)
    for width, height in ((1920, 1080), (700, 300), (64, 48)):
        assert finder.find(textured(width=width, height=height)) == []
