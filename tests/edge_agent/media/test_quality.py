import cv2
import numpy as np
import pytest

from edge_agent.quality import clear, quality, shaped, sharpness, whole
from edge_agent.source import Luma
from models.detection import Detection
from shared.classes import ObjectClass
from shared.geometry import Rect

FRAME = Rect(0, 0, 640, 360)
RECT = Rect(100, 100, 160, 260)


def person(rect: Rect, confidence: float = 0.9) -> Detection:
    return Detection(rect, ObjectClass.PERSON, confidence)


@pytest.fixture
def crop() -> Luma:
    noise = np.random.default_rng(1).integers(0, 255, (40, 16), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (64, 160), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)


def test_a_blurred_crop_is_worth_less(crop: Luma) -> None:
    blurred = np.asarray(cv2.GaussianBlur(crop, (0, 0), 4), dtype=np.uint8)
    assert sharpness(blurred) < 0.5 * sharpness(crop)


def test_who_is_cut_by_the_edge_is_worth_less() -> None:
    assert whole(RECT, FRAME) == 1
    assert whole(Rect(0, 100, 60, 260), FRAME) < 1
    assert whole(RECT, Rect(0, 0, 160, 360)) < 1


def test_who_stands_in_front_covers_and_who_stands_behind_hardly() -> None:
    in_front = Rect(130, 110, 190, 280)
    behind = Rect(130, 90, 190, 240)
    assert clear(RECT, []) == 1
    assert clear(RECT, [in_front]) < clear(RECT, [behind]) < 1


def test_a_box_of_no_person_s_shape_is_worth_less_and_a_car_has_none() -> None:
    half = Rect(100, 100, 160, 180)
    assert shaped(person(RECT)) == 1
    assert shaped(person(half)) < 1
    assert shaped(person(Rect(100, 100, 110, 260))) < 1
    assert shaped(Detection(half, ObjectClass.VEHICLE, 0.9)) == 1


def test_larger_and_surer_is_better_and_all_stay_within_0_and_1(crop: Luma) -> None:
    small = quality(crop, person(Rect(100, 100, 120, 150)), FRAME, [])
    large = quality(crop, person(RECT), FRAME, [])
    unsure = quality(crop, person(RECT, 0.4), FRAME, [])
    assert 0 <= small < large <= 1
    assert unsure < large
