import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.detection import Detection
from models.errors import ModelError
from models.train.detector.cutouts import cut_by_difference, cut_by_grabcut
from models.train.detector.distort import distort
from models.train.detector.labels import CLASSES, Label, fuse
from models.train.detector.lettering import lettered
from models.train.detector.material import Material
from models.train.detector.pack import Scene, read_pack, write_pack
from models.train.detector.pasting import Canvas, Place, sized
from models.train.detector.prepare import prepare
from models.train.detector.recolour import recoloured
from models.train.detector.scenes import SceneMaker
from models.train.detector.sources import Sources, load_sources
from models.train.detector.things import furniture, part_of_person, part_of_vehicle
from models.train.detector.wheels import drawn_two_wheeler
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.geometry import Rect
from tests.models.train.detector_scenes import BOX, car, cutout, figure, handful

PERSON, VEHICLE, TWO_WHEELER = CLASSES


def found(confidence: float, shift: float = 0.0, kind: ObjectClass = PERSON) -> Detection:
    return Detection(Rect(shift, 0, shift + 10, 30), kind, confidence)


def test_what_two_families_see_is_there() -> None:
    (label,) = fuse([(0, found(0.4)), (1, found(0.35, 1.0))])
    assert label == Label(Rect(0, 0, 10, 30), PERSON, sure=True)


def test_what_one_family_half_sees_twice_is_ignored() -> None:
    (label,) = fuse([(0, found(0.4)), (0, found(0.45, 1.0))])
    assert not label.sure


def test_one_sure_teacher_is_enough_and_another_class_there_is_ignored() -> None:
    labels = fuse([(0, found(0.9)), (1, found(0.3, kind=VEHICLE))])
    assert [(label.object_class, label.sure) for label in labels] == [
        (PERSON, True),
        (VEHICLE, False),
    ]


def test_an_object_is_cut_out_by_what_is_behind_it() -> None:
    frame, behind = figure()
    made = cut_by_difference(frame, behind, BOX)
    assert made is not None
    assert abs(made.shape[0] - BOX.height) <= 3
    assert abs(made.shape[1] - BOX.width) <= 3
    assert made[2, 2, 3] < 40
    assert made[made.shape[0] // 2, made.shape[1] // 2, 3] > 200


def test_nothing_is_cut_out_where_nothing_stands() -> None:
    _, behind = figure()
    assert cut_by_difference(behind, behind, BOX) is None


def test_a_box_without_area_is_not_cut_out() -> None:
    frame, behind = figure()
    assert cut_by_difference(frame, behind, Rect(5, 5, 5, 5)) is None


def test_grabcut_finds_who_fills_a_crop_between_black_bars() -> None:
    frame, _ = figure()
    crop = frame[int(BOX.top) - 4 : int(BOX.bottom) + 4, int(BOX.left) - 4 : int(BOX.right) + 4]
    made = cut_by_grabcut(np.pad(crop, ((0, 0), (30, 30), (0, 0))), PERSON)
    assert made is not None
    assert made.shape[1] <= crop.shape[1]
    assert made[made.shape[0] // 2, made.shape[1] // 2, 3] > 200


def test_a_black_crop_gives_no_cut_out() -> None:
    assert cut_by_grabcut(np.zeros((128, 64, 3), np.uint8), PERSON) is None


def test_a_pack_gives_back_what_was_put_in(tmp_path: Path) -> None:
    scenes = handful()
    write_pack(scenes, tmp_path / "pack.zip")
    again = read_pack(tmp_path / "pack.zip")
    assert [(one.labels, one.source, one.use) for one in again] == [
        (one.labels, one.source, one.use) for one in scenes
    ]
    cut = next(one for one in again if one.use == "cutout")
    assert np.array_equal(cut.picture, next(o for o in scenes if o.use == "cutout").picture)


def test_a_file_that_is_no_pack_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pack.zip").write_bytes(b"not a zip")
    with pytest.raises(ModelError, match="not a pack"):
        read_pack(tmp_path / "pack.zip")


def test_an_empty_pack_is_refused(tmp_path: Path) -> None:
    write_pack([], tmp_path / "pack.zip")
    with pytest.raises(ModelError, match="nothing in it to train on"):
        read_pack(tmp_path / "pack.zip")


def test_a_label_outside_its_picture_is_refused(tmp_path: Path) -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    wrong = Scene(picture, (Label(Rect(0, 0, 100, 20), PERSON),), "here", "train")
    write_pack([wrong], tmp_path / "pack.zip")
    with pytest.raises(ModelError, match="outside 60 x 40"):
        read_pack(tmp_path / "pack.zip")


def test_a_label_without_area_is_refused(tmp_path: Path) -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    wrong = Scene(picture, (Label(Rect(10, 5, 10, 20), PERSON),), "here", "train")
    write_pack([wrong], tmp_path / "pack.zip")
    with pytest.raises(ModelError, match="empty"):
        read_pack(tmp_path / "pack.zip")


def test_a_class_out_of_range_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pack.zip"
    write_pack(handful(), path)
    with zipfile.ZipFile(path) as kept:
        files = {name: kept.read(name) for name in kept.namelist()}
    files["index.json"] = files["index.json"].replace(b",0,true]", b",7,true]")
    with zipfile.ZipFile(path, "w") as out:
        for name, content in files.items():
            out.writestr(name, content)
    with pytest.raises(ModelError, match="class 7"):
        read_pack(path)


def test_nothing_is_made_of_nothing() -> None:
    with pytest.raises(ModelError, match="no frame and no cut-out"):
        Material([])


def test_a_seed_gives_the_same_pictures_again() -> None:
    first, second = (
        SceneMaker(Material(handful()), 96, 160).make(np.random.default_rng(7)) for _ in "ab"
    )
    assert np.array_equal(first.picture, second.picture)
    assert first.labels == second.labels


def test_every_label_of_a_made_picture_is_inside_it() -> None:
    maker, rng = SceneMaker(Material(handful()), 96, 160), np.random.default_rng(1)
    kinds = set()
    for _ in range(60):
        drawn = maker.make(rng)
        assert drawn.picture.shape == (96, 160, 3)
        assert drawn.picture.dtype == np.uint8
        for label in drawn.labels:
            assert 0 <= label.rect.left <= label.rect.right <= 160
            assert 0 <= label.rect.top <= label.rect.bottom <= 96
            assert not label.sure or label.rect.area > 0
            kinds.add(label.object_class)
    assert kinds == {PERSON, VEHICLE}


def test_cut_outs_alone_are_enough() -> None:
    maker = SceneMaker(Material([one for one in handful() if one.use == "cutout"]), 96, 160)
    rng = np.random.default_rng(3)
    assert any(maker.make(rng).labels for _ in range(10))


def test_two_people_before_each_other_have_two_boxes() -> None:
    person = next(one for one in handful() if one.use == "cutout")
    canvas = Canvas(np.zeros((120, 160, 3), np.uint8))
    canvas.put(person, Place(60, 100))
    canvas.put(person, Place(72, 102))
    behind, before = canvas.labels([])
    assert behind.sure
    assert before.sure
    assert 0 < behind.rect.iou(before.rect) < 1


def test_who_is_nearly_covered_is_ignored_and_a_shadow_covers_nobody() -> None:
    person = next(one for one in handful() if one.use == "cutout")
    canvas = Canvas(np.zeros((120, 160, 3), np.uint8))
    canvas.put(person, Place(60, 100))
    shadow = person.picture.copy()
    shadow[..., 3] //= 3
    canvas.put_thing(shadow, Place(60, 100))
    assert [label.sure for label in canvas.labels([])] == [True]
    canvas.put_thing(person.picture, Place(62, 100))
    assert [label.sure for label in canvas.labels([])] == [False]


def test_things_of_every_kind_and_size_are_pictures_with_an_outline() -> None:
    rng = np.random.default_rng(2)
    for height in range(4, 204):
        made = furniture(height, rng)
        assert made.shape[2] == 4
        assert made[..., 3].any()


def test_parts_of_objects_are_smaller_or_fainter_than_the_whole() -> None:
    rng = np.random.default_rng(2)
    for _ in range(30):
        part = part_of_person(cutout(), rng)
        assert part.shape[0] <= cutout().shape[0] / 2 or part[..., 3].max() < 128
        assert part_of_vehicle(car(), rng).shape[1] <= car().shape[1] / 2


def test_a_drawn_two_wheeler_has_its_rider_inside_its_box() -> None:
    rng, ridden = np.random.default_rng(4), 0
    for _ in range(40):
        made = drawn_two_wheeler(rng)
        whole, *riders = made.labels
        assert (whole.rect.height, whole.rect.width) == made.picture.shape[:2]
        for rider in riders:
            assert whole.rect.intersection(rider.rect) == rider.rect.area
        ridden += len(riders)
    assert 10 < ridden < 40


def test_labels_of_a_cut_out_are_scaled_and_turned_with_it() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        made = sized(drawn_two_wheeler(rng), 50, rng)
        whole, *_ = made.labels
        assert (whole.rect.height, whole.rect.width) == pytest.approx(made.picture.shape[:2])
        assert all(rect.area - whole.rect.intersection(rect) < 1 for rect, *_ in made.labels)


def test_new_clothes_leave_the_outline() -> None:
    own = cutout()
    made = recoloured(own, PERSON, np.random.default_rng(0))
    assert np.array_equal(made[..., 3], own[..., 3])
    assert not np.array_equal(made, own)


def test_what_a_camera_writes_is_near_the_edges_and_leaves_the_rest() -> None:
    blank = np.full((200, 300, 3), 120, np.uint8)
    for seed in range(20):
        written = (lettered(blank, np.random.default_rng(seed)) != blank).any(axis=2)
        assert 0 < written.mean() < 0.4
        assert not written[100].any()
    assert (blank == 120).all()


def test_distorting_keeps_the_picture_s_shape() -> None:
    frame, _ = figure()
    rng = np.random.default_rng(0)
    for _ in range(20):
        made = distort(frame, rng)
        assert made.shape == frame.shape
        assert made.dtype == np.uint8


def test_a_folder_with_none_of_the_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none of the clips and crops"):
        prepare(load_sources(), tmp_path, [], lambda _line: None)


def test_crops_are_cut_out_and_a_corrupt_one_left_out(tmp_path: Path) -> None:
    frame, _ = figure()
    crop = frame[int(BOX.top) - 4 : int(BOX.bottom) + 4, int(BOX.left) - 4 : int(BOX.right) + 4]
    cv2.imwrite(str(tmp_path / "0001_c1.png"), crop)
    (tmp_path / "0002_c1.png").write_bytes(b"\x89PNG broken")
    sources = Sources.model_validate(
        {
            "crops": [
                {
                    "pattern": "*.png",
                    "classes": {"": "person"},
                    "shape": (1.0, 5.0),
                    "credit": "drawn",
                    "licence": "CC0-1.0",
                }
            ]
        }
    )
    told: list[str] = []
    (scene,) = prepare(sources, tmp_path, [], told.append)
    assert scene.use == "cutout"
    assert scene.object_class is PERSON
    assert told == ["*.png: 1 cutout"]
