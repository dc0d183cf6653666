import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from models.cli import app
from models.evaluation.plates import PlateFigures, distance, evaluate_plates
from models.evaluation.plates_data import LabelledPlate, PlateSet, read_plates
from models.plates.reading import PlateReading
from shared.errors import ConfigError
from shared.geometry import Rect
from shared.pictures import Picture


def picture(path: Path, level: int = 100) -> Path:
    cv2.imwrite(str(path), np.full((20, 60, 3), level, dtype=np.uint8))
    return path


def listed(folder: Path, *rows: tuple[str, str], head: str = "file,text") -> Path:
    lines = [head, *(f"{file},{text}" for file, text in rows)]
    (folder / "labels.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_a_list_names_pictures_and_their_plates(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    found = read_plates(listed(tmp_path, ("a.png", "서울 33 바 1234")))
    assert found == PlateSet((LabelledPlate(tmp_path / "a.png", "서울33바1234"),), ())


def test_a_list_may_say_how_legible_plates_are(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    head = "file,text,legibility"
    rows = (("a.png", "12가3456,0.75"), ("a.png", "12가3456,"))
    known, unknown = read_plates(listed(tmp_path, *rows, head=head)).plates
    assert (known.legibility, unknown.legibility) == (0.75, None)
    for wrong in ("clear", "1.5", "nan"):
        with pytest.raises(ConfigError, match="legibility of"):
            read_plates(listed(tmp_path, ("a.png", f"12가3456,{wrong}"), head=head))


def test_without_a_list_pictures_are_named_after_their_plates(tmp_path: Path) -> None:
    picture(tmp_path / "12가3456_night.png")
    picture(tmp_path / "123가4567.png")
    assert [plate.text for plate in read_plates(tmp_path).plates] == ["123가4567", "12가3456"]


def test_what_has_no_usable_label_is_named(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    rows = (("a.png", "12가3456"), ("b.png", "12가3456"), ("a.png", "외교001"))
    missing, illegal = read_plates(listed(tmp_path, *rows)).unknown
    assert "no such file" in missing
    assert "'외교001' is on no plate" in illegal


def test_a_folder_with_nothing_to_judge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a folder"):
        read_plates(tmp_path / "missing")
    with pytest.raises(ConfigError, match="has no picture"):
        read_plates(tmp_path)
    picture(tmp_path / "car.png")
    with pytest.raises(ConfigError, match=r"names like 12가3456_anything\.jpg"):
        read_plates(tmp_path)
    with pytest.raises(ConfigError, match="columns must be file,text"):
        read_plates(listed(tmp_path, head="picture,plate"))


def figures(
    tmp_path: Path,
    said: Sequence[tuple[str, float] | None],
    legible: Sequence[float | None] = (),
) -> PlateFigures:
    """Of plates that all say 12가3456, read as `said`."""
    plates = [
        LabelledPlate(picture(tmp_path / f"{number}.png"), "12가3456", legibility)
        for number, legibility in enumerate(legible or [None] * len(said))
    ]
    readings = iter(said)

    def read(pictures: Sequence[Picture]) -> list[PlateReading | None]:
        given = [next(readings) for _ in pictures]
        return [PlateReading(*one, Rect(0, 0, 1, 1)) if one else None for one in given]

    return evaluate_plates(read, PlateSet(tuple(plates), ()))


def test_exact_plates_wrong_characters_and_sure_ones_are_counted(tmp_path: Path) -> None:
    said = [("12가3456", 0.95), ("12가3457", 0.92), None, ("12가3456", 0.5)]
    found = figures(tmp_path, said)
    assert (found.plates, found.exact, found.told) == (4, 50, 75)
    assert found.character_errors == pytest.approx(100 * (1 + 7) / 28)
    assert (found.sure, found.sure_exact) == (50, 50)
    assert found.by_layout == {"older": 50}
    assert found.by_width == {"060+": 50}


def test_plates_are_counted_apart_by_what_is_left_of_their_characters(tmp_path: Path) -> None:
    right, wrong = ("12가3456", 0.9), ("12나3456", 0.9)
    found = figures(tmp_path, [right, wrong, wrong, right], [0.8, 0.95, 0.1, None])
    assert found.by_legibility == {"0.0+": 0, "0.8+": 50}
    assert found.plates_by_legibility == {"0.0+": 1, "0.8+": 2}
    assert found.exact == 50


def test_confidence_that_means_what_it_says_has_no_calibration_error(tmp_path: Path) -> None:
    right, wrong = ("12가3456", 0.75), ("12나3456", 0.75)
    assert figures(tmp_path, [right, right, right, wrong]).calibration_error == pytest.approx(0)
    assert figures(tmp_path, [wrong] * 4).calibration_error == pytest.approx(75)


def test_a_damaged_picture_is_named_and_not_judged(tmp_path: Path) -> None:
    broken = tmp_path / "x.png"
    broken.write_bytes(b"not a picture")
    good = picture(tmp_path / "y.png")
    plates = tuple(LabelledPlate(path, "12가3456") for path in (broken, good))

    def read(pictures: Sequence[Picture]) -> list[PlateReading | None]:
        return [None] * len(pictures)

    found = evaluate_plates(read, PlateSet(plates, ()))
    assert found.plates == 1
    assert "x.png" in found.damaged[0]


@given(st.text("12가", max_size=6), st.text("12가", max_size=6))
def test_the_distance_of_texts_is_one(one: str, other: str) -> None:
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))


@pytest.mark.parametrize("how", [[], ["--vehicles"]], ids=["cuts", "vehicles"])
def test_the_command_judges_the_reader_that_comes_with_the_project(
    tmp_path: Path, how: list[str]
) -> None:
    picture(tmp_path / "12가3456.png")
    model = ["--model", "starter-plate-reader", "--data", str(tmp_path), "--json"]
    store = ["--store", str(tmp_path / "empty")]
    result = CliRunner().invoke(app, ["evaluate", "plates", *model, *store, *how])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["task"] == "plates"
    assert report["figures"]["plates"] == 1
    assert report["figures"]["exact"] == 0
