import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.bench import agreement, emulation
from models.bench.agreement import Agreement, compare, kinds
from models.bench.outputs import Rows, Wanted, load, outputs_of, save
from models.bench.pictures import CROP, FRAME, made_picture
from models.catalogue import load_catalogue
from models.errors import ModelError
from models.preparation import Size
from models.store import ModelStore
from shared.errors import DependencyMissing, PictureError

RETAIL = "person-reidentification-retail-0287"
OSNET = "osnet-x0-25"
DETECTOR = "person-vehicle-bike-detection-2004"


def crops(folder: Path, count: int, size: Size = CROP) -> tuple[Path, ...]:
    paths = tuple(folder / f"{place}.png" for place in range(count))
    for place, path in enumerate(paths):
        assert cv2.imwrite(str(path), made_picture(size, place))
    return paths


def wanted(store: ModelStore, model: str, pictures: tuple[Path, ...], precision: str) -> Wanted:
    return Wanted(model=model, store=store.root, pictures=pictures, precision=precision)


def test_made_pictures_are_the_same_for_the_same_seed() -> None:
    assert made_picture(FRAME).shape == (720, 1280, 3)
    assert np.array_equal(made_picture(CROP, 3), made_picture(CROP, 3))
    assert not np.array_equal(made_picture(CROP, 3), made_picture(CROP, 4))


def test_vectors_are_the_same_on_an_emulated_processor_with_avx2(
    weights: ModelStore, tmp_path: Path
) -> None:
    if shutil.which("qemu-x86_64") is None:
        pytest.skip("qemu-x86_64 is not here; apt install qemu-user")
    (found,) = compare(wanted(weights, OSNET, crops(tmp_path, 1), "FP32"), ["Haswell"])
    # Bit for bit on a processor with AVX2 alone, to 1e-6 on one with AVX-512.
    assert found.least > 0.99999
    assert found.greatest < 1e-4
    assert found.against.endswith("on Haswell")


def test_int8_that_overflows_differs_from_exact_integers(
    weights: ModelStore, tmp_path: Path
) -> None:
    asked = wanted(weights, RETAIL, crops(tmp_path, 3), "FP16-INT8")
    exact, fp16 = compare(asked, ["exact", "FP16"])
    assert exact.what.endswith("openvino/CPU/int8")
    assert exact.against.endswith("openvino/CPU/int8-exact")
    assert fp16.against.endswith("openvino/CPU/f32")
    assert 0.9 < exact.least <= exact.mean <= 1
    assert exact.pictures == 3


def test_a_model_that_is_not_quantised_is_exact_as_it_is(
    weights: ModelStore, tmp_path: Path
) -> None:
    (found,) = compare(wanted(weights, RETAIL, crops(tmp_path, 2), "FP16"), ["exact"])
    assert found.against.endswith("openvino/CPU/f32")
    assert found.least == pytest.approx(1, abs=1e-6)


def test_what_is_worth_comparing_depends_on_the_file() -> None:
    entry = load_catalogue().entry(RETAIL)
    assert kinds(entry, "FP16-INT8") == ["Haswell", "exact", "FP16"]
    assert kinds(entry, None) == ["Haswell", "FP16-INT8"]


def boxes(*rows: tuple[float, ...]) -> Rows:
    return np.array(rows, dtype=np.float64).reshape(-1, 6)


def detectors(one: Rows, other: Rows) -> Agreement:
    entry = load_catalogue().entry(DETECTOR)
    return agreement._agreement(entry, ("one", [one]), ("other", [other]))


def test_boxes_agree_where_both_are_sure_of_them() -> None:
    person = (10, 10, 50, 90, 0, 0.9)
    weaker = (11, 10, 50, 90, 0, 0.7)
    same = detectors(boxes(person), boxes(weaker))
    assert same.mean == 1
    assert same.greatest == pytest.approx(0.2)
    other_class = detectors(boxes(person), boxes((10, 10, 50, 90, 1, 0.9)))
    assert other_class.mean == 0
    half = detectors(boxes(person, (200, 10, 250, 90, 0, 0.9)), boxes(weaker))
    assert half.mean == pytest.approx(2 / 3)


def test_a_box_that_just_misses_the_score_is_not_missed() -> None:
    found = detectors(
        boxes((10, 10, 50, 90, 0, 0.9), (200, 10, 250, 90, 0, 0.31)),
        boxes((10, 10, 50, 90, 0, 0.9)),
    )
    assert found.mean == 1


def test_pictures_without_any_box_say_nothing() -> None:
    with pytest.raises(ModelError, match="sure of nothing in any picture"):
        detectors(boxes(), boxes())


def test_what_a_detector_says_is_read_back_as_it_was_written(
    weights: ModelStore, tmp_path: Path
) -> None:
    asked = wanted(weights, DETECTOR, crops(tmp_path, 2, Size(448, 256)), "FP16-INT8")
    runs_as, rows = outputs_of(asked)
    save(tmp_path / "out.npz", runs_as, [*rows, boxes((1, 2, 3, 4, 0, 0.5))])
    again, found = load(tmp_path / "out.npz")
    assert again == runs_as
    assert [len(each) for each in found] == [*map(len, rows), 1]
    assert found[-1].tolist() == [[1, 2, 3, 4, 0, 0.5]]


def test_without_the_emulator_its_package_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DependencyMissing, match="apt install qemu-user"):
        emulation.emulated(Wanted(model=RETAIL, store=tmp_path, pictures=()))


def test_what_fails_in_the_emulator_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The program is run as it is, and its last words are passed on."""
    (tmp_path / "bin").mkdir()
    runner = tmp_path / "bin" / "qemu-x86_64"
    runner.write_text('#!/bin/sh\nshift 2\nexec "$@"\n')
    runner.chmod(0o755)
    monkeypatch.setenv("PATH", f"{runner.parent}:/usr/bin:/bin")
    asked = Wanted(model=RETAIL, store=tmp_path, pictures=crops(tmp_path, 1))
    with pytest.raises(ModelError, match=r"ended with 1: error: the weights .* are not in"):
        emulation.emulated(asked)


def test_a_damaged_picture_and_another_kind_of_model_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(PictureError, match=r"a\.png"):
        outputs_of(Wanted(model=RETAIL, store=tmp_path, pictures=(tmp_path / "a.png",)))
    other = next(each.name for each in load_catalogue().models if each.task == "attributes")
    with pytest.raises(ModelError, match="a detector or embedder is needed"):
        outputs_of(Wanted(model=other, store=tmp_path, pictures=()))
