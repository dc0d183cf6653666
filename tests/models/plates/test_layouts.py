import unicodedata

import pytest
from hypothesis import given

from models.plates.layouts import (
    COMMERCIAL,
    DELIVERY,
    LETTERS,
    PRIVATE,
    REGIONS,
    RENTAL,
    Layout,
    PlateNumber,
    canonical,
    parse,
)
from tests.models.plates.numbers import NUMBERS


@given(NUMBERS)
def test_every_legal_number_is_read_back_from_its_text(number: PlateNumber) -> None:
    assert parse(number.text) == number
    assert canonical(number.text) == number.text


@given(NUMBERS)
def test_spaces_lines_and_decomposed_syllables_change_nothing(number: PlateNumber) -> None:
    written = f" {number.region} {number.kind}\n{number.letter} - {number.serial} "
    assert canonical(unicodedata.normalize("NFD", written)) == number.text


def test_the_alphabet_is_that_of_the_notice() -> None:
    assert len(REGIONS) == len(set(REGIONS)) == 17
    assert [len(letters) for letters in (PRIVATE, COMMERCIAL, RENTAL, DELIVERY)] == [32, 4, 3, 1]
    assert len(set(LETTERS)) == len(LETTERS) == 40


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("I2가34S6", "12가3456"),
        ("１２가３４５６", "12가3456"),
        ("l23가4OO7", "123가4007"),
        ("서울 33 바 1234", "서울33바1234"),
        ("서울12\n가3456", "서울12가3456"),
    ],
)
def test_letters_that_look_like_digits_are_digits(typed: str, meant: str) -> None:
    assert canonical(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12가345",
        "1가3456",
        "1234가5678",
        "12바3456",  # commercial, but of no region
        "12배3456",
        "서울123가4567",
        "서욹12가3456",
        "12각3456",
        "12가3456 12가3456",
        "외교001-002",
    ],
)
def test_what_no_plate_says_is_no_number(text: str) -> None:
    assert parse(text) is None
    assert canonical(text) is None


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("123가4567", Layout.CURRENT),
        ("12가3456", Layout.OLDER),
        ("서울33바1234", Layout.REGIONAL),
    ],
)
def test_a_number_knows_its_layout(text: str, layout: Layout) -> None:
    number = parse(text)
    assert number is not None
    assert number.layout == layout
