"""The typed client against a served centre."""

from collections.abc import Iterator
from itertools import islice
from uuid import uuid4

import httpx
import pytest

from central.asking.parsed import Question
from central.asking.saved import NewSavedSearch
from central.cameras.model import CameraChange, NewCamera
from central.cameras.selection import CameraScope
from central.client import (
    CentralClient,
    CentreAway,
    CentreFault,
    ChangedMeanwhile,
    Conflicting,
    NotThere,
    Refused,
    Retries,
    TooOften,
)
from central.routes.model import RouteRequest, StopRequest
from central.search.model import By, PictureObject, SearchRequest
from shared.pictures import encode_webp
from tests.central.asking import Centre, centre, index

__all__ = ["centre", "index"]


@pytest.fixture
def client(centre: Centre) -> Iterator[CentralClient]:
    with CentralClient(str(centre.client.base_url)) as client:
        yield client


def test_what_can_be_asked_of_a_centre(centre: Centre, client: CentralClient) -> None:
    centre.camera("cam-1", 127.0, 37.5)
    ids = [centre.sighting(at_s=number, plate="12가3456") for number in range(3)]
    centre.follow()
    alike = client.search(SearchRequest(by=By(sighting_id=ids[0])))
    assert {each.sighting.id for each in alike.candidates} == set(ids[1:])
    assert len(client.search(SearchRequest(plate="12?3456")).candidates) == 3
    parsed = client.parse(Question(text="12가3456"))
    assert len(client.search(parsed.request).candidates) == 3
    picture = encode_webp(centre.rng.integers(0, 255, (240, 320, 3)).astype("uint8"))
    offered = client.upload_picture(picture)
    person = PictureObject(picture=offered.id, object=0)
    assert client.search(SearchRequest(by=By(pictures=[person]), limit=1)).candidates
    assert client.sighting(ids[0]).plate == "12가3456"
    assert client.crop(ids[0])[8:12] == b"WEBP"
    assert client.select(CameraScope(ids=["cam-1", "x"])).unknown == ["x"]
    route = client.create_route(RouteRequest(stops=[StopRequest(sighting_id=ids[0])]))
    assert len(route.stops) == 1
    assert client.status().sightings == 3
    kept = client.save_search(NewSavedSearch(name="x", request=SearchRequest(plate="3456")))
    assert [each.id for each in client.saved_searches()] == [kept.id]
    assert len(client.run_saved_search(kept.id).candidates) == 3


def test_a_list_is_asked_for_page_by_page_as_it_is_consumed(
    centre: Centre, client: CentralClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("central.client.client._PAGE", 2)
    for number in range(5):
        client.create_camera(NewCamera(id=f"cam-{number}", name="x"))
    assert [each.id for each in client.cameras()] == [f"cam-{number}" for number in range(5)]
    assert len(list(islice(client.cameras(placed="false"), 3))) == 3
    centre.sighting()
    assert len(list(client.sightings(camera="cam-1"))) == 1


def test_errors_are_told_apart_by_kind_and_keep_what_the_centre_said(
    client: CentralClient,
) -> None:
    client.create_camera(NewCamera(id="a", name="x"))
    with pytest.raises(Conflicting, match="there is a camera a already"):
        client.create_camera(NewCamera(id="a", name="x"))
    with pytest.raises(NotThere) as found:
        client.sighting(uuid4())
    assert found.value.problem is not None
    assert found.value.problem.status == 404
    with pytest.raises(Refused, match="limit"):
        list(client.cameras(limit="x"))
    camera, etag = client.camera("a")
    client.change_camera(camera.id, CameraChange(name="y"), etag)
    with pytest.raises(ChangedMeanwhile):
        client.change_camera(camera.id, CameraChange(name="z"), etag)
    with (
        CentralClient("http://127.0.0.1:1", retries=Retries(most=0)) as nobody,
        pytest.raises(CentreAway, match="central serve"),
    ):
        nobody.status()


def answering(*answers: httpx.Response | Exception) -> tuple[CentralClient, list[httpx.Request]]:
    """A client whose centre gives these answers in turn, and what it was asked."""
    asked: list[httpx.Request] = []
    waiting = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        found = next(waiting)
        if isinstance(found, Exception):
            raise found
        return found

    retries = Retries(most=2, wait=lambda _: None)
    transport = httpx.MockTransport(answer)
    return CentralClient("http://centre", retries=retries, transport=transport), asked


CAMERA = {"id": "a", "name": "x"}


def test_what_makes_something_is_sent_again_with_the_same_key() -> None:
    client, asked = answering(
        httpx.ConnectError("gone"), httpx.Response(503), httpx.Response(201, json=CAMERA)
    )
    assert client.create_camera(NewCamera(id="a", name="x")).id == "a"
    keys = {request.headers["idempotency-key"] for request in asked}
    assert (len(asked), len(keys)) == (3, 1)


def test_what_the_centre_is_still_at_work_on_is_asked_for_until_it_is_done() -> None:
    at_work = [httpx.Response(409, headers={"retry-after": "1"}) for _ in range(5)]
    made = httpx.Response(201, json=CAMERA)
    client, asked = answering(httpx.ReadTimeout("slow"), *at_work, made)
    assert client.create_camera(NewCamera(id="a", name="x")).id == "a"
    keys = {request.headers["idempotency-key"] for request in asked}
    assert (len(asked), len(keys)) == (7, 1)
    client, asked = answering(
        *(httpx.Response(409, headers={"retry-after": "1"}) for _ in range(99))
    )
    with pytest.raises(Conflicting):
        client.create_camera(NewCamera(id="a", name="x"))
    assert len(asked) == 31


def test_a_change_is_never_sent_twice() -> None:
    client, asked = answering(httpx.ReadTimeout("slow"))
    with pytest.raises(CentreAway):
        client.change_camera("a", CameraChange(name="y"))
    assert len(asked) == 1


def test_a_search_that_takes_too_long_is_not_asked_again() -> None:
    client, asked = answering(httpx.ReadTimeout("slow"))
    with pytest.raises(CentreAway):
        client.search(SearchRequest())
    assert len(asked) == 1


def test_what_is_refused_is_not_sent_again_but_for_too_often() -> None:
    client, asked = answering(httpx.Response(404))
    with pytest.raises(NotThere, match="is it a centre"):
        client.status()
    assert len(asked) == 1
    client, asked = answering(*(httpx.Response(429, headers={"retry-after": "1"}) for _ in "abc"))
    with pytest.raises(TooOften):
        client.status()
    assert len(asked) == 3


def test_an_answer_that_is_none_is_told() -> None:
    client, _ = answering(httpx.Response(200, text="<html>"))
    with pytest.raises(CentreFault, match="of one version"):
        client.status()
    newer = {**CAMERA, "colour": "new"}
    client, _ = answering(httpx.Response(200, json=newer))
    assert client.camera("a").camera.id == "a"


def test_the_centre_says_how_long_to_wait_and_patience_ends() -> None:
    retries = Retries(first_s=0.2, longest_s=5)
    assert retries.pause(0, None) == 0.2
    assert retries.pause(2, None) == 0.8
    assert retries.pause(0, httpx.Response(429, headers={"retry-after": "3"})) == 3
    assert retries.pause(0, httpx.Response(429, headers={"retry-after": "3600"})) == 5
