from collections.abc import Callable

import cv2
import numpy as np
import pytest

from models.train.plates.drawing import Drawn, Random, draw
from models.train.plates.legibility import legibility
from models.train.plates.scenes import View
from models.train.plates.sets import plates_of
from shared.pictures import Picture
from tests.models.train.plate_faces import scribbles, studio


def blurred(picture: Picture) -> Picture:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 9), dtype=np.uint8)


def noisy(picture: Picture) -> Picture:
    grain = np.random.default_rng(0).normal(0, 500, picture.shape)
    return np.asarray(np.clip(picture + grain, 0, 255), dtype=np.uint8)


def small(picture: Picture) -> Picture:
    less = cv2.resize(picture, None, fx=0.08, fy=0.08, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(less, picture.shape[1::-1]), dtype=np.uint8)


def faint(picture: Picture) -> Picture:
    return np.asarray(100 + picture // 128, dtype=np.uint8)


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    random: Random = np.random.default_rng(3)
    return draw(random, [scribbles()])


def test_a_plate_as_it_was_drawn_is_wholly_legible(drawn: Drawn) -> None:
    assert legibility(drawn.picture, drawn, np.eye(3)) > 0.9


@pytest.mark.parametrize("worn", [blurred, noisy, small], ids=lambda each: str(each.__name__))
def test_what_hides_strokes_leaves_less_of_them(
    drawn: Drawn, worn: Callable[[Picture], Picture]
) -> None:
    assert legibility(worn(drawn.picture), drawn, np.eye(3)) < 0.6


def test_little_contrast_alone_is_still_read(drawn: Drawn) -> None:
    assert legibility(faint(drawn.picture), drawn, np.eye(3)) > 0.7


def test_one_character_that_is_covered_counts_for_the_plate(drawn: Drawn) -> None:
    covered = drawn.picture.copy()
    box = drawn.cells[-1].box
    covered[int(box.top) - 2 : int(box.bottom) + 2, int(box.left) - 2 : int(box.right) + 2] = 90
    assert legibility(covered, drawn, np.eye(3)) < 0.5


def test_a_flat_picture_has_nothing_left(drawn: Drawn) -> None:
    assert legibility(np.full_like(drawn.picture, 90), drawn, np.eye(3)) == 0


def test_it_does_not_mind_where_the_plate_hangs_and_which_ink_is_lighter(drawn: Drawn) -> None:
    height, width = drawn.ink.shape
    placed = np.array([[0.9, 0.1, 20], [-0.08, 0.95, 30], [0, 0.0003, 1]])
    picture = cv2.warpPerspective(255 - drawn.picture, placed, (width + 60, height + 60))
    assert legibility(np.asarray(picture, dtype=np.uint8), drawn, placed) > 0.85


def test_scenes_are_as_legible_as_they_are_seen() -> None:
    clear = View(narrowest=180, negatives=0, on_plate=(), weather=(), optics=(), sensor=())
    tiny = View(narrowest=18, widest=20, negatives=0, on_plate=(), weather=(), optics=())
    assert min(one.legibility for one in plates_of(studio(clear), 1, 12)) > 0.8
    assert max(one.legibility for one in plates_of(studio(tiny), 1, 12)) < 0.75


def test_training_keeps_few_plates_that_nobody_can_read() -> None:
    tiny = View(narrowest=18, widest=40, negatives=0)
    picky = View(narrowest=18, widest=40, negatives=0, illegible=0.0)
    assert min(one.legibility for one in plates_of(studio(tiny), 2, 15)) < 0.4
    assert min(one.legibility for one in plates_of(studio(picky), 2, 15)) >= 0.4
