"""`dongseon central search` against a served centre."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from central.cli import app
from shared.errors import ConfigError
from shared.messages import Attribute
from shared.pictures import encode_webp
from tests.central.asking import Centre, centre, index

__all__ = ["centre", "index"]


def run(centre: Centre, *words: str) -> Result:
    settings = {"DONGSEON_CENTRAL_URL": str(centre.client.base_url), "COLUMNS": "200"}
    return CliRunner().invoke(app, ["search", *words], env=settings)


def answered(done: Result) -> dict[str, Any]:
    """The answer; the served centre, of the same process, writes its log before it."""
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index("{\n") :])
    return found


@pytest.fixture
def truck(centre: Centre) -> str:
    red = {"upper_colour": Attribute(value="red", confidence=0.9)}
    made = centre.sighting("cam-1", plate="12가3456", attributes=red, vector=centre.reader.vector)
    centre.sighting("cam-2", 3600, attributes={})
    centre.follow()
    return str(made)


def test_a_plate_is_asked_for_and_shown_with_why(centre: Centre, truck: str) -> None:
    done = run(centre, "--plate", "12?3456")
    assert done.exit_code == 0, done.output
    (line,) = [line for line in done.stdout.splitlines() if truck in line]
    assert "cam-1" in line
    assert "plate 12가3456 (wildcard), upper_colour=red" in line


def test_looks_are_told_as_a_band_and_reach_never_as_a_cosine(centre: Centre, truck: str) -> None:
    done = run(centre, "--like", truck)
    assert done.exit_code == 0, done.output
    score = answered(run(centre, "--json", "--like", truck))["candidates"][0]["score"]
    (line,) = [line for line in done.stdout.splitlines() if "cam-2" in line]
    assert re.search(r"likely|possible", line)
    assert "a camera has no place on the map" in line
    assert not re.search(r"-?[0-9]\.[0-9]", line), (score, line)


def test_every_option_narrows(centre: Centre, truck: str, tmp_path: Path) -> None:
    picture = tmp_path / "who.webp"
    picture.write_bytes(encode_webp(centre.rng.integers(0, 255, (240, 320, 3)).astype("uint8")))
    both = ["--from", "2026-07-20T00:00:00Z", "--to", "2026-07-20T23:00:00Z"]
    for words in (
        ["--attributes", "upper_colour=red"],
        ["--cameras", "cam-1,cam-7", *both],
        ["--text", "빨간 상의", *both],
        ["--like", truck, "--plate", "nobody99"],
        ["--limit", "1", "--plate", "3456", "--purpose", "report 1"],
    ):
        done = run(centre, "--json", *words)
        assert done.exit_code == 0, done.output
        found = [each["sighting"]["id"] for each in answered(done)["candidates"]]
        assert found == ([] if "--like" in words else [truck]), words
    looked = run(centre, "--json", "--picture", str(picture))
    assert len(answered(looked)["candidates"]) == 2


def test_words_that_were_not_understood_are_told(centre: Centre, truck: str) -> None:
    done = run(centre, "--text", "휘파람 부는 파란 상의")
    assert "understood: upper_colour=blue" in done.stdout
    assert "widely" not in done.stdout
    assert "not understood: 휘파람, 부는" in done.stdout
    assert "nothing fits" in done.stdout
    done = run(centre, "--text", "red SUV")
    assert "taken more widely: SUV as vehicle_type=car" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["--attributes", "red"],
        ["--attributes", "mood=good"],
        ["--radius", "here"],
        ["--from", "yesterday"],
        ["--plate", "?"],
    ],
)
def test_an_option_that_cannot_be_read_is_told(centre: Centre, words: list[str]) -> None:
    done = run(centre, *words)
    assert isinstance(done.exception, ConfigError)
