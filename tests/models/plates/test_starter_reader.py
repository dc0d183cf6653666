"""The committed reader against its card, on a hundred plates drawn for it (OFL font, own pictures).

`dongseon models synth sheet` draws them again.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.catalogue import PACKAGE, STARTER, RuntimeName
from models.plates.layouts import canonical
from models.plates.reader import NetworkPlateReader
from models.roles import (
    LoadOptions,
    load_network_plate_reader,
    load_plate_finder,
    load_plate_reader,
)
from models.store import ModelStore
from models.train.common.cards import read_card
from models.train.plates.sheet import COLUMNS, NAME, ROWS, SHEET
from shared.geometry import Rect
from shared.pictures import Picture

HERE = Path(__file__).parent
RUNTIMES: list[RuntimeName] = ["openvino", "onnxruntime"]


@pytest.fixture(scope="module")
def cells() -> list[Picture]:
    sheet = np.asarray(cv2.imread(str(HERE / "sheet.webp")), dtype=np.uint8)
    rows = np.vsplit(sheet, ROWS)
    return [np.ascontiguousarray(cell) for row in rows for cell in np.hsplit(row, COLUMNS)]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return (HERE / "sheet.csv").read_text(encoding="utf-8").split()[1:]


def reader(tmp_path: Path, runtime: RuntimeName) -> NetworkPlateReader:
    options = LoadOptions(ModelStore(tmp_path), runtime=runtime)
    return load_network_plate_reader(NAME, None, options)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_it_reads_as_well_as_its_card_says(
    tmp_path: Path, cells: list[Picture], texts: list[str], runtime: RuntimeName
) -> None:
    readings = reader(tmp_path, runtime).read_cuts(cells)
    exact = np.mean([one.text == text for one, text in zip(readings, texts, strict=True)])
    figure = next(one for one in read_card(PACKAGE / STARTER / NAME).figures if one.data == SHEET)
    assert exact == pytest.approx(figure.value, abs=figure.tolerance)
    assert all(canonical(one.text) == one.text for one in readings)


def test_what_it_is_sure_of_is_mostly_right(
    tmp_path: Path, cells: list[Picture], texts: list[str]
) -> None:
    readings = reader(tmp_path, "openvino").read_cuts(cells)
    sure = [
        one.text == text for one, text in zip(readings, texts, strict=True) if one.confidence >= 0.9
    ]
    assert len(sure) >= 25
    assert np.mean(sure) >= 0.9


def test_a_plate_on_a_vehicle_is_found_and_read(
    tmp_path: Path, cells: list[Picture], texts: list[str]
) -> None:
    options = LoadOptions(ModelStore(tmp_path))
    found = load_plate_reader(NAME, load_plate_finder(None, options), options)
    sure = reader(tmp_path, "openvino").read_cuts(cells)
    best = max(range(len(cells)), key=lambda number: sure[number].confidence)
    vehicle = np.full((300, 420, 3), 70, dtype=np.uint8)
    vehicle[200:] = 40
    vehicle[205:243, 140:265] = cv2.resize(cells[best], (125, 38))
    reading = found.read(vehicle)
    assert reading is not None
    assert reading.text == texts[best]
    assert reading.rect.iou(Rect(140, 205, 265, 243)) > 0.4
    assert found.read(np.full((120, 160, 3), 90, dtype=np.uint8)) is None
