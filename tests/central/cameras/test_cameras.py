"""Cameras are registered, listed, moved and deleted."""

from tests.central.asking import Centre

GATE = {"id": "gate", "name": "정문", "position": {"lon": 127.0276, "lat": 37.4979}}


def test_a_registered_camera_is_given_back_as_it_was_sent(centre: Centre) -> None:
    sent = {**GATE, "box": "box-1", "height_m": 5.5, "azimuth_deg": 120, "properties": {"a": [1]}}
    made = centre.post("/cameras", sent, 201)
    rest = {"purpose": None, "address": None, "view": None, "sightings": None}
    assert made == sent | rest
    assert centre.get("/cameras/gate") == made | {"sightings": 0}


def test_an_id_is_taken_once(centre: Centre) -> None:
    centre.post("/cameras", GATE, 201)
    assert "gate" in centre.post("/cameras", GATE, 409)["detail"]


WRONG: tuple[tuple[dict[str, object], str], ...] = (
    ({"id": "../etc"}, "body.id"),
    ({"id": "a'; DROP TABLE cameras; --"}, "body.id"),
    ({"name": "nul \x00"}, "body.name"),
    ({"name": ""}, "body.name"),
    ({"position": {"lon": 181, "lat": 0}}, "body.position.lon"),
    ({"position": {"lon": 0, "lat": -90.1}}, "body.position.lat"),
    ({"height_m": 1e300}, "body.height_m"),
    ({"properties": {"a": "\x00"}}, "body.properties"),
    ({"properties": {"a": "x" * 20_000}}, "body.properties"),
    ({"colour": "red"}, "body.colour"),
    ({"box": "Box/1"}, "body.box"),
)


def test_what_a_camera_cannot_be_is_refused_where_it_is_wrong(centre: Centre) -> None:
    for changed, where in WRONG:
        problem = centre.post("/cameras", {**GATE, **changed}, 422)
        assert [error["where"] for error in problem["errors"]] == [where]


def test_quotes_and_brackets_in_a_name_are_only_a_name(centre: Centre) -> None:
    name = "Robert'); DROP TABLE cameras; -- <script> %s {0} \\"
    centre.post("/cameras", {**GATE, "name": name}, 201)
    assert centre.get("/cameras/gate")["name"] == name


def test_every_camera_is_on_exactly_one_page(centre: Centre) -> None:
    for number in range(7):
        centre.camera(f"cam-{number}", lon=number if number % 2 else None)
    seen, cursor = [], None
    while True:
        page = centre.get("/cameras", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [camera["id"] for camera in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"cam-{number}" for number in range(7)]
    placed = centre.get("/cameras", placed="true")["items"]
    assert [camera["id"] for camera in placed] == ["cam-1", "cam-3", "cam-5"]


def test_a_made_up_cursor_is_refused(centre: Centre) -> None:
    for cursor in ("!", "AAAA", "%00", "eA" * 80, "é", "x" * 1000):
        for path in ("/sightings", "/routes", "/quarantine"):
            assert "cursor" in centre.get(path, 422, cursor=cursor)["detail"]


def test_a_move_changes_the_place_alone(centre: Centre) -> None:
    before = centre.post("/cameras", GATE, 201)
    place = {"lon": 129.0, "lat": 35.1}
    answer = centre.client.patch("/api/v1/cameras/gate", json={"position": place})
    assert answer.json() == before | {"position": place}
    answer = centre.client.patch("/api/v1/cameras/gate", json={"position": None})
    assert answer.json()["position"] is None


def test_a_name_cannot_be_taken_away_and_no_camera_is_made_by_a_change(centre: Centre) -> None:
    centre.post("/cameras", GATE, 201)
    assert centre.client.patch("/api/v1/cameras/gate", json={"name": None}).status_code == 422
    assert centre.client.patch("/api/v1/cameras/other", json={"name": "x"}).status_code == 404


def test_a_camera_with_sightings_stays(centre: Centre) -> None:
    centre.post("/cameras", GATE, 201)
    centre.camera("unused")
    centre.sighting("gate")
    assert centre.get("/cameras/gate")["sightings"] == 1
    answer = centre.client.delete("/api/v1/cameras/gate")
    assert answer.status_code == 409
    assert "has sightings" in answer.json()["detail"]
    assert centre.client.delete("/api/v1/cameras/unused").status_code == 204
    assert centre.client.delete("/api/v1/cameras/unused").status_code == 404


def test_a_camera_that_only_a_box_knows_is_there_without_a_place(centre: Centre) -> None:
    centre.sighting("found-by-a-box")
    camera = centre.get("/cameras/found-by-a-box")
    assert (camera["position"], camera["box"]) == (None, "box-1")
