from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import load_catalogue
from models.detection import Detection
from models.detectors.suppression import SAME_OBJECT_INSIDE, suppress
from models.detectors.views import Grid, Look, cut, view_of
from models.preparation import Size
from shared.classes import ObjectClass
from shared.geometry import Rect

RESHAPES = load_catalogue().entry("person-vehicle-bike-detection-2004").input
FIXED = load_catalogue().entry("yolox-nano-416").input


def person(rect: Rect, confidence: float) -> Detection:
    return Detection(rect, ObjectClass.PERSON, confidence)


def test_a_network_that_reshapes_takes_the_pictures_shape_at_the_same_cost() -> None:
    tall = view_of(Size(256, 576), RESHAPES, Look())
    assert tall.input == Size(224, 512)
    assert tall.tiles == (Rect(0, 0, 256, 576),)
    assert view_of(Size(1920, 1080), RESHAPES, Look()).input == Size(448, 256)


def test_more_pixels_may_be_asked_for_but_not_more_than_the_picture_has() -> None:
    assert view_of(Size(1920, 1080), RESHAPES, Look(pixels=640 * 360)).input == Size(640, 352)
    assert view_of(Size(256, 192), RESHAPES, Look(pixels=10**6)).input == Size(256, 192)


def test_a_network_of_fixed_shape_looks_at_tiles_of_a_long_picture() -> None:
    assert len(view_of(Size(768, 576), FIXED, Look()).tiles) == 1
    assert len(view_of(Size(256, 576), FIXED, Look()).tiles) == 3
    assert len(view_of(Size(1920, 480), FIXED, Look()).tiles) == 4
    assert len(view_of(Size(1920, 480), FIXED, Look(tiles="off")).tiles) == 1
    assert view_of(Size(256, 576), FIXED, Look()).input == Size(416, 416)


@given(
    width=st.integers(1, 5000),
    height=st.integers(1, 5000),
    columns=st.integers(1, 16),
    rows=st.integers(1, 16),
)
def test_tiles_lie_inside_the_picture_and_cover_it(
    width: int, height: int, columns: int, rows: int
) -> None:
    tiles = cut(Size(width, height), Grid(columns=columns, rows=rows))
    assert all(0 <= tile.left < tile.right <= width for tile in tiles)
    assert all(0 <= tile.top < tile.bottom <= height for tile in tiles)
    lefts = sorted({(tile.left, tile.right) for tile in tiles})
    assert lefts[0][0] == 0
    assert lefts[-1][1] == width
    assert all(after[0] <= before[1] for before, after in pairwise(lefts))


@given(st.integers(1, 65_536), st.integers(1, 65_536))
def test_any_picture_gets_an_input_that_fits_in_memory(width: int, height: int) -> None:
    size = view_of(Size(width, height), RESHAPES, Look()).input
    assert size.width % 32 == 0
    assert size.height % 32 == 0
    assert size.width * size.height <= 65_536 * 32


def test_of_two_boxes_of_one_person_the_surer_stays() -> None:
    better, worse = person(Rect(0, 0, 10, 30), 0.9), person(Rect(1, 0, 11, 30), 0.8)
    assert suppress([worse, better]) == [better]


def test_a_part_inside_a_whole_goes_only_where_boxes_are_cut() -> None:
    whole, part = person(Rect(0, 0, 10, 30), 0.9), person(Rect(0, 0, 10, 12), 0.8)
    assert suppress([part, whole]) == [whole, part]
    assert suppress([part, whole], inside=SAME_OBJECT_INSIDE) == [whole]


def test_a_rider_does_not_hide_the_bicycle() -> None:
    rect = Rect(0, 0, 10, 30)
    both = [person(rect, 0.9), Detection(rect, ObjectClass.TWO_WHEELER, 0.8)]
    assert suppress(both, inside=SAME_OBJECT_INSIDE) == both


@pytest.mark.parametrize("count", [0, 17])
def test_a_grid_has_one_to_sixteen_tiles_each_way(count: int) -> None:
    with pytest.raises(ValueError, match="columns"):
        Grid(columns=count)
