"""Sightings by what they show in words, and by plate, over the API with a real database."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from shared.attributes import ATTRIBUTES
from shared.classes import ObjectClass
from shared.messages import Attribute
from tests.central.asking import Centre


def said(**values: tuple[str, float]) -> dict[str, Attribute]:
    return {
        name: Attribute(value=value, confidence=confidence)
        for name, (value, confidence) in values.items()
    }


@pytest.fixture
def seen(centre: Centre) -> dict[str, UUID]:
    """One with a red top and a backpack, one in pink without, a red car, and someone unread."""
    return {
        "red": centre.sighting(
            at_s=0, attributes=said(upper_colour=("red", 0.9), backpack=("yes", 0.55))
        ),
        "pink": centre.sighting(
            at_s=10, attributes=said(upper_colour=("pink", 0.6), backpack=("no", 0.8))
        ),
        "car": centre.sighting(
            at_s=20,
            object_class=ObjectClass.VEHICLE,
            attributes=said(vehicle_colour=("red", 0.7), vehicle_type=("car", 0.95)),
            plate="12가3456",
        ),
        "unread": centre.sighting(at_s=30, attributes={}),
    }


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({"attribute": ["upper_colour=red"]}, ["red"], id="one value"),
        pytest.param(
            {"attribute": ["upper_colour=red", "upper_colour=pink"]},
            ["pink", "red"],
            id="values of one attribute are alternatives",
        ),
        pytest.param(
            {"attribute": ["upper_colour=red", "upper_colour=pink", "backpack=no"]},
            ["pink"],
            id="different attributes must all fit",
        ),
        pytest.param(
            {
                "attribute": ["upper_colour=red", "upper_colour=pink"],
                "least_confidence": "0.7",
            },
            ["red"],
            id="those that are sure enough",
        ),
        pytest.param(
            {"attribute": ["upper_colour=red", "backpack=yes"], "least_confidence": "0.7"},
            [],
            id="every one of the attributes must be sure enough",
        ),
        pytest.param(
            {"attribute": ["vehicle_colour=red"], "object_class": "vehicle"}, ["car"], id="a car"
        ),
        pytest.param({"plate": "12가3456"}, ["car"], id="a plate"),
        pytest.param({"plate": "12가345"}, [], id="no part of a plate"),
        pytest.param({"attribute": ["upper_colour=blue"]}, [], id="nobody in blue"),
        pytest.param({"least_confidence": "1"}, ["unread", "car", "pink", "red"], id="no filter"),
    ],
)
def test_the_list_is_narrowed_by_what_is_seen(
    centre: Centre, seen: dict[str, UUID], asked: dict[str, Any], expected: list[str]
) -> None:
    answer = centre.client.get("/api/v1/sightings", params=asked)
    assert answer.status_code == 200, answer.text
    assert [item["id"] for item in answer.json()["items"]] == [str(seen[name]) for name in expected]


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        pytest.param("upper_colour=teal", "black, white, grey", id="another value"),
        pytest.param("mood=good", "gender, hair_length", id="another attribute"),
        pytest.param("red", "name=value", id="no pair"),
    ],
)
def test_a_word_that_is_not_in_the_label_sets_is_answered_with_those_that_are(
    centre: Centre, pair: str, told: str
) -> None:
    problem = centre.get("/sightings", 422, attribute=pair)
    (error,) = problem["errors"]
    assert error["where"] == "query.attribute"
    assert told in error["what"]
    assert told in problem["detail"]


def test_the_label_sets_are_given_in_both_languages(centre: Centre) -> None:
    items = centre.get("/attributes")["items"]
    assert [item["name"] for item in items] == list(ATTRIBUTES)
    upper = next(item for item in items if item["name"] == "upper_colour")
    assert upper["object_class"] == "person"
    assert upper["names"] == {"ko": "상의 색", "en": "upper clothing"}
    red = next(value for value in upper["values"] if value["value"] == "red")
    assert red["names"] == {"ko": "빨강", "en": "red"}
    assert "빨간색" in red["also"]


def test_an_attribute_from_a_newer_box_is_kept_and_given(centre: Centre) -> None:
    identifier = centre.sighting(attributes=said(sleeves=("long", 0.5)))
    found = centre.get(f"/sightings/{identifier}")
    assert found["attributes"] == {"sleeves": {"value": "long", "confidence": 0.5}}


def test_a_rare_word_is_found_by_its_index(centre: Centre, seen: dict[str, UUID]) -> None:
    with centre.engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(
            text(
                "EXPLAIN SELECT id FROM sightings "
                "WHERE attribute_pairs(attributes) && ARRAY['upper_colour=red']"
            )
        ).scalars()
        assert "attribute_pairs" in "\n".join(plan)
    assert seen
