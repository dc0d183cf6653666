from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from models.evaluation.attributes import Told, evaluate_attributes, score_attribute, truth_of
from models.evaluation.reid_data import read_reid
from shared.classes import ObjectClass
from shared.errors import ConfigError
from shared.pictures import Picture, encode_webp


def test_the_figures_are_those_computed_by_hand() -> None:
    answers = [
        Told("yes", "yes", 0.95),
        Told("no", "yes", 0.95),
        Told("no", "no", 0.75),
        Told("no", "no", 0.75),
    ]
    figures = score_attribute(answers)
    assert (figures.accuracy, figures.commonest, figures.crops) == (75, 75, 4)
    # yes: one right of one true and two said; no: two right of three true and two said.
    assert figures.f1 == pytest.approx(100 * (2 / 3 + 4 / 5) / 2)
    # Half are right where 0.95 is said, all where 0.75 is.
    assert figures.calibration_error == pytest.approx(100 * (2 * 0.45 + 2 * 0.25) / 4)


def test_a_value_that_is_never_said_scores_no_f1() -> None:
    answers = [Told("truck", "car", 0.6), Told("car", "car", 0.6)]
    assert score_attribute(answers).f1 == pytest.approx(100 * (0 + 2 / 3) / 2)


class Cars:
    """A reader that sees a car everywhere."""

    object_class = ObjectClass.VEHICLE

    def describe(self) -> str:
        return "cars@1"

    def read(self, crops: Sequence[Picture]) -> list[Mapping[str, Mapping[str, float]]]:
        return [{"vehicle_type": {"car": 0.8, "truck": 0.2}} for _ in crops]


def write_crops(folder: Path, *names: str) -> None:
    for name in names:
        picture = np.zeros((16, 16, 3), dtype=np.uint8)
        (folder / f"{name}.jpg").write_bytes(encode_webp(picture))


def test_the_type_of_a_vehicle_is_what_its_name_begins_with(tmp_path: Path) -> None:
    write_crops(tmp_path, "car_1_cam1", "car_1_cam2", "truck_1_cam1", "motorcycle_1_cam1")
    (tmp_path / "truck_1_cam2.jpg").write_bytes(b"no picture")
    crops = read_reid(tmp_path)
    truth = truth_of(crops, ObjectClass.VEHICLE, None)
    figures = evaluate_attributes(Cars(), crops, truth)
    assert figures.attributes["vehicle_type"].accuracy == pytest.approx(100 * 2 / 3)
    assert (figures.crops, len(figures.damaged)) == (3, 1)


def test_people_need_the_file_of_attributes(tmp_path: Path) -> None:
    write_crops(tmp_path, "0002_c1s1_1_1", "0002_c2s1_1_1")
    with pytest.raises(ConfigError, match="--marks"):
        truth_of(read_reid(tmp_path), ObjectClass.PERSON, None)


def test_crops_of_which_nothing_is_known_are_refused(tmp_path: Path) -> None:
    write_crops(tmp_path, "motorcycle_1_cam1", "motorcycle_1_cam2")
    crops = read_reid(tmp_path)
    with pytest.raises(ConfigError, match="nothing is known of any of 2 crops"):
        truth_of(crops, ObjectClass.VEHICLE, None)


def test_a_reader_that_tells_nothing_known_is_refused(tmp_path: Path) -> None:
    write_crops(tmp_path, "car_1_cam1", "car_1_cam2")
    with pytest.raises(ConfigError, match="tells nothing that is known"):
        evaluate_attributes(Cars(), read_reid(tmp_path), [{"vehicle_colour": "red"}] * 2)


def test_people_of_market_have_their_attributes(shared_data: Path) -> None:
    folder = shared_data / "reid_person"
    crops = read_reid(folder / "market_ids_first501", ":3")
    truth = truth_of(crops, ObjectClass.PERSON, folder / "market_attribute.mat")
    known = dict(zip((crop.identity for crop in crops.crops), truth, strict=True))
    assert set(known) == {"0002", "0007", "0010"}
    assert all({"gender", "bag", "hat"} <= values.keys() for values in known.values())


def test_a_file_that_is_not_the_attributes_is_refused(tmp_path: Path) -> None:
    write_crops(tmp_path, "0002_c1s1_1_1", "0002_c2s1_1_1")
    (tmp_path / "market_attribute.mat").write_bytes(b"no Matlab")
    with pytest.raises(ConfigError, match=r"not Market-1501's market_attribute\.mat"):
        truth_of(read_reid(tmp_path), ObjectClass.PERSON, tmp_path / "market_attribute.mat")
