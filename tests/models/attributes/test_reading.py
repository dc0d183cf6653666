import pytest

from models.attributes.reading import merge

RED = {"upper_colour": {"red": 0.6, "pink": 0.4}, "hat": {"yes": 0.9, "no": 0.1}}
PINK = {"upper_colour": {"red": 0.3, "pink": 0.7}}


def test_crops_are_averaged_by_how_good_they_are() -> None:
    alike = merge([RED, PINK])["upper_colour"]
    assert alike.value == "pink"
    assert alike.confidence == pytest.approx(0.55)
    better = merge([RED, PINK], [0.9, 0.1])["upper_colour"]
    assert better.value == "red"
    assert better.confidence == pytest.approx(0.57)


def test_what_one_crop_does_not_show_is_taken_from_the_others() -> None:
    assert merge([RED, PINK])["hat"] == ("yes", 0.9)


def test_a_crop_of_no_worth_has_no_say() -> None:
    assert "hat" not in merge([RED, PINK], [0, 1])


def test_crops_that_are_all_of_no_worth_count_alike() -> None:
    assert merge([RED, PINK], [0, 0]) == merge([RED, PINK])


def test_nothing_read_is_nothing_said() -> None:
    assert merge([]) == {}
    assert merge([{}, {}]) == {}


def test_as_many_weights_as_crops_are_needed() -> None:
    with pytest.raises(ValueError, match="zip"):
        merge([RED, PINK], [1.0])
