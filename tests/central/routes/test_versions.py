"""A route whose stops change keeps what it was."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text

from central.routes import repository
from tests.central.asking import Centre
from tests.central.routes.scenes import build, stand


def put(
    centre: Centre, route: str, *sightings: UUID, match: str | None = None, **more: object
) -> httpx.Response:
    body = {"stops": [{"sighting_id": str(one)} for one in sightings], **more}
    headers = {} if match is None else {"if-match": match}
    return centre.client.put(f"/api/v1/routes/{route}/stops", json=body, headers=headers)


def tag_of(centre: Centre, route: str) -> str:
    return centre.client.get(f"/api/v1/routes/{route}").headers["etag"]


@pytest.fixture
def made(centre: Centre) -> tuple[Centre, dict[str, Any], list[UUID]]:
    stand(centre, "ABC")
    seen = [centre.sighting(name, 100 * number) for number, name in enumerate("ABC")]
    return centre, build(centre, seen[0], seen[2], purpose="report 7", searched="by hand"), seen


def test_other_stops_make_the_next_version_and_the_old_one_is_kept(
    made: tuple[Centre, dict[str, Any], list[UUID]],
) -> None:
    centre, first, seen = made
    assert (first["version"], first["purpose"], first["searched"]) == (1, "report 7", "by hand")
    answer = put(centre, first["id"], *seen, purpose="report 7, again")
    assert answer.status_code == 200, answer.text
    second = answer.json()
    assert (second["version"], second["name"], len(second["stops"])) == (2, "테스트", 3)
    assert second["created_at"] == first["created_at"]
    assert centre.get(f"/routes/{first['id']}") == second
    assert centre.get(f"/routes/{first['id']}", version=1) == first
    listed = centre.get(f"/routes/{first['id']}/versions")["items"]
    assert [(each["version"], each["stops"], each["purpose"]) for each in listed] == [
        (2, 3, "report 7, again"),
        (1, 2, "report 7"),
    ]
    assert [each["version"] for each in centre.get("/routes")["items"]] == [2]
    assert centre.get(f"/routes/{first['id']}.geojson", version=1) == first["geojson"]
    with centre.engine.connect() as connection:
        kept = connection.execute(text("SELECT version, piece FROM route_paths ORDER BY 1, 2"))
        assert [tuple(row) for row in kept] == [(1, 1), (2, 1)]


def test_a_change_of_what_was_changed_since_is_refused(
    made: tuple[Centre, dict[str, Any], list[UUID]],
) -> None:
    centre, first, seen = made
    tag = tag_of(centre, first["id"])
    assert put(centre, first["id"], *seen, match=tag).status_code == 200
    late = put(centre, first["id"], seen[0], match=tag)
    assert late.status_code == 412
    assert "changed since" in late.json()["detail"]
    assert put(centre, first["id"], seen[0], match=tag_of(centre, first["id"])).status_code == 200
    unchanged = centre.client.get(
        f"/api/v1/routes/{first['id']}", headers={"if-none-match": tag_of(centre, first["id"])}
    )
    assert unchanged.status_code == 304


def test_a_stop_whose_sighting_expired_may_stay_but_no_other_comes(
    made: tuple[Centre, dict[str, Any], list[UUID]],
) -> None:
    centre, first, seen = made
    with centre.engine.begin() as connection:
        connection.execute(text("DELETE FROM sightings WHERE id = ANY(:ids)"), {"ids": seen[:2]})
    changed = put(centre, first["id"], seen[0], seen[2]).json()
    assert changed["expired"] == [str(seen[0])]
    assert changed["stops"] == first["stops"]
    assert put(centre, first["id"], *seen).status_code == 404


def test_what_cannot_be_changed_says_why(
    made: tuple[Centre, dict[str, Any], list[UUID]], monkeypatch: pytest.MonkeyPatch
) -> None:
    centre, first, seen = made
    assert put(centre, str(uuid4()), seen[0]).status_code == 404
    assert put(centre, first["id"]).status_code == 422
    assert put(centre, first["id"], seen[0], seen[0]).status_code == 422
    centre.get(f"/routes/{first['id']}", 404, version=9)
    centre.get(f"/routes/{first['id']}", 422, version=0)
    centre.get(f"/routes/{uuid4()}/versions", 404)
    centre.get(f"/routes/{first['id']}/versions", 422, cursor="eHl6")
    monkeypatch.setattr(repository, "MAX_VERSIONS", 1)
    assert put(centre, first["id"], seen[0]).status_code == 409
