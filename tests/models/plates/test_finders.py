from collections.abc import Mapping

import numpy as np
import pytest

from models.catalogue import ImageInput
from models.catalogue_outputs import PlateDetectionOutput
from models.errors import ModelError
from models.plates.detector import NetworkPlateFinder
from models.runtimes.port import Output, Tensor
from shared.errors import PictureError

IMAGE = ImageInput(name="data", width=300, height=300, colour="bgr", fit="stretch")
OUTPUT = PlateDetectionOutput(decode="ssd", output="found", label=2, score=0.3)


class Rows:
    """A network that gives `rows` of an SSD."""

    runtime = device = precision = "none"

    def __init__(self, rows: Output) -> None:
        self.rows = rows

    def infer(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Output]:
        assert inputs["data"].shape == (1, 3, 300, 300)
        return {"found": self.rows}


def finder(*rows: tuple[float, ...]) -> NetworkPlateFinder:
    ended = [*rows, (-1.0, 0, 0, 0, 0, 0, 0), (0, 2, 0.99, 0, 0, 1, 1)]
    return NetworkPlateFinder(IMAGE, OUTPUT, Rows(np.array([[ended]])), "finder@1")


PICTURE = np.zeros((200, 400, 3), dtype=np.uint8)


def test_plates_are_told_in_the_pixels_of_the_picture_the_surest_first() -> None:
    found = finder((0, 2, 0.5, 0.1, 0.1, 0.2, 0.2), (0, 2, 0.9, 0.25, 0.5, 0.5, 0.6)).find(PICTURE)
    assert [tuple(rect) for rect in found] == [
        pytest.approx((100, 100, 200, 120)),
        pytest.approx((40, 20, 80, 40)),
    ]


def test_rows_without_labels_are_plates_and_each_plate_is_told_once() -> None:
    output = PlateDetectionOutput(decode="rows", output="found", score=0.3)
    rows = [(0.5, 0.25, 0.5, 0.5, 0.6), (0.9, 0.26, 0.5, 0.51, 0.6), (0.4, 0.7, 0.7, 0.9, 0.8)]
    found = NetworkPlateFinder(IMAGE, output, Rows(np.array([rows])), "finder@1").find(PICTURE)
    assert [tuple(rect) for rect in found] == [
        pytest.approx((104, 100, 204, 120)),
        pytest.approx((280, 140, 360, 160)),
    ]
    wrong = Rows(np.zeros((3, 5)))
    with pytest.raises(ModelError, match=r"not \(1, N, 5\)"):
        NetworkPlateFinder(IMAGE, output, wrong, "finder@1").find(PICTURE)


def test_vehicles_weak_ones_and_what_lies_outside_are_left_out() -> None:
    rows = ((0, 1, 0.9, 0, 0, 1, 1), (0, 2, 0.2, 0, 0, 1, 1), (0, 2, 0.9, 1.1, 0.5, 1.2, 0.6))
    assert finder(*rows).find(PICTURE) == []


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (np.zeros((1, 5)), "not .1, 1, N, 7."),
        (np.full((1, 1, 3, 7), np.nan), "not finite"),
    ],
)
def test_an_output_that_is_none_is_refused(rows: Output, complaint: str) -> None:
    with pytest.raises(ModelError, match=complaint):
        NetworkPlateFinder(IMAGE, OUTPUT, Rows(rows), "finder@1").find(PICTURE)


def test_a_picture_without_area_is_refused() -> None:
    with pytest.raises(PictureError, match="shape"):
        finder().find(PICTURE[:, :0])
