"""What every request meets: guards, problems, headers, metrics and the console."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from central.api.app import create_app
from central.cameras import repository
from tests.central.asking import Centre, serve

PROBLEM = "application/problem+json"
JSON = {"content-type": "application/json"}


def ask(centre: Centre, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return centre.client.get("/api/v1/cameras", headers=named)


def test_only_names_of_this_machine_are_answered(centre: Centre) -> None:
    for name in ("localhost", "LOCALHOST:8480", "127.0.0.1:1", "[::1]:8480"):
        assert ask(centre, host=name).status_code == 200, name
    for name in ("evil.example", "127.0.0.1.evil.example", "localhost.evil", "[::1", "a@b:c"):
        answer = ask(centre, host=name)
        assert (answer.status_code, answer.headers["content-type"]) == (421, PROBLEM), name


def test_a_page_of_another_origin_changes_nothing(centre: Centre) -> None:
    camera = {"id": "a", "name": "a"}
    for origin, status in (
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost:5173", 201),
    ):
        answer = centre.client.post("/api/v1/cameras", json=camera, headers={"origin": origin})
        assert answer.status_code == status, origin
    assert ask(centre, origin="https://evil.example").status_code == 200


def test_a_form_is_not_taken_for_json(centre: Centre) -> None:
    text = '{"id": "a", "name": "a"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = centre.client.post("/api/v1/cameras", content=text, headers={"content-type": kind})
        assert answer.status_code == 422


def test_every_answer_carries_the_safe_headers(centre: Centre) -> None:
    for path in ("/", "/api/v1/cameras", "/api/v1/nothing", "/health/live"):
        headers = centre.client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert ask(centre).headers["cache-control"] == "no-store"


def test_every_error_is_a_problem(centre: Centre) -> None:
    answers = (
        (centre.client.get("/api/v1/nothing"), 404),
        (centre.client.get("/nothing"), 404),
        (centre.client.put("/api/v1/cameras"), 405),
        (centre.client.get("/api/v1/cameras/nobody"), 404),
        (centre.client.get("/api/v1/cameras?limit=x"), 422),
        (centre.client.post("/api/v1/cameras", content=b"{garbage", headers=JSON), 400),
        (centre.client.post("/api/v1/cameras", content=b"\xff\xfe", headers=JSON), 400),
        (centre.client.post("/api/v1/cameras", content=b"[" * 100_000, headers=JSON), 400),
        (centre.client.post("/api/v1/cameras", content=b'{"\\ud800": 1}', headers=JSON), 422),
        (centre.client.post("/api/v1/cameras", content=b"", headers=JSON), 422),
        (centre.client.post("/api/v1/cameras", content=b"NaN", headers=JSON), 422),
    )
    for answer, status in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
        body = answer.json()
        assert {"type", "title", "status", "detail", "instance"} <= set(body)
        assert body["status"] == status


def test_a_fault_of_ours_is_a_problem_without_its_inside(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(repository, "get", fail)
    answer = centre.client.get("/api/v1/cameras/a")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "secret" not in answer.text


def test_a_body_is_cut_off_at_its_cap_announced_or_not(centre: Centre) -> None:
    def drip() -> Iterator[bytes]:
        yield b'{"id": "'
        for _ in range(5):
            yield b"a" * (1 << 20)

    for content in (b"a" * (5 << 20), drip()):
        answer = centre.client.post("/api/v1/cameras", content=content, headers=JSON)
        assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
    geojson = b" " * (17 << 20)
    answer = centre.client.post("/api/v1/cameras/import/geojson", content=geojson)
    assert answer.status_code == 413


def test_metrics_are_named_by_route_and_not_by_id(centre: Centre) -> None:
    centre.client.get("/api/v1/cameras/one")
    centre.client.get("/api/v1/cameras/two")
    centre.client.get("/api/v1/no/such/path")
    text = centre.client.get("/metrics").text
    series = 'dongseon_http_request_seconds_count{method="GET",route="%s",status="404"} %s'
    assert series % ("/api/v1/cameras/{camera}", "2.0") in text
    assert "/no/such/path" not in text
    assert "cameras/one" not in text


def test_the_root_says_how_to_build_the_console_until_it_is_built(centre: Centre) -> None:
    page = centre.client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "make console" in page.text


def test_a_built_console_is_served_beside_the_api(centre: Centre, tmp_path: Path) -> None:
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<!doctype html><title>console</title>")
    (tmp_path / "dist" / "assets" / "main.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    services = replace(centre.services, registry=CollectorRegistry())
    with serve(create_app(services, console=tmp_path / "dist")) as client:
        assert "console" in client.get("/").text
        assert "javascript" in client.get("/assets/main.js").headers["content-type"]
        assert client.get("/health/live").status_code == 200
        assert client.get("/api/v1/cameras").status_code == 200
        for path in ("/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"):
            assert client.get(path).status_code == 404
