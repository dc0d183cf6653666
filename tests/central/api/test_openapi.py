"""The contract that callers read: OpenAPI 3.1 with examples that are true."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from central.api.app import describe
from tests.central.asking import Centre

CONTRACT = Path(__file__).resolve().parents[3] / "docs" / "openapi.json"
_METHODS = {"get", "post", "patch", "delete", "put"}


@pytest.fixture
def document(centre: Centre) -> dict[str, Any]:
    return centre.get("/openapi.json")


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in _METHODS:
                yield f"{method} {path}", operation


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_the_contract_in_the_documents_is_the_one_that_is_served(
    document: dict[str, Any],
) -> None:
    kept = json.loads(CONTRACT.read_text(encoding="utf-8"))
    version = {"version": document["info"]["version"]}
    kept["info"] |= version
    assert kept == document, "the API changed: renew docs/openapi.json by `make openapi`"
    assert json.loads(json.dumps(describe())) == document


def test_every_operation_has_a_name_a_sentence_and_a_problem(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert "loopback only" in document["info"]["description"]
    names = []
    for where, operation in operations(document):
        names.append(operation["operationId"])
        assert operation["description"], where
        assert "application/problem+json" in operation["responses"]["4XX"]["content"], where
    assert len(names) == len(set(names)) > 20


def test_every_schema_is_one_and_every_reference_leads_somewhere(
    document: dict[str, Any],
) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_example_is_valid(document: dict[str, Any]) -> None:
    checked = 0
    for name, schema in document["components"]["schemas"].items():
        whole = {**document, "$ref": f"#/components/schemas/{name}"}
        validator = jsonschema.Draft202012Validator(whole)
        for example in schema.get("examples", ()):
            validator.validate(example)
            checked += 1
    assert checked >= 6


def test_the_examples_of_requests_are_taken(centre: Centre, document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    camera = schemas["NewCamera"]["examples"][0]
    assert centre.post("/cameras", camera, 201)["id"] == camera["id"]
    for scope in schemas["CameraScope"]["examples"]:
        assert camera["id"] in centre.post("/cameras/select", scope)["ids"], scope
    # No such sightings are here, which is all that is wrong with these.
    for path, name in (("/search", "SearchRequest"), ("/routes", "RouteRequest")):
        assert "no sighting" in centre.post(path, schemas[name]["examples"][0], 404)["detail"]
