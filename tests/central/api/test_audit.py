"""Whoever sees people is in the log, by the name that the proxy gives, or by address."""

from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from central.api.app import create_app
from central.audit import asker, audit
from shared.pictures import encode_webp
from tests.central.asking import Centre, serve

Lines = list[MutableMapping[str, Any]]
KIM = {"x-forwarded-user": "kim"}


@pytest.fixture
def behind(centre: Centre) -> Iterator[httpx.Client]:
    """The centre behind a proxy that says who asks."""
    settings = centre.services.settings.model_copy(update={"caller_header": "X-Forwarded-User"})
    services = replace(centre.services, settings=settings, registry=CollectorRegistry())
    with serve(create_app(services)) as client:
        client.headers.update(KIM)
        yield client


@pytest.fixture
def lines(behind: httpx.Client) -> Iterator[Lines]:
    assert behind.is_closed is False
    with capture_logs() as lines:
        yield lines


def test_what_is_looked_at_is_a_line_with_a_name(
    centre: Centre, behind: httpx.Client, lines: Lines
) -> None:
    seen = centre.sighting(plate="12가3456")
    behind.get("/api/v1/sightings", params={"plate": "12가3456", "limit": 5})
    behind.get(f"/api/v1/sightings/{seen}")
    assert behind.get(f"/api/v1/sightings/{seen}/crop").is_success
    data = encode_webp(centre.rng.integers(0, 255, (240, 320, 3)).astype("uint8"))
    picture = behind.post("/api/v1/pictures", content=data).json()
    behind.get(picture["objects"][0]["crop_url"])
    behind.get("/api/v1/watch")
    behind.get("/api/v1/watch/alerts")
    told = [line for line in lines if "who" in line]
    assert [line["event"] for line in told] == [
        "sightings",
        "sighting",
        "crop",
        "picture",
        "picture",
        "watch list read",
        "alerts read",
    ]
    assert {line["who"] for line in told} == {"named:kim"}
    assert told[0]["filters"] == {"plate": "12가3456", "limit": 5}
    assert (told[0]["found"], told[2]["sighting"]) == (1, str(seen))
    assert told[3]["picture"] == picture["id"]


def test_a_search_is_told_with_all_that_it_asked_for(
    behind: httpx.Client, lines: Lines, centre: Centre
) -> None:
    centre.camera("cam-1", 127.0, 37.5)
    radius = {"center": {"lon": 127.0, "lat": 37.5}, "metres": 500.0}
    asked = {
        "plate": "12가3456",
        "cameras": {"radius": radius, "ids": ["cam-1", "cam-2"]},
        "hours": {"from": "22:00", "to": "05:00"},
        "purpose": "report 1",
    }
    answer = behind.post("/api/v1/search", json=asked)
    assert answer.is_success, answer.text
    (line,) = lines
    assert (line["event"], line["who"], line["purpose"]) == ("search", "named:kim", "report 1")
    assert line["scope"] == {"ids": 2, "radius": str(radius)}
    assert line["hours"]["from"] == "22:00"
    assert (line["confirmed"], line["rejected"], line["candidates"]) == (0, 0, 0)


def test_a_search_that_fails_is_told_too(behind: httpx.Client, lines: Lines) -> None:
    nobody = str(uuid4())
    asked = {"by": {"sighting_id": nobody}, "purpose": "report 1"}
    assert behind.post("/api/v1/search", json=asked).status_code == 404
    (line,) = lines
    assert (line["event"], line["who"], line["error"]) == (
        "search failed",
        "named:kim",
        "NotFoundError",
    )
    assert (line["sightings"], line["purpose"]) == ([nobody], "report 1")


def test_saved_searches_are_told_from_beginning_to_end(behind: httpx.Client, lines: Lines) -> None:
    new = {"name": "truck", "purpose": "report 1", "request": {"plate": "3456"}}
    url = "/api/v1/saved-searches"
    kept = behind.post(url, json=new).json()["id"]
    behind.post(f"{url}/{kept}/run")
    behind.put(f"{url}/{kept}", json=new)
    behind.delete(f"{url}/{kept}")
    said = [line.get("what", line["event"]) for line in lines]
    assert said == ["saved", "run", "search", "changed", "deleted"]
    assert {line["who"] for line in lines} == {"named:kim"}


def test_one_asker_is_not_taken_for_the_next(behind: httpx.Client, lines: Lines) -> None:
    for who in ("kim", "lee", ""):
        behind.get("/api/v1/sightings", headers={"x-forwarded-user": who})
    assert [line["who"] for line in lines] == ["named:kim", "named:lee", "from:127.0.0.1"]


def test_outside_of_requests_the_centre_itself_acts() -> None:
    with capture_logs() as lines:
        audit("purge")
    assert (asker(), lines[0]["who"]) == ("centre", "centre")
