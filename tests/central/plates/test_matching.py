"""Which plates fit what is asked, and how. No database but for what it must fold alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from central.plates.folding import fold_plate, normalise_plate
from central.plates.matching import How, PlatePattern, edit_distance
from models.plates.layouts import LETTERS

WRITTEN = ["12가3456", "12거3456", "123가4567", "서울33바1234", "12가3458", "34나5678", "ABC 123"]


@pytest.mark.parametrize(
    ("asked", "plate", "how"),
    [
        ("12가3456", "12가3456", How.EXACT),
        ("12 가-3456", "12가3456", How.EXACT),
        ("１２가３４５６", "12가3456", How.EXACT),
        ("서울 33 바 1234", "서울33바1234", How.EXACT),
        ("abc-123", "ABC 123", How.EXACT),
        ("l2가34S6", "12가3456", How.FOLDED),
        ("12거3456", "12가3456", How.FOLDED),
        ("12?3456", "12가3456", How.WILDCARD),
        ("12*56", "12가3456", How.WILDCARD),
        ("*가3456", "12가3456", How.WILDCARD),
        ("12가345", "12가3456", How.PART),
        ("33바1234", "서울33바1234", How.PART),
        ("3456", "12가3456", How.PART),
        ("?가34", "12가3456", How.PART),
        ("12가3457", "12가3456", How.SIMILAR),
        ("12가346", "12가3456", How.SIMILAR),
    ],
)
def test_a_plate_fits_in_one_of_five_ways(asked: str, plate: str, how: How) -> None:
    found = PlatePattern(asked).match(plate)
    assert found is not None
    assert found.how == how


@pytest.mark.parametrize(
    ("asked", "plate"),
    [
        ("12가3456", "98나7654"),
        ("12?3456", "12가가3456"),
        ("12??3456", "12가3456"),
        ("3?56*9", "12가3456"),
        ("12%56", "12가3456"),
        ("12_3456", "123456a"),
        ("1234", "1235"),
    ],
)
def test_another_plate_does_not(asked: str, plate: str) -> None:
    found = PlatePattern(asked, similar=False).match(plate)
    assert found is None or found.how == How.PART


def test_the_best_fit_comes_first() -> None:
    plates = ["12가3459", "12가3456", "12거3456", "서울12가3456", "12가3455", "77하7777"]
    ranked = PlatePattern("12가3456").rank(plates)
    assert list(ranked) == ["12가3456", "12거3456", "서울12가3456", "12가3455", "12가3459"]
    assert ranked["12가3455"].edits == 0.5  # the reader takes 5 for 6
    assert ranked["12가3459"].edits == 1


def test_similar_plates_are_left_out_when_not_asked_for() -> None:
    assert PlatePattern("12가3457", similar=False).match("12가3456") is None


def test_many_stars_cost_no_more_than_one() -> None:
    pattern = PlatePattern("12" + "*" * 29 + "9")
    assert pattern.match("12가" + "1" * 13) is None


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_distance_is_one_of_texts(one: str, other: str) -> None:
    assert edit_distance(one, other) == edit_distance(other, one)
    assert (edit_distance(one, other) == 0) == (one == other)
    assert edit_distance(one, other) <= max(len(one), len(other))


def test_every_letter_of_a_plate_folds_to_one_of_ten() -> None:
    folded = {fold_plate(letter) for letter in LETTERS}
    assert folded == set("가고나노마모사소하호")
    assert {fold_plate(letter) for letter in folded} == folded


@pytest.mark.stack
def test_the_database_folds_as_the_program_does(engine: Engine) -> None:
    # Characters that PostgreSQL and Python know in the same edition of Unicode.
    texts = st.text(
        st.characters(min_codepoint=1, max_codepoint=0xD7A3, categories=("L", "N", "P", "Zs"))
    )
    with engine.connect() as connection:

        @settings(max_examples=300, deadline=None, derandomize=True)
        @given(texts | st.sampled_from([*WRITTEN, *LETTERS]))
        def check(plate: str) -> None:
            query = text("SELECT fold_plate(CAST(:plate AS text))")
            assert connection.execute(query, {"plate": plate}).scalar_one() == fold_plate(plate)

        check()


def test_normal_forms_are_stable() -> None:
    for plate in WRITTEN:
        assert normalise_plate(normalise_plate(plate)) == normalise_plate(plate)
        assert fold_plate(fold_plate(plate)) == fold_plate(plate)
