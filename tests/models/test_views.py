from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue import load_catalogue
from models.detectors.decoding import RawBoxes
from models.detectors.suppression import SAME_OBJECT_INSIDE, SAME_OBJECT_IOU, suppress
from models.detectors.views import Grid, Look, cut, view_of
from models.preparation import Size
from shared.geometry import Rect

RESHAPES = load_catalogue().entry("person-vehicle-bike-detection-2004").input
FIXED = load_catalogue().entry("yolox-nano-416").input

Box = tuple[Rect, float, int]
PERSON, BICYCLE = 0, 1


def kept(found: list[Box], inside: float | None = None) -> list[Box]:
    raw = RawBoxes(
        np.array([rect for rect, _, _ in found], dtype=np.float64).reshape(-1, 4),
        np.array([score for _, score, _ in found], dtype=np.float64),
        np.array([label for _, _, label in found], dtype=np.int64),
    )
    stay = suppress(raw, inside=inside)
    rows = zip(*(part.tolist() for part in stay), strict=True)
    return [(Rect(*corners), score, label) for corners, score, label in rows]


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
    better, worse = (Rect(0, 0, 10, 30), 0.9, PERSON), (Rect(1, 0, 11, 30), 0.8, PERSON)
    assert kept([worse, better]) == [better]


def test_a_part_inside_a_whole_goes_only_where_boxes_are_cut() -> None:
    whole, part = (Rect(0, 0, 10, 30), 0.9, PERSON), (Rect(0, 0, 10, 12), 0.8, PERSON)
    assert kept([part, whole]) == [whole, part]
    assert kept([part, whole], inside=SAME_OBJECT_INSIDE) == [whole]


def test_a_rider_does_not_hide_the_bicycle() -> None:
    both = [(Rect(0, 0, 10, 30), 0.9, PERSON), (Rect(0, 0, 10, 30), 0.8, BICYCLE)]
    assert kept(both, inside=SAME_OBJECT_INSIDE) == both


def test_of_no_boxes_none_are_kept() -> None:
    assert kept([]) == []


boxes = st.tuples(
    st.builds(
        lambda left, top, width, height: Rect(left, top, left + width, top + height),
        st.integers(0, 40),
        st.integers(0, 40),
        st.integers(1, 40),
        st.integers(1, 40),
    ),
    st.sampled_from([0.25, 0.5, 0.75]),
    st.sampled_from([0, 1]),
)


@given(st.lists(boxes, max_size=12), st.sampled_from([None, SAME_OBJECT_INSIDE]))
def test_what_is_dropped_shows_what_a_better_one_shows(found: list[Box], inside: float) -> None:
    def same(worse: Box, better: Box) -> bool:
        shared = worse[0].intersection(better[0])
        part = inside is not None and shared >= inside * min(worse[0].area, better[0].area)
        return worse[2] == better[2] and (part or worse[0].iou(better[0]) >= SAME_OBJECT_IOU)

    stay: list[Box] = []
    for box in sorted(found, key=lambda box: (box[1], box[0]), reverse=True):
        if not any(same(box, better) for better in stay):
            stay.append(box)
    assert [box[:2] for box in kept(found, inside)] == [box[:2] for box in stay]


@pytest.mark.parametrize("count", [0, 17])
def test_a_grid_has_one_to_sixteen_tiles_each_way(count: int) -> None:
    with pytest.raises(ValueError, match="columns"):
        Grid(columns=count)
