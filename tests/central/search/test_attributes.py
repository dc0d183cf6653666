"""Who looks like this, and wears a red top? Over the API, with the real index and database."""

import json
from typing import Any

import numpy as np
import pytest

from shared.messages import Attribute
from shared.pictures import encode_webp
from shared.vectors import Vector, normalised
from tests.central.asking import Centre
from tests.factories import unit_vector

COLOURS = ("red", "blue", "black")
RED = {"upper_colour": ["red"]}


@pytest.fixture
def person() -> Vector:
    return unit_vector(np.random.default_rng(5))


@pytest.fixture
def crowd(centre: Centre, person: Vector) -> list[str]:
    """Thirty, each a little less alike, in red, blue and black in turn, less sure each time."""
    rng = np.random.default_rng(6)
    made = []
    for number in range(30):
        noise = rng.standard_normal(person.size) / np.sqrt(person.size)
        colour = Attribute(value=COLOURS[number % 3], confidence=1 - number / 30)
        made.append(
            str(
                centre.sighting(
                    at_s=number,
                    vector=normalised(person + 0.05 * number * noise),
                    attributes={"upper_colour": colour},
                )
            )
        )
    centre.follow()
    return made


def ids(answer: dict[str, Any]) -> list[str]:
    return [candidate["sighting"]["id"] for candidate in answer["candidates"]]


def test_candidates_are_the_best_of_those_that_have_the_attributes(
    centre: Centre, crowd: list[str]
) -> None:
    by = {"by": {"sighting_id": crowd[0]}}
    plain = ids(centre.post("/search", by))
    answer = centre.post("/search", {**by, "attributes": RED, "limit": 5})
    red = {each for number, each in enumerate(crowd) if number % 3 == 0}
    assert ids(answer) == [each for each in plain if each in red][:5]
    assert [each["rank"] for each in answer["candidates"]] == [1, 2, 3, 4, 5]
    assert (answer["source"], answer["exact"], answer["note"]) == ("index", True, None)


def test_only_those_that_are_sure_enough_count(centre: Centre, crowd: list[str]) -> None:
    asked = {"by": {"sighting_id": crowd[0]}, "attributes": RED, "least_confidence": 0.55}
    assert set(ids(centre.post("/search", asked))) == {crowd[3], crowd[6], crowd[9], crowd[12]}


def test_however_rare_the_attributes_are_all_that_fit_are_compared(
    centre: Centre, crowd: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    by = {"by": {"sighting_id": crowd[0]}}
    plain = ids(centre.post("/search", by))
    red = {each for number, each in enumerate(crowd) if number % 3 == 0}
    monkeypatch.setattr("central.search.finding.DEPTHS", (2, 8))
    monkeypatch.setattr("central.search.ranking.DEPTH", 7)
    answer = centre.post("/search", {**by, "attributes": RED, "limit": 7})
    assert ids(answer) == [each for each in plain if each in red][:7]
    assert (answer["source"], answer["exact"]) == ("database", True)
    assert "fit the filters" in answer["note"]


def test_a_picture_is_searched_with_attributes_too(
    centre: Centre, crowd: list[str], person: Vector
) -> None:
    centre.reader.vector = person
    picture = encode_webp(np.full((128, 64, 3), 90, dtype=np.uint8))
    answer = centre.client.post(
        "/api/v1/search/picture",
        files={"file": ("who.webp", picture)},
        data={"request": json.dumps({"attributes": RED, "limit": 1})},
    )
    assert answer.status_code == 200, answer.text
    assert ids(answer.json()) == [crowd[0]]


def test_a_wrong_value_is_answered_with_the_right_ones(centre: Centre, crowd: list[str]) -> None:
    asked = {"by": {"sighting_id": crowd[0]}, "attributes": {"backpack": ["maybe"]}}
    problem = centre.post("/search", asked, 422)
    (error,) = problem["errors"]
    assert error["where"].startswith("body.attributes")
    assert "backpack cannot be 'maybe'; it is one of yes, no" in error["what"]
