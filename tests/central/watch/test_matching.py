"""What comes in is compared with who is looked for: each sighting once, whatever happens."""

from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import Engine, text

from central.cameras.selection import CameraScope, Selection, resolve
from central.watch import changes, roster
from central.watch.watcher import Watcher
from shared.ids import uuid7
from shared.messages import Attribute, Embedding
from shared.vectors import Vector, quantise
from tests.central.asking import Centre
from tests.central.watch.watching import Watch, near
from tests.factories import SPACE, make_embedding, unit_vector

OTHER_SPACE = "person-reidentification-retail-0288"


@pytest.fixture
def someone() -> Vector:
    return unit_vector(np.random.default_rng(41))


def embedding(vector: Vector) -> Embedding:
    values, scale = quantise(vector)
    return Embedding(space=SPACE, values=values, scale=scale)


def test_whoever_looks_like_the_target_is_an_alert_and_nobody_else(
    watch: Watch, someone: Vector
) -> None:
    entry = watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    seen = watch.centre.sighting("cam-2", at_s=60, vector=near(someone, 0.9))
    watch.centre.sighting("cam-2", at_s=60)
    assert watch.compare() == 2
    (alert,) = watch.alerts()
    assert alert["target"] == entry["id"]
    assert (alert["sighting"], alert["camera"]) == (str(seen), "cam-2")
    assert (alert["state"], alert["late"], alert["found_by"]) == ("new", False, ["likeness"])
    assert 0.9 < alert["probability"] <= 1
    assert alert["band"] == "likely"
    assert watch.told() == ["hit"]


def test_what_was_there_before_anyone_was_on_the_list_is_no_alert(
    watch: Watch, someone: Vector
) -> None:
    start = watch.centre.sighting(vector=someone)
    watch.centre.sighting("cam-2", vector=near(someone, 0.9))
    watch.compare()
    watch.enrol(start)
    assert watch.compare() == 0
    assert watch.alerts() == []


def test_the_early_revision_alerts_and_the_final_one_makes_no_second(
    watch: Watch, someone: Vector
) -> None:
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    centre = watch.centre
    sighting = uuid7(centre.keeping.clock.now_ms() + 60_000)
    early = near(someone, 0.8)
    centre.sighting(at_s=60, vector=early, id=sighting, revision=0, ended=False)
    watch.compare()
    (first,) = watch.alerts()
    centre.sighting(at_s=60, vector=near(someone, 0.95), id=sighting, revision=1)
    watch.compare()
    (last,) = watch.alerts()
    assert first["id"] == last["id"]
    assert (first["revision"], last["revision"]) == (0, 1)
    assert last["probability"] > first["probability"]
    assert watch.told() == ["hit", "updated"]


def test_a_later_revision_that_looks_like_another_withdraws_the_alert(
    watch: Watch, someone: Vector
) -> None:
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    centre = watch.centre
    sighting = uuid7(centre.keeping.clock.now_ms() + 60_000)
    centre.sighting(at_s=60, vector=near(someone, 0.9), id=sighting, revision=0)
    watch.compare()
    centre.sighting(at_s=60, vector=near(someone, 0.2), id=sighting, revision=1)
    watch.compare()
    (alert,) = watch.alerts()
    assert (alert["state"], alert["sightings"]) == ("withdrawn", 0)
    (hit,) = centre.get(f"/watch/alerts/{alert['id']}")["hits"]
    assert hit["withdrawn"]
    centre.sighting(at_s=60, vector=near(someone, 0.9), id=sighting, revision=2)
    watch.compare()
    assert watch.alerts()[0]["state"] == "new"
    assert watch.told() == ["hit", "withdrawn", "hit"]


def test_one_camera_says_once_that_somebody_stays(watch: Watch, someone: Vector) -> None:
    watch.enrol(watch.centre.sighting(vector=someone), quiet_minutes=5)
    watch.compare()
    for at_s in (60, 120, 300, 590):
        watch.centre.sighting(at_s=at_s, vector=near(someone, 0.9, seed=at_s))
        watch.compare()
    watch.centre.sighting("cam-2", at_s=300, vector=near(someone, 0.9))
    watch.centre.sighting(at_s=1000, vector=near(someone, 0.9))
    watch.compare()
    found = [(alert["camera"], alert["sightings"]) for alert in watch.alerts()]
    assert sorted(found) == [("cam-1", 1), ("cam-1", 4), ("cam-2", 1)]
    assert sorted(watch.told()) == ["hit"] * 3 + ["updated"] * 3


def test_a_crash_before_the_commit_loses_no_alert_and_makes_none_twice(
    watch: Watch, someone: Vector, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    watch.centre.sighting(at_s=60, vector=near(someone, 0.9))
    with monkeypatch.context() as broken:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        broken.setattr(changes, "move", die)
        with pytest.raises(KeyboardInterrupt):
            watch.compare()
    assert watch.alerts() == []
    services = watch.centre.services
    again = Watcher(services.engine, services.likeness, services.clock)
    assert again.step() == 1
    assert again.step() == 0
    assert len(watch.alerts()) == 1
    assert watch.told() == ["hit"]


def test_the_same_sightings_compared_again_change_nothing(watch: Watch, someone: Vector) -> None:
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    watch.centre.sighting(at_s=60, vector=near(someone, 0.9))
    watch.compare()
    before = watch.alerts()
    with watch.centre.engine.begin() as connection:
        connection.execute(text("UPDATE watch_cursor SET xid = '0'"))
    assert watch.compare() == 2
    assert watch.alerts() == before
    assert watch.told() == ["hit"]


def test_what_comes_a_week_late_is_told_as_late(watch: Watch, someone: Vector) -> None:
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    week_s = 7 * 86_400
    watch.centre.sighting("cam-7", at_s=-week_s, vector=near(someone, 0.9))
    watch.compare()
    (alert,) = watch.alerts()
    assert alert["late"]
    assert alert["first_at"].startswith("2026-07-13T12:00")
    assert watch.told() == ["late"]


def test_vectors_of_another_space_are_never_compared_and_the_entry_says_so(
    watch: Watch, someone: Vector
) -> None:
    other = make_embedding(np.random.default_rng(5), OTHER_SPACE)
    entry = watch.enrol(watch.centre.sighting(embedding=other, at_s=-3 * 86_400))
    watch.compare()
    values = embedding(someone).values
    assert len(values) == len(other.values)
    watch.centre.sighting(at_s=60, embedding=Embedding(space=SPACE, values=other.values, scale=1))
    watch.compare()
    assert watch.alerts() == []
    (note,) = watch.centre.get(f"/watch/{entry['id']}")["notes"]
    assert f"no sighting of space {OTHER_SPACE} has come in" in note


def test_class_cameras_and_attributes_must_fit(watch: Watch, someone: Vector) -> None:
    start = watch.centre.sighting(vector=someone)
    red = {"upper_colour": ["red"]}
    watch.enrol(start, cameras={"ids": ["cam-1"]}, attributes=red, least_confidence=0.4)
    watch.compare()
    like = near(someone, 0.9)
    blue = {"upper_colour": Attribute(value="blue", confidence=0.9)}
    doubtful = {"upper_colour": Attribute(value="red", confidence=0.2)}
    watch.centre.sighting("cam-2", at_s=60, vector=like)
    watch.centre.sighting(at_s=60, vector=like, attributes=blue)
    watch.centre.sighting(at_s=60, vector=like, attributes=doubtful)
    watch.centre.sighting(at_s=60, vector=like, object_class="vehicle")
    right = watch.centre.sighting(at_s=60, vector=like)
    watch.compare()
    (alert,) = watch.alerts()
    assert alert["sighting"] == str(right)
    assert alert["sightings"] == 1


def test_a_plate_is_found_however_it_is_written(watch: Watch) -> None:
    watch.enrol(by={"plate": " 12가 3456"}, object_class="vehicle")
    watch.compare()
    watch.centre.sighting(at_s=60, object_class="vehicle", plate="12가-3456")
    watch.centre.sighting("cam-2", at_s=60, object_class="vehicle", plate="12가3457")
    watch.compare()
    (alert,) = watch.alerts()
    assert (alert["camera"], alert["found_by"]) == ("cam-1", ["plate"])
    assert alert["probability"] is None


def test_a_plate_is_compared_as_a_search_compares_it(watch: Watch) -> None:
    for plate in ("12?3456", "*3457", "10가3458"):
        watch.enrol(by={"plate": plate}, name=plate)
    watch.compare()
    for at_s, plate in enumerate(("12나3456", "112가3456", "99다3457", "IO거 3458"), start=60):
        watch.centre.sighting(f"cam-{at_s}", at_s=at_s, object_class="vehicle", plate=plate)
    watch.compare()
    found = {(alert["name"], alert["camera"]) for alert in watch.alerts()}
    assert found == {("12?3456", "cam-60"), ("*3457", "cam-62"), ("10가3458", "cam-63")}


def test_an_entry_whose_cameras_cannot_be_told_stops_no_other(
    watch: Watch, someone: Vector
) -> None:
    centre = watch.centre
    start = centre.sighting(vector=someone)
    centre.post("/camera-groups", {"name": "west", "cameras": ["cam-1"]}, 201)
    lost = watch.enrol(start, name="lost", cameras={"groups": ["west"]})
    watch.enrol(start, name="other")
    watch.compare()
    assert centre.client.delete("/api/v1/camera-groups/west").is_success
    centre.keeping.clock.advance(120)
    centre.sighting(at_s=60, vector=near(someone, 0.9))
    assert watch.compare() == 1
    # Another process has not asked for the cameras before.
    again = Watcher(centre.engine, centre.services.likeness, centre.services.clock)
    centre.sighting(at_s=1_000, vector=near(someone, 0.9))
    assert again.step() == 1
    assert [alert["name"] for alert in watch.alerts()][-1] == "other"
    path = f"/watch/{lost['id']}"
    (note,) = centre.get(path)["notes"]
    assert "west" in note
    changed = centre.client.patch(f"/api/v1{path}", json={"name": "still lost"})
    assert changed.status_code == 200, changed.text


def test_after_the_database_was_restored_from_a_dump_sightings_are_compared(
    watch: Watch, someone: Vector
) -> None:
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    with watch.centre.engine.begin() as connection:
        # Of the centre that was dumped, whose transactions had higher numbers.
        connection.execute(text("UPDATE watch_cursor SET xid = '9000000000'"))
    assert watch.compare() == 0
    watch.centre.sighting(at_s=60, vector=near(someone, 0.9))
    assert watch.compare() == 1
    assert watch.told() == ["hit"]


def test_what_was_told_as_a_hit_is_not_told_as_late(watch: Watch, someone: Vector) -> None:
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    centre = watch.centre
    sighting = uuid7(centre.keeping.clock.now_ms() + 60_000)
    centre.sighting(at_s=60, vector=near(someone, 0.8), id=sighting, revision=0, ended=False)
    watch.compare()
    centre.keeping.clock.advance(3600)
    centre.sighting(at_s=60, vector=near(someone, 0.9), id=sighting, revision=1)
    watch.compare()
    assert watch.told() == ["hit", "updated"]
    assert not watch.alerts()[0]["late"]


def test_cameras_are_asked_for_while_nobody_waits_for_the_list(
    watch: Watch, someone: Vector, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = watch.centre.sighting(vector=someone)
    watch.enrol(start, cameras={"ids": ["cam-1"]})
    asked: list[bool] = []

    def listed(engine: Engine, scope: CameraScope) -> Selection:
        with engine.connect() as connection:
            free = connection.execute(text("SELECT pg_try_advisory_lock(7201944012557733)"))
            asked.append(free.scalar_one())
            connection.execute(text("SELECT pg_advisory_unlock_all()"))
        return resolve(engine, scope)

    monkeypatch.setattr(roster, "resolve", listed)
    watch.compare()
    watch.centre.sighting(at_s=60, vector=near(someone, 0.9))
    watch.compare()
    (alert,) = watch.alerts()
    watch.centre.post(f"/watch/alerts/{alert['id']}/confirm", {})
    watch.compare()
    assert asked == [True]


def test_words_alone_are_looked_for_in_chosen_cameras(watch: Watch) -> None:
    red = {"upper_colour": ["red"]}
    refused = watch.enrol(status=422, attributes=red)
    assert "attributes in chosen cameras" in refused["detail"]
    watch.centre.sighting("cam-9")
    watch.enrol(cameras={"ids": ["cam-9"]}, attributes=red)
    watch.compare()
    watch.centre.sighting("cam-9", at_s=60)
    watch.centre.sighting("cam-1", at_s=60)
    watch.compare()
    assert [(alert["camera"], alert["found_by"]) for alert in watch.alerts()] == [
        ("cam-9", ["attributes"])
    ]


def test_paused_and_over_entries_find_nothing(watch: Watch, someone: Vector) -> None:
    start = watch.centre.sighting(vector=someone)
    paused, over = watch.enrol(start), watch.enrol(start, until="2026-07-20T13:00:00Z")
    watch.centre.client.patch(f"/api/v1/watch/{paused['id']}", json={"paused": True})
    watch.compare()
    watch.centre.keeping.clock.advance(2 * 3600)
    watch.centre.sighting(at_s=7100, vector=near(someone, 0.9))
    watch.compare()
    assert watch.alerts() == []
    states = {each["id"]: each["state"] for each in watch.centre.get("/watch")["items"]}
    assert states == {paused["id"]: "paused", over["id"]: "expired"}
    watch.centre.client.patch(f"/api/v1/watch/{paused['id']}", json={"paused": False})
    watch.centre.sighting(at_s=7160, vector=near(someone, 0.9))
    watch.compare()
    assert [alert["target"] for alert in watch.alerts()] == [paused["id"]]


def test_entries_that_were_over_long_ago_are_forgotten_with_all_they_found(
    watch: Watch, someone: Vector
) -> None:
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    watch.centre.sighting(at_s=60, vector=near(someone, 0.9))
    watch.compare()
    watch.centre.keeping.clock.advance(38 * 86_400)
    watch.watcher.tidy()
    assert watch.centre.get("/watch")["items"] == []
    for table in ("watch_vectors", "watch_alerts", "watch_hits", "watch_events"):
        assert watch.centre.keeping.count(table) == 0, table


def test_a_damaged_vector_harms_nobody_else(watch: Watch, someone: Vector) -> None:
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    broken: UUID = watch.centre.sighting(at_s=60)
    with watch.centre.engine.begin() as connection:
        damage = "UPDATE sightings SET vector = '' WHERE id = :id"
        connection.execute(text(damage), {"id": broken})
    watch.centre.sighting(at_s=60, vector=near(someone, 0.9))
    assert watch.compare() == 2
    assert len(watch.alerts()) == 1


def test_sightings_that_a_running_writer_may_precede_wait_for_it(
    watch: Watch, centre: Centre, someone: Vector
) -> None:
    watch.enrol(centre.sighting(vector=someone))
    watch.compare()
    with centre.engine.connect() as slow:
        slow.execute(text("SELECT pg_current_xact_id()"))
        centre.sighting(at_s=60, vector=near(someone, 0.9))
        assert watch.compare() == 0
        slow.rollback()
    assert watch.compare() == 1
