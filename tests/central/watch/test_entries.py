"""The list and its alerts as the API gives them."""

import io
from uuid import uuid4

import numpy as np
import pytest
from structlog.testing import capture_logs

from shared.pictures import encode_webp
from shared.vectors import Vector
from tests.central.asking import Centre
from tests.central.watch.watching import UNTIL, Watch, near
from tests.factories import SPACE, make_embedding, unit_vector


@pytest.fixture
def someone() -> Vector:
    return unit_vector(np.random.default_rng(41))


def test_an_entry_says_whom_it_looks_for_where_why_and_until_when(
    watch: Watch, someone: Vector
) -> None:
    sightings = [watch.centre.sighting(vector=near(someone, 0.9, seed)) for seed in (1, 2)]
    entry = watch.enrol(*sightings, name="red jacket", cameras={"ids": ["cam-1"]})
    assert entry["space"] == SPACE
    assert (entry["object_class"], entry["vectors"], entry["negatives"]) == ("person", 2, 0)
    assert (entry["name"], entry["purpose"], entry["until"]) == ("red jacket", "report 1", UNTIL)
    assert (entry["state"], entry["notes"], entry["new_alerts"]) == ("active", [], 0)
    assert watch.centre.get(f"/watch/{entry['id']}") == entry
    nowhere = watch.enrol(*sightings, cameras={"ids": ["cam-77"]})
    assert nowhere["notes"] == ["no camera that there is lies in the chosen ones"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"purpose": None}, "purpose"),
        ({"purpose": " "}, "purpose"),
        ({"until": None}, "until"),
        ({"until": "2026-07-20T11:00:00Z"}, "until must be in the future"),
        ({"until": "2026-08-20T11:00:00Z"}, "at most 30 days ahead"),
        ({"until": "2999-01-01T00:00:00Z"}, "at most 30 days ahead"),
        ({"least_probability": 0.0}, "least_probability"),
        ({"least_probability": 0.999}, "ever 0.999 probable"),
        ({"quiet_minutes": -1}, "quiet_minutes"),
        ({"by": {}}, "say whom to look for"),
        ({"by": {"plate": "1" * 300}}, "plate"),
        ({"by": {"plate": "--- ---"}}, "3 characters side by side"),
        ({"by": {"plate": "12?34*6"}}, "3 characters side by side"),
        ({"cameras": {"ids": ["../../etc"]}}, "cameras"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(
    watch: Watch, someone: Vector, wrong: dict[str, object], said: str
) -> None:
    sighting = watch.centre.sighting(vector=someone)
    assert said in watch.enrol(sighting, status=422, **wrong)["detail"]
    assert watch.centre.get("/watch")["items"] == []


def test_sightings_that_are_not_there_or_do_not_go_together_are_refused(watch: Watch) -> None:
    assert "no sighting" in watch.enrol(uuid4(), status=404)["detail"]
    other = make_embedding(np.random.default_rng(5), "person-reidentification-retail-0288")
    mixed = (watch.centre.sighting(), watch.centre.sighting(embedding=other))
    assert "different kinds" in watch.enrol(*mixed, status=422)["detail"]


def test_whoever_is_in_a_picture_can_be_looked_for(watch: Watch) -> None:
    centre = watch.centre
    centre.sighting()
    picture = io.BytesIO(encode_webp(np.zeros((128, 64, 3), dtype=np.uint8)))
    options = f'{{"name": "a picture", "purpose": "report 1", "until": "{UNTIL}"}}'
    answer = centre.client.post(
        "/api/v1/watch/picture", files={"file": picture}, data={"request": options}
    )
    assert answer.status_code == 201, answer.text
    assert (answer.json()["space"], answer.json()["vectors"]) == (SPACE, 1)
    centre.sighting(at_s=60, vector=near(centre.reader.vector, 0.9))
    watch.compare()
    assert [alert["name"] for alert in watch.alerts()] == ["a picture"]
    broken = centre.client.post(
        "/api/v1/watch/picture", files={"file": b"<svg/>"}, data={"request": options}
    )
    assert broken.status_code == 422


def test_whoever_was_found_in_an_uploaded_picture_can_be_looked_for(watch: Watch) -> None:
    centre = watch.centre
    seen = centre.sighting()
    file = io.BytesIO(encode_webp(np.zeros((256, 320, 3), dtype=np.uint8)))
    offered = centre.client.post("/api/v1/pictures", files={"file": file}).json()
    person = {"picture": offered["id"], "object": 0}
    entry = watch.enrol(by={"pictures": [person, person]})
    assert (entry["object_class"], entry["space"], entry["vectors"]) == ("person", SPACE, 1)
    both = watch.enrol(by={"sighting_ids": [str(seen)], "pictures": [person]}, name="both")
    assert both["vectors"] == 2
    watch.compare()
    centre.sighting(at_s=60, vector=near(centre.reader.vector, 0.95))
    watch.compare()
    assert "someone" in {alert["name"] for alert in watch.alerts()}
    vehicle = {"picture": offered["id"], "object": 1}
    mixed = watch.enrol(by={"pictures": [person, vehicle]}, status=422)
    assert "different kinds" in mixed["detail"]
    watch.enrol(by={"pictures": [{"picture": str(uuid4())}]}, status=404)


def test_the_list_comes_in_pages_newest_first(watch: Watch) -> None:
    sighting = watch.centre.sighting()
    names = [f"entry {number}" for number in range(5)]
    for name in names:
        watch.enrol(sighting, name=name)
        watch.centre.keeping.clock.advance(1)
    first = watch.centre.get("/watch", limit=3)
    second = watch.centre.get("/watch", limit=3, cursor=first["next_cursor"])
    found = [entry["name"] for page in (first, second) for entry in page["items"]]
    assert found == names[::-1]
    assert second["next_cursor"] is None
    watch.centre.get("/watch", status=422, cursor="nonsense")


def test_an_entry_can_be_changed_moved_on_and_taken_off(watch: Watch, someone: Vector) -> None:
    entry = watch.enrol(watch.centre.sighting(vector=someone))
    client, path = watch.centre.client, f"/api/v1/watch/{entry['id']}"
    later = "2026-08-10T12:00:00.000Z"
    changed = client.patch(path, json={"until": later, "least_probability": 0.9})
    assert changed.status_code == 200, changed.text
    assert (changed.json()["until"], changed.json()["least_probability"]) == (later, 0.9)
    for wrong in ({"until": "2027-01-01T00:00:00Z"}, {"name": None}, {"least_probability": 0.999}):
        assert client.patch(path, json=wrong).status_code == 422, wrong
    assert watch.centre.get(f"/watch/{entry['id']}")["least_probability"] == 0.9
    watch.compare()
    watch.centre.sighting(at_s=60, vector=near(someone, 0.75))
    watch.compare()
    assert watch.alerts() == []
    assert client.delete(path).status_code == 204
    for gone in (client.delete(path), client.get(path), client.patch(path, json={"name": "x"})):
        assert gone.status_code == 404
    watch.centre.sighting(at_s=60, vector=near(someone, 0.95))
    watch.compare()
    assert watch.alerts() == []


def test_an_entry_that_was_changed_meanwhile_is_not_overwritten(
    watch: Watch, someone: Vector
) -> None:
    sighting = watch.centre.sighting(vector=someone)
    entry = watch.enrol(sighting)
    client, path = watch.centre.client, f"/api/v1/watch/{entry['id']}"
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"if-none-match": tag}).status_code == 304
    watch.compare()
    watch.centre.sighting(at_s=60, vector=near(someone, 0.95))
    watch.compare()
    # What it found is shown beside it, and no change of it.
    found = client.get(path, headers={"if-none-match": tag})
    assert (found.status_code, found.json()["new_alerts"]) == (200, 1)
    watch.centre.keeping.clock.advance(1)
    changed = client.patch(path, json={"paused": True}, headers={"if-match": tag})
    assert changed.status_code == 200, changed.text
    newest = changed.headers["etag"]
    assert client.get(path).headers["etag"] == newest != tag
    late = client.patch(path, json={"name": "two"}, headers={"if-match": tag})
    assert late.status_code == 412
    assert watch.centre.get(f"/watch/{entry['id']}")["name"] == "someone"
    for condition in ({"if-match": newest}, {"if-match": "*"}, {}):
        assert client.patch(path, json={"name": "two"}, headers=condition).is_success
    gone = f"/api/v1/watch/{uuid4()}"
    assert client.patch(gone, json={"name": "x"}, headers={"if-match": tag}).status_code == 404


def test_a_confirmed_alert_strengthens_the_entry(watch: Watch, someone: Vector) -> None:
    entry = watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    other_side = near(someone, 0.75, seed=3)
    watch.centre.sighting("cam-2", at_s=60, vector=other_side)
    watch.compare()
    (alert,) = watch.alerts()
    confirmed = watch.centre.post(f"/watch/alerts/{alert['id']}/confirm", {"why": "his bag"})
    assert (confirmed["state"], confirmed["why"]) == ("confirmed", "his bag")
    assert confirmed["decided_by"] == "from:127.0.0.1"
    found = watch.centre.get(f"/watch/{entry['id']}")
    assert (found["vectors"], found["confirmed"], found["new_alerts"]) == (2, 1, 0)
    # From there alone it would have been 0.67.
    between = near(other_side, 0.9, seed=9)
    assert between @ someone < 0.71
    watch.centre.sighting("cam-3", at_s=120, vector=between)
    watch.compare()
    assert [each["camera"] for each in watch.alerts()] == ["cam-2", "cam-3"]
    assert watch.told() == ["hit", "confirmed", "hit"]


def test_a_dismissed_alert_silences_its_look_alike_and_not_the_one_looked_for(
    watch: Watch, someone: Vector
) -> None:
    entry = watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    alike = near(someone, 0.8, seed=3)
    watch.centre.sighting("cam-2", at_s=60, vector=alike)
    watch.compare()
    (alert,) = watch.alerts()
    path = f"/watch/alerts/{alert['id']}"
    assert watch.centre.post(f"{path}/dismiss", {"why": "older"})["state"] == "dismissed"
    watch.centre.keeping.clock.advance(1)
    watch.centre.sighting("cam-3", at_s=120, vector=near(alike, 0.95, seed=4))
    watch.centre.sighting("cam-2", at_s=120, vector=near(someone, 0.95, seed=5))
    watch.compare()
    states = [(each["camera"], each["state"]) for each in watch.alerts()]
    assert states == [("cam-2", "dismissed"), ("cam-2", "new")]
    assert watch.centre.get(f"/watch/{entry['id']}")["negatives"] == 1
    # Said otherwise, the vector changes sides.
    watch.centre.post(f"{path}/confirm", {"learn": True})
    found = watch.centre.get(f"/watch/{entry['id']}")
    assert (found["negatives"], found["confirmed"]) == (0, 1)
    watch.centre.post(f"{path}/dismiss", {"learn": False})
    found = watch.centre.get(f"/watch/{entry['id']}")
    assert (found["negatives"], found["confirmed"]) == (0, 0)


def test_alerts_are_listed_by_state_camera_and_entry(watch: Watch, someone: Vector) -> None:
    entry = watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    for camera in ("cam-1", "cam-2", "cam-3"):
        watch.centre.sighting(camera, at_s=60, vector=near(someone, 0.9))
    watch.compare()
    alerts = watch.alerts()
    watch.centre.post(f"/watch/alerts/{alerts[0]['id']}/dismiss", {})
    assert len(watch.alerts(state="new", target=entry["id"])) == 2
    assert [each["camera"] for each in watch.alerts(camera="cam-2")] == ["cam-2"]
    assert watch.alerts(target=uuid4()) == []
    page = watch.centre.get("/watch/alerts", limit=2)
    rest = watch.centre.get("/watch/alerts", limit=2, cursor=page["next_cursor"])
    assert [len(page["items"]), len(rest["items"])] == [2, 1]
    watch.centre.get(f"/watch/alerts/{uuid4()}", status=404)
    watch.centre.post(f"/watch/alerts/{uuid4()}/confirm", {}, 404)
    watch.centre.get("/watch/alerts", status=422, state="maybe")


def test_every_change_and_every_hit_is_a_line_in_the_log(watch: Watch, someone: Vector) -> None:
    with capture_logs() as lines:
        entry = watch.enrol(watch.centre.sighting(vector=someone))
        watch.compare()
        watch.centre.sighting(at_s=60, vector=near(someone, 0.9))
        watch.compare()
        (alert,) = watch.alerts()
        watch.centre.post(f"/watch/alerts/{alert['id']}/dismiss", {"why": "another"})
        watch.centre.client.delete(f"/api/v1/watch/{entry['id']}")
    said = [line for line in lines if line["event"] in {"watch list", "watch hit"}]
    assert [line["what"] for line in said] == ["enrolled", "hit", "dismissed", "removed"]
    assert said[0]["purpose"] == "report 1"
    assert all(line["entry"] == entry["id"] for line in said)


def test_the_list_is_full_at_some_point(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central.watch.entries.MAX_ENTRIES", 1)
    sighting = watch.centre.sighting()
    watch.enrol(sighting)
    assert "full" in watch.enrol(sighting, status=409)["detail"]


def test_names_may_hold_anything_that_can_be_written(watch: Watch, centre: Centre) -> None:
    name = "'; DROP TABLE watch_targets; -- <b>%s</b> 김철수"
    assert watch.enrol(centre.sighting(), name=name)["name"] == name
    watch.enrol(centre.sighting(), status=422, name="a\x00b")
