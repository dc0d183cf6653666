"""Groups of cameras over the API."""

from tests.central.asking import Centre

GROUPS = "/camera-groups"


def make(centre: Centre, *cameras: str) -> None:
    for camera in cameras:
        centre.camera(camera)


def test_a_group_is_made_read_changed_and_deleted(centre: Centre) -> None:
    make(centre, "a", "b", "c")
    made = centre.post(GROUPS, {"name": "g", "retention_days": 60, "cameras": ["b", "a", "b"]}, 201)
    assert (made["cameras"], made["retention_days"]) == (["a", "b"], 60)
    assert centre.get(f"{GROUPS}/g") == made
    changed = patch(centre, "g", {"add": ["c"], "remove": ["a", "nobody"]})
    assert (changed["cameras"], changed["retention_days"]) == (["b", "c"], 60)
    assert patch(centre, "g", {"cameras": ["a"]})["cameras"] == ["a"]
    assert patch(centre, "g", {"retention_days": None})["retention_days"] is None
    renamed = patch(centre, "g", {"name": "h"})
    assert (renamed["name"], renamed["cameras"]) == ("h", ["a"])
    centre.get(f"{GROUPS}/g", 404)
    assert patch(centre, "h", {"cameras": []})["cameras"] == []
    assert centre.client.delete(f"/api/v1{GROUPS}/h").status_code == 204
    assert centre.client.delete(f"/api/v1{GROUPS}/h").status_code == 404
    assert len(centre.get("/cameras")["items"]) == 3


def test_a_camera_that_goes_leaves_its_groups(centre: Centre) -> None:
    make(centre, "a", "b")
    centre.post(GROUPS, {"name": "g", "cameras": ["a", "b"]}, 201)
    assert centre.client.delete("/api/v1/cameras/a").status_code == 204
    assert centre.get(f"{GROUPS}/g")["cameras"] == ["b"]


def test_groups_are_listed_by_name_in_pages(centre: Centre) -> None:
    make(centre, "a")
    for name in ("z", "m", "b"):
        centre.post(GROUPS, {"name": name, "cameras": ["a"]}, 201)
    first = centre.get(GROUPS, limit=2)
    assert [(item["name"], item["cameras"]) for item in first["items"]] == [("b", 1), ("m", 1)]
    rest = centre.get(GROUPS, limit=2, cursor=first["next_cursor"])
    assert [item["name"] for item in rest["items"]] == ["z"]
    assert rest["next_cursor"] is None


def test_what_cannot_be_a_group_is_refused_and_changes_nothing(centre: Centre) -> None:
    make(centre, "a")
    centre.post(GROUPS, {"name": "g", "cameras": ["a"]}, 201)
    centre.post(GROUPS, {"name": "other"}, 201)
    assert "already" in centre.post(GROUPS, {"name": "g"}, 409)["detail"]
    assert (
        "not registered: b" in centre.post(GROUPS, {"name": "h", "cameras": ["b"]}, 422)["detail"]
    )
    centre.get(f"{GROUPS}/h", 404)
    for wrong in (
        {"name": "../x"},
        {"name": ""},
        {"name": "x" * 65},
        {"name": "x", "retention_days": 0},
        {"name": "x", "retention_days": 3651},
        {"name": "x", "cameras": ["a'; DROP TABLE cameras"]},
        {"name": "x", "cameras": [f"c{n}" for n in range(20_001)]},
    ):
        centre.post(GROUPS, wrong, 422)
    for change in ({"name": None}, {"cameras": [], "add": ["a"]}, {"colour": "red"}):
        patch(centre, "g", change, 422)
    patch(centre, "g", {"name": "other"}, 409)
    patch(centre, "nobody", {"add": ["a"]}, 404)
    assert patch(centre, "g", {"add": ["b"]}, 422)
    assert centre.get(f"{GROUPS}/g")["cameras"] == ["a"]


def test_a_group_takes_20000_cameras(centre: Centre) -> None:
    ids = [f"c{n:05d}" for n in range(20_000)]
    with centre.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO cameras (id, name) SELECT 'c' || lpad(n::text, 5, '0'), 'x' "
            "FROM generate_series(0, 20000) n"
        )
    made = centre.post(GROUPS, {"name": "all", "cameras": ids}, 201)
    assert made["cameras"] == ids
    assert "over 20000" in str(patch(centre, "all", {"add": ["c20000"]}, 422)["detail"])
    assert patch(centre, "all", {"remove": ids[1:]})["cameras"] == ids[:1]


def patch(centre: Centre, group: str, change: object, status: int = 200) -> dict[str, object]:
    answer = centre.client.patch(f"/api/v1{GROUPS}/{group}", json=change)
    assert answer.status_code == status, answer.text
    found: dict[str, object] = answer.json()
    return found
