from pathlib import Path

import numpy as np
import pytest

from models.detection import Detection
from models.evaluation.detection import Judged, evaluate_detection, score_detections
from models.evaluation.detection_data import read_numbering, read_yolo
from models.preparation import Size
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.geometry import Rect
from shared.pictures import Picture, encode_webp

PERSON, VEHICLE = ObjectClass.PERSON, ObjectClass.VEHICLE
SIZE = Size(400, 300)
SMALL, LARGE = Rect(0, 0, 20, 20), Rect(100, 100, 250, 250)


def judged(
    truth: list[tuple[Rect, ObjectClass]], *found: tuple[Rect, ObjectClass, float]
) -> Judged:
    return Judged(SIZE, truth, [Detection(*box) for box in found])


def test_every_object_found_is_100_in_its_class_and_size() -> None:
    figures = score_detections(
        [judged([(SMALL, PERSON), (LARGE, VEHICLE)], (SMALL, PERSON, 0.9), (LARGE, VEHICLE, 0.2))]
    )
    assert figures.ap == pytest.approx(100)
    assert figures.ap50 == pytest.approx(100)
    assert figures.ap_small == pytest.approx(100)
    assert figures.ap_large == pytest.approx(100)
    assert figures.ap_medium is None
    assert {name: one.objects for name, one in figures.classes.items()} == {
        "person": 1,
        "vehicle": 1,
    }


def test_half_the_objects_found_is_half_the_ap() -> None:
    figures = score_detections([judged([(SMALL, PERSON), (LARGE, PERSON)], (LARGE, PERSON, 0.9))])
    # 101 steps of recall, 0.5 among them.
    assert figures.ap50 == pytest.approx(100 * 51 / 101)


def test_a_wrong_box_before_the_right_one_halves_the_precision() -> None:
    figures = score_detections(
        [judged([(LARGE, PERSON)], (SMALL, PERSON, 0.9), (LARGE, PERSON, 0.8))]
    )
    assert figures.ap50 == pytest.approx(50)


def test_a_loose_box_counts_at_50_but_not_at_95() -> None:
    loose = Rect(100, 100, 250, 202)  # IoU 0.68
    figures = score_detections([judged([(LARGE, PERSON)], (loose, PERSON, 0.9))])
    assert figures.ap50 == pytest.approx(100)
    assert figures.ap == pytest.approx(40)


def test_the_right_place_with_the_wrong_class_is_nothing() -> None:
    figures = score_detections([judged([(LARGE, PERSON)], (LARGE, VEHICLE, 0.9))])
    assert (figures.ap, figures.classes["person"].ap50) == (0, 0)


def test_a_detector_that_finds_nothing_scores_0() -> None:
    assert score_detections([judged([(LARGE, PERSON)])]).ap == 0


def test_what_lies_in_an_ignored_place_counts_neither_way() -> None:
    found = [Detection(SMALL, PERSON, 0.95), Detection(LARGE, PERSON, 0.9)]
    picture = Judged(SIZE, [(LARGE, PERSON)], found, [Rect(0, 0, 40, 40)])
    figures = score_detections([picture])
    assert figures.ap50 == pytest.approx(100)
    assert figures.objects == 1
    assert figures.classes["person"].objects == 1


def test_pictures_that_show_nothing_cannot_be_judged() -> None:
    with pytest.raises(ConfigError, match="none of 1 readable pictures"):
        score_detections([judged([], (LARGE, PERSON, 0.9))])


class LargePerson:
    """A detector that always says the same."""

    def describe(self) -> str:
        return "large-person@1"

    def detect(self, picture: Picture) -> list[Detection]:
        assert picture.shape == (300, 400, 3)
        return [Detection(LARGE, PERSON, 0.9)]


def write_set(folder: Path, labels: dict[str, str], pictures: tuple[str, ...]) -> Path:
    for name in ("images", "labels"):
        (folder / name).mkdir()
    for name, text in labels.items():
        (folder / "labels" / f"{name}.txt").write_text(text)
    for name in pictures:
        picture = np.zeros((300, 400, 3), dtype=np.uint8)
        (folder / "images" / f"{name}.webp").write_bytes(encode_webp(picture))
    return folder


ONE = "0 0.4375 0.583333 0.375 0.5\n"
"""A person where `LARGE` is."""


def test_a_yolo_set_is_read_and_what_does_not_belong_is_counted(tmp_path: Path) -> None:
    folder = write_set(tmp_path, {"a": ONE, "b": "", "lost": ONE}, ("a", "b", "bare"))
    (folder / "images" / "broken.jpg").write_bytes(b"no picture")
    (folder / "labels" / "broken.txt").write_text(ONE)
    done: list[int] = []
    figures = evaluate_detection(LargePerson(), read_yolo(folder), done.append)
    # One right box and two in pictures without a person, all of one score.
    assert figures.ap50 > 30
    assert (figures.pictures, figures.objects, sum(done)) == (3, 1, 3)
    assert [Path(name).name for name in figures.labels_alone] == ["lost.txt"]
    assert [Path(name).name for name in figures.pictures_alone] == ["bare.webp"]
    assert len(figures.damaged) == 1
    assert "broken.jpg" in figures.damaged[0]


def test_ignored_places_are_read_from_beside_the_labels(tmp_path: Path) -> None:
    folder = write_set(tmp_path, {"a": ONE}, ("a", "b"))
    (folder / "ignored").mkdir()
    (folder / "ignored" / "b.txt").write_text(ONE)
    first, second = read_yolo(folder).pictures
    assert (len(first.boxes), len(first.ignored)) == (1, 0)
    assert (len(second.boxes), len(second.ignored)) == (0, 1)


def test_coco_numbers_become_our_classes_and_others_are_no_objects(tmp_path: Path) -> None:
    rows = "".join(f"{number} 0.5 0.5 0.1 0.1\n" for number in (0, 1, 3, 2, 5, 7, 6, 79))
    (picture,) = read_yolo(write_set(tmp_path, {"a": rows}, ("a",))).pictures
    assert [box.object_class.value for box in picture.boxes] == [
        "person",
        "two_wheeler",
        "two_wheeler",
        "vehicle",
        "vehicle",
        "vehicle",
    ]
    assert picture.boxes[0].in_pixels(SIZE) == pytest.approx((180, 135, 220, 165))


def test_other_numberings_can_be_named(tmp_path: Path) -> None:
    folder = write_set(tmp_path, {"a": "2 0.5 0.5 0.1 0.1\n1 0.5 0.5 0.2 0.2\n"}, ("a",))
    own = read_yolo(folder, read_numbering("dongseon")).pictures[0].boxes
    assert [box.object_class.value for box in own] == ["two_wheeler", "vehicle"]
    listed = read_yolo(folder, read_numbering("person,-,vehicle")).pictures[0].boxes
    assert [box.object_class.value for box in listed] == ["vehicle"]
    with pytest.raises(ConfigError, match="'horse' is not a valid"):
        read_numbering("person,horse")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("80 0.5 0.5 0.1 0.1", "a.txt, line 2: class 80 is out of range"),
        ("-1 0.5 0.5 0.1 0.1", "class -1 is out of range"),
        ("0 0.5 0.5 0.1", "is no box"),
        ("person 0.5 0.5 0.1 0.1", "is no box"),
        ("0 0.5 0.5 1.2 0.1", "not inside the picture"),
        ("0 0.5 0.5 0 0.1", "has no area"),
        ("0 nan 0.5 0.1 0.1", "not inside the picture"),
    ],
)
def test_a_line_that_is_no_box_is_refused(tmp_path: Path, row: str, complaint: str) -> None:
    folder = write_set(tmp_path, {"a": ONE + row}, ("a",))
    with pytest.raises(ConfigError, match=complaint):
        read_yolo(folder)


@pytest.mark.parametrize(
    ("labels", "pictures", "complaint"),
    [
        ({"a": ONE}, (), "has no picture"),
        ({}, ("a",), "no text belongs to any of the 1 pictures"),
        ({"b": ONE}, ("a",), "no text belongs to any of the 1 pictures"),
    ],
    ids=["labels without pictures", "pictures without labels", "of other pictures"],
)
def test_a_folder_that_is_no_set_is_refused(
    tmp_path: Path, labels: dict[str, str], pictures: tuple[str, ...], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_yolo(write_set(tmp_path, labels, pictures))


def test_a_folder_without_the_two_folders_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected the folders images/ and labels/"):
        read_yolo(tmp_path)
