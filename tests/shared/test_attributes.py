import re
import unicodedata

import pytest

from shared.attributes import ATTRIBUTES, COLOURS, LabelSet, attributes_of, unknown_in
from shared.classes import ObjectClass
from shared.ids import PLAIN_NAME

SETS = pytest.mark.parametrize("labels", ATTRIBUTES.values(), ids=lambda each: each.name)
HANGUL = re.compile(r"[가-힣]")


def _words(labels: LabelSet) -> list[str]:
    return [word for label in labels.labels for word in {label.en, label.ko, *label.also}]


@SETS
def test_every_attribute_and_value_has_a_name_in_both_languages(labels: LabelSet) -> None:
    for en, ko in [(labels.en, labels.ko), *((each.en, each.ko) for each in labels.labels)]:
        assert en.isascii()
        assert en.strip() == en != ""
        assert HANGUL.search(ko)


@SETS
def test_names_and_values_go_through_an_address_line_unquoted(labels: LabelSet) -> None:
    for name in (labels.name, *labels.values):
        assert re.fullmatch(PLAIN_NAME, name)
        assert name.islower()


@SETS
def test_no_word_means_two_values_of_one_attribute(labels: LabelSet) -> None:
    words = _words(labels)
    assert len(words) == len(set(words))
    assert len(labels.values) == len(set(labels.values)) >= 2


@SETS
def test_no_word_is_a_picture(labels: LabelSet) -> None:
    text = "".join((labels.en, labels.ko, *labels.also, *_words(labels)))
    assert not [sign for sign in text if unicodedata.category(sign) in {"So", "Cs", "Co", "Cn"}]


def test_colours_are_the_eleven_basic_terms() -> None:
    assert len(COLOURS) == 11
    assert ATTRIBUTES["upper_colour"].labels == ATTRIBUTES["vehicle_colour"].labels == COLOURS


def test_a_class_has_its_own_attributes() -> None:
    assert "gender" in {each.name for each in attributes_of(ObjectClass.PERSON)}
    assert {each.name for each in attributes_of(ObjectClass.VEHICLE)} == {
        "vehicle_type",
        "vehicle_colour",
    }


def test_what_is_not_in_the_label_sets_is_named() -> None:
    values = {"gender": "male", "upper_colour": "teal", "mood": "good", "vehicle_type": "car"}
    assert unknown_in(ObjectClass.PERSON, values) == ["upper_colour=teal", "mood", "vehicle_type"]
    assert unknown_in(ObjectClass.VEHICLE, {"vehicle_type": "car"}) == []
