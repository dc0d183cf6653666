import tomllib
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.attributes.colour_names import NAMES, name_colour
from models.attributes.colour_reader import COLOUR_READERS, PAINT_COLOUR, ColourReader
from models.attributes.reading import merge
from models.attributes.regions import LEGS, TORSO, Region, around, pixels_of
from shared.errors import PictureError
from shared.pictures import Picture

CALLED = [
    ("black", (20, 20, 22)),
    ("white", (245, 245, 240)),
    ("white", (190, 192, 195)),  # a white shirt in the shade
    ("grey", (120, 120, 118)),
    ("red", (170, 25, 35)),
    ("orange", (235, 125, 30)),
    ("yellow", (240, 205, 40)),
    ("green", (40, 120, 60)),
    ("blue", (35, 75, 160)),
    ("purple", (105, 55, 125)),
    ("pink", (235, 150, 170)),
    ("brown", (105, 70, 45)),
]


def dressed(top: tuple[int, int, int], legs: tuple[int, int, int]) -> Picture:
    """Someone in two colours (RGB) before a wall of another, 128 x 64."""
    picture = np.full((128, 64, 3), (90, 140, 60), dtype=np.uint8)
    picture[22:62, 14:50] = top[::-1]
    picture[62:112, 16:48] = legs[::-1]
    return picture


@pytest.mark.parametrize(("name", "rgb"), CALLED, ids=[f"{n} {c}" for n, c in CALLED])
def test_a_colour_is_called_what_people_call_it(name: str, rgb: tuple[int, int, int]) -> None:
    shares = name_colour(np.array([rgb[::-1]], dtype=np.uint8))
    assert max(shares, key=lambda each: shares[each]) == name
    assert tuple(shares) == NAMES
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)


def test_a_colour_between_two_names_is_a_little_of_both() -> None:
    shares = name_colour(np.array([(40, 70, 160)], dtype=np.uint8))
    assert sum(share > 0.05 for share in shares.values()) >= 2


def test_no_pixels_have_no_name() -> None:
    with pytest.raises(ValueError, match="no pixels"):
        name_colour(np.empty((0, 3), dtype=np.uint8))


def test_the_clothes_are_read_and_not_the_wall() -> None:
    read = merge(ColourReader().read([dressed((170, 25, 35), (35, 75, 160))]))
    assert (read["upper_colour"].value, read["lower_colour"].value) == ("red", "blue")
    assert read["lower_colour"].confidence > 0.8


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 1, 3), (1, 40, 3), (2_000, 900, 3)], ids=str)
def test_crops_of_any_size_are_read(shape: tuple[int, ...]) -> None:
    (reading,) = ColourReader().read([np.zeros(shape, dtype=np.uint8)])
    assert reading["upper_colour"]["black"] > 0.9


@pytest.mark.parametrize("part", ["fitted", "held_out"])
def test_real_vehicles_are_called_what_people_call_them(shared_data: Path, part: str) -> None:
    known = tomllib.loads(Path(__file__).with_name("vehicle_colours.toml").read_text())[part]
    crops = [
        np.asarray(cv2.imread(str(shared_data / f"reid_vehicle/train/{name}.jpg")), dtype=np.uint8)
        for name in known
    ]
    said = [
        merge([reading])["vehicle_colour"] for reading in COLOUR_READERS[PAINT_COLOUR].read(crops)
    ]
    right = [each.value in names for each, names in zip(said, known.values(), strict=True)]
    assert np.mean(right) >= 0.8
    # As sure as it is right, within a tenth or so.
    assert np.mean([each.confidence for each in said]) == pytest.approx(np.mean(right), abs=0.12)


def test_a_crop_without_area_is_refused() -> None:
    with pytest.raises(PictureError, match="shape"):
        ColourReader().read([np.zeros((0, 12, 3), dtype=np.uint8)])


@pytest.mark.parametrize("point", [(0.5, 0.3), (0, 0), (1, 1), (-3, 9)], ids=str)
def test_the_place_around_a_point_lies_inside_the_crop(point: tuple[float, float]) -> None:
    region = around(*point)
    assert 0 <= region.left < region.right <= 1 + 1e-9
    assert 0 <= region.top < region.bottom <= 1 + 1e-9
    assert region.right - region.left == pytest.approx(TORSO.right - TORSO.left)


def test_a_large_region_is_thinned_out() -> None:
    pixels = pixels_of(np.zeros((1_024, 1_024, 3), dtype=np.uint8), Region(0, 0, 1, 1))
    assert 512 <= len(pixels) <= 1_024
    assert LEGS.bottom <= 1
