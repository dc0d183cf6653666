"""Keys that make a POST happen once, ETags, rates, and searches that are saved."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from central.api import kept_answers
from central.api.app import create_app
from central.asking import saved
from central.asking.saved import NewSavedSearch
from central.cameras import repository
from central.clips.store import ClipStore
from central.upkeep import Upkeep
from shared.clock import Clock
from shared.pictures import encode_webp
from tests.central.asking import Centre, serve
from tests.central.keeping import NOON_MS
from tests.waiting import LONG_S

PROBLEM = "application/problem+json"
CAMERA = {"id": "cam-a", "name": "A"}
SAVED = {"name": "white truck", "request": {"attributes": {"vehicle_type": ["truck"]}}}


def post(centre: Centre, body: object, key: str, path: str = "/cameras") -> httpx.Response:
    return centre.client.post(f"/api/v1{path}", json=body, headers={"idempotency-key": key})


def test_a_post_that_is_sent_again_does_its_work_once(centre: Centre) -> None:
    first = post(centre, CAMERA, "k1")
    again = post(centre, CAMERA, "k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert post(centre, CAMERA, "k2").status_code == 409  # taken: a new key is a new request
    assert len(centre.get("/cameras")["items"]) == 1


def test_a_key_belongs_to_one_body_and_one_path(centre: Centre) -> None:
    post(centre, CAMERA, "k1")
    other = post(centre, {**CAMERA, "id": "cam-b"}, "k1")
    assert (other.status_code, other.headers["content-type"]) == (422, PROBLEM)
    assert "another request" in other.json()["detail"]
    assert post(centre, SAVED, "k1", "/saved-searches").status_code == 201


def test_what_failed_may_be_tried_again_with_its_key(centre: Centre) -> None:
    assert post(centre, {"id": "cam-a"}, "k1").status_code == 422
    assert post(centre, CAMERA, "k1").status_code == 201


@pytest.mark.parametrize("key", ["", "k" * 201, "k\tk"])
def test_what_is_no_key_is_refused(centre: Centre, key: str) -> None:
    answer = post(centre, CAMERA, key)
    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)


def test_of_two_at_once_one_works_and_the_other_is_told_or_waits(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, began, go_on = saved.create, threading.Event(), threading.Event()

    def slow(engine: Engine, clock: Clock, new: NewSavedSearch) -> saved.SavedSearch:
        began.set()
        assert go_on.wait(LONG_S)
        return create(engine, clock, new)

    monkeypatch.setattr(saved, "create", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(post, centre, SAVED, "k1", "/saved-searches")
        assert began.wait(LONG_S)
        second = post(centre, SAVED, "k1", "/saved-searches")
        go_on.set()
        assert first.result().status_code == 201
    assert second.status_code == 409
    assert second.headers["retry-after"] == "1"
    third = post(centre, SAVED, "k1", "/saved-searches")
    assert third.json() == first.result().json()
    assert third.headers["etag"] == first.result().headers["etag"]
    assert len(centre.get("/saved-searches")["items"]) == 1


def test_a_request_that_a_dead_process_began_may_be_sent_again(centre: Centre) -> None:
    name = kept_answers.KeyName("from:127.0.0.1", "/api/v1/cameras", "k1")
    kept_answers.begin(centre.engine, name, b"x", centre.services.clock.now_ms())
    assert post(centre, CAMERA, "k1").status_code == 422
    centre.keeping.clock.advance(301)
    assert post(centre, CAMERA, "k1").status_code == 201


def test_who_counted_as_broken_off_does_not_answer_for_who_came_after(engine: Engine) -> None:
    name = kept_answers.KeyName("from:127.0.0.1", "/api/v1/cameras", "k1")
    slow, next_one = kept_answers.Answer(201, None, {}, b"slow"), NOON_MS + 300_000
    assert kept_answers.begin(engine, name, b"x", NOON_MS) is None
    assert kept_answers.begin(engine, name, b"x", next_one) is None
    kept_answers.end(engine, name, NOON_MS, slow)
    with pytest.raises(kept_answers.InProgress):
        kept_answers.begin(engine, name, b"x", next_one)
    kept_answers.end(engine, name, NOON_MS, None)
    with pytest.raises(kept_answers.InProgress):
        kept_answers.begin(engine, name, b"x", next_one)
    answer = slow._replace(body=b"next")
    kept_answers.end(engine, name, next_one, answer)
    assert kept_answers.begin(engine, name, b"x", next_one) == answer


def test_a_form_is_the_same_whatever_its_boundary(centre: Centre) -> None:
    data = encode_webp(centre.rng.integers(0, 255, (240, 320, 3)).astype("uint8"))

    def upload(picture: bytes) -> httpx.Response:
        headers = {"idempotency-key": "k1"}
        files = {"file": ("street.webp", picture)}
        return centre.client.post("/api/v1/pictures", files=files, headers=headers)

    first, again = upload(data), upload(data)
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert upload(data + b"x").status_code == 422


def test_what_searches_found_is_not_kept_for_their_keys(centre: Centre) -> None:
    centre.camera("cam-1")
    centre.sighting(plate="12가3456")
    kept = centre.post("/saved-searches", SAVED, 201)
    asked = {
        "/search": {"plate": "12가3456"},
        f"/saved-searches/{kept['id']}/run": None,
        "/ask/parse": {"text": "12가3456"},
        "/cameras/select": {"ids": ["cam-1"]},
    }
    for path, body in asked.items():
        for _ in range(2):
            answer = post(centre, body, "k1", path)
            assert (answer.status_code, answer.headers.get("idempotency-replayed")) == (200, None)
    assert centre.keeping.count("idempotency_keys") == 0


def test_the_secret_of_a_webhook_is_kept_nowhere_but_with_the_webhook(centre: Centre) -> None:
    settings = centre.services.settings.model_copy(update={"webhook_hosts": ["127.0.0.1"]})
    services = replace(centre.services, settings=settings, registry=CollectorRegistry())
    hook = {"url": "http://127.0.0.1:9/hook"}
    with serve(create_app(services)) as client:
        key = {"idempotency-key": "k1"}
        first = client.post("/api/v1/watch/webhooks", json=hook, headers=key)
        again = client.post("/api/v1/watch/webhooks", json=hook, headers=key)
        listed = client.get("/api/v1/watch/webhooks").json()["items"]
    assert (first.status_code, again.status_code) == (201, 409)
    assert "shown once" in again.json()["detail"]
    assert "retry-after" not in again.headers
    assert len(listed) == 1
    assert centre.keeping.rows("SELECT status, body FROM idempotency_keys") == [(201, b"")]


def test_keys_and_pictures_are_forgotten_after_a_day(centre: Centre) -> None:
    post(centre, CAMERA, "k1")
    assert centre.keeping.count("idempotency_keys") == 1
    centre.keeping.clock.advance(86_401)
    _upkeep(centre).step()
    assert centre.keeping.count("idempotency_keys") == 0


def _upkeep(centre: Centre) -> Upkeep:
    clips = ClipStore(centre.services.settings.clips_dir)
    return Upkeep(
        centre.engine, centre.services.crops, clips, centre.services.clock, timedelta(days=30)
    )


def test_what_is_as_it_was_is_not_sent_again(centre: Centre) -> None:
    sighting = centre.sighting()
    for path in ("/cameras/cam-1", f"/sightings/{sighting}", "/attributes", "/cameras"):
        first = centre.client.get(f"/api/v1{path}")
        tag = first.headers["etag"]
        for wanted in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            same = centre.client.get(f"/api/v1{path}", headers={"if-none-match": wanted})
            assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag), path
        other = centre.client.get(f"/api/v1{path}", headers={"if-none-match": '"other"'})
        assert other.content == first.content


def test_one_more_sighting_is_news_of_a_camera_but_not_in_the_way_of_a_change(
    centre: Centre,
) -> None:
    centre.sighting()
    tag = centre.client.get("/api/v1/cameras/cam-1").headers["etag"]
    centre.sighting()
    url = "/api/v1/cameras/cam-1"
    assert centre.client.get(url, headers={"if-none-match": tag}).status_code == 200
    assert centre.client.patch(url, json={"name": "x"}, headers={"if-match": tag}).is_success


def test_what_changed_meanwhile_is_not_overwritten(centre: Centre) -> None:
    centre.camera("cam-a")
    url = "/api/v1/cameras/cam-a"
    tag = centre.client.get(url).headers["etag"]
    changed = centre.client.patch(url, json={"name": "one"}, headers={"if-match": tag})
    assert changed.json()["name"] == "one"
    late = centre.client.patch(url, json={"name": "two"}, headers={"if-match": tag})
    assert (late.status_code, late.headers["content-type"]) == (412, PROBLEM)
    assert centre.client.delete(url, headers={"if-match": tag}).status_code == 412
    assert centre.get("/cameras/cam-a")["name"] == "one"
    newest = changed.headers["etag"]
    assert centre.client.patch(url, json={"name": "2"}, headers={"if-match": "*"}).is_success
    assert centre.client.delete(url, headers={"if-match": newest}).status_code == 412
    assert centre.client.delete(url).status_code == 204


def test_a_tag_that_a_proxy_made_weak_names_the_same_thing(centre: Centre) -> None:
    centre.camera("cam-a")
    url = "/api/v1/cameras/cam-a"
    weak = {"if-match": f"W/{centre.client.get(url).headers['etag']}"}
    assert centre.client.patch(url, json={"name": "one"}, headers=weak).is_success
    assert centre.client.patch(url, json={"name": "two"}, headers=weak).status_code == 412


def test_a_group_that_changed_meanwhile_is_not_overwritten(centre: Centre) -> None:
    made = centre.client.post("/api/v1/camera-groups", json={"name": "schools"})
    url, tag = "/api/v1/camera-groups/schools", made.headers["etag"]
    assert centre.client.get(url).headers["etag"] == tag
    changed = centre.client.patch(url, json={"retention_days": 9}, headers={"if-match": tag})
    assert changed.json()["retention_days"] == 9
    late = centre.client.patch(url, json={"retention_days": 8}, headers={"if-match": tag})
    assert (late.status_code, late.headers["content-type"]) == (412, PROBLEM)
    assert centre.client.delete(url, headers={"if-match": tag}).status_code == 412
    newest = changed.headers["etag"]
    assert centre.client.delete(url, headers={"if-match": newest}).status_code == 204


def test_of_changes_at_once_one_wins(centre: Centre) -> None:
    centre.camera("cam-a")
    url = "/api/v1/cameras/cam-a"
    tag = centre.client.get(url).headers["etag"]

    def change(number: int) -> int:
        asked = {"name": f"name {number}"}
        return centre.client.patch(url, json=asked, headers={"if-match": tag}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(change, range(4))) == [200, 412, 412, 412]


def test_a_saved_search_is_kept_changed_run_and_deleted(centre: Centre) -> None:
    truck = centre.sighting(plate="12가3456")
    centre.sighting(plate="98나7654")
    asked = {**SAVED, "purpose": "report 1", "request": {"plate": "12?3456", "limit": 5}}
    made = centre.client.post("/api/v1/saved-searches", json=asked)
    kept = made.json()
    assert (made.status_code, kept["version"]) == (201, 1)
    url = f"/api/v1/saved-searches/{kept['id']}"
    got = centre.client.get(url)
    assert (got.json(), got.headers["etag"]) == (kept, made.headers["etag"])
    found = centre.post(f"/saved-searches/{kept['id']}/run", None)
    assert [each["sighting"]["id"] for each in found["candidates"]] == [str(truck)]
    changed = centre.client.put(url, json=SAVED, headers={"if-match": made.headers["etag"]})
    assert (changed.json()["version"], changed.json()["name"]) == (2, "white truck")
    stale = centre.client.put(url, json=asked, headers={"if-match": made.headers["etag"]})
    assert stale.status_code == 412
    (listed,) = centre.get("/saved-searches")["items"]
    assert (listed["id"], listed["version"]) == (kept["id"], 2)
    assert centre.client.delete(url, headers={"if-match": got.headers["etag"]}).status_code == 412
    assert centre.client.delete(url).status_code == 204
    assert centre.client.get(url).status_code == 404
    assert centre.client.delete(url).status_code == 404


def test_saved_searches_are_pages_and_capped(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved, "MAX_SAVED", 5)
    for number in range(5):
        centre.keeping.clock.advance(1)
        centre.post("/saved-searches", {**SAVED, "name": f"{number}"}, 201)
    first = centre.get("/saved-searches", limit=3)
    rest = centre.get("/saved-searches", limit=3, cursor=first["next_cursor"])
    assert [each["name"] for each in first["items"] + rest["items"]] == ["4", "3", "2", "1", "0"]
    assert rest["next_cursor"] is None
    assert "delete some" in centre.post("/saved-searches", SAVED, 409)["detail"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "'; DROP TABLE x; --", "YXxi", "../../etc"])
@pytest.mark.parametrize("path", ["/saved-searches", "/sightings", "/routes", "/quarantine"])
def test_a_cursor_that_nobody_gave_out_is_refused(centre: Centre, path: str, cursor: str) -> None:
    assert "cursor" in centre.get(path, 422, cursor=cursor)["detail"]


@pytest.fixture
def strict(centre: Centre) -> Iterator[httpx.Client]:
    """The centre with a rate of three an hour, behind a proxy that says who asks."""
    settings = centre.services.settings.model_copy(
        update={"rate_limit": "3/hour", "caller_header": "X-Forwarded-User"}
    )
    services = replace(centre.services, settings=settings, registry=CollectorRegistry())
    with serve(create_app(services)) as client:
        yield client


def test_who_asks_too_often_is_told_when_to_ask_again(strict: httpx.Client) -> None:
    kim = {"x-forwarded-user": "kim"}
    for _ in range(3):
        assert strict.get("/api/v1/attributes", headers=kim).status_code == 200
    over = strict.get("/api/v1/attributes", headers=kim)
    assert (over.status_code, over.headers["content-type"]) == (429, PROBLEM)
    assert 3000 < int(over.headers["retry-after"]) <= 3600
    assert strict.get("/api/v1/attributes", headers={"x-forwarded-user": "lee"}).is_success
    assert strict.get("/health/live", headers=kim).is_success
    upload = strict.head("/api/v1/uploads/00000000-0000-7000-8000-000000000000", headers=kim)
    assert upload.status_code == 404


def test_no_more_callers_are_counted_than_there_is_room_for(
    strict: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("central.api.rates.MAX_CALLERS", 2)

    def ask(who: str) -> int:
        return strict.get("/api/v1/attributes", headers={"x-forwarded-user": who}).status_code

    assert [ask("kim") for _ in range(4)] == [200, 200, 200, 429]
    assert (ask("lee"), ask("kim")) == (200, 429)
    assert (ask("park"), ask("choi")) == (200, 200)
    assert ask("kim") == 200, "forgotten, for the sake of those who came since"


def test_a_flood_of_headers_is_cut_off_and_the_next_is_answered(centre: Centre) -> None:
    flood = {f"x-{number}": "a" * 100 for number in range(5_000)}
    try:
        answer = centre.client.get("/api/v1/attributes", headers=flood)
        assert answer.status_code in {400, 431}
    except httpx.TransportError:
        pass
    long = centre.client.get("/api/v1/attributes", headers={"if-none-match": '"x",' * 5_000})
    assert long.status_code == 200
    assert centre.client.get("/api/v1/attributes").status_code == 200


def test_words_of_sql_and_paths_are_data(centre: Centre) -> None:
    for word in ("'; DROP TABLE cameras; --", "../../etc/passwd", "%_\\", "${jndi:x}", "\u202e"):
        body = {**SAVED, "name": word, "purpose": word}
        kept = centre.post("/saved-searches", body, 201)
        assert centre.get(f"/saved-searches/{kept['id']}")["name"] == word
        centre.post("/search", {"purpose": word, "cameras": {"groups": [word]}}, 404)
        centre.post("/search", {"attributes": {word: [word]}}, 422)
        centre.post("/search", {"cameras": {"ids": [word]}}, 422)
    assert repository.page(centre.engine, repository.CameraFilter(), 10, None).items == []
