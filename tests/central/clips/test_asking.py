"""What may be asked for, and how far it is."""

import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import structlog
from prometheus_client import CollectorRegistry

from central.api.app import create_app
from central.clips import repository
from central.clips.repository import drop_day
from central.clips.store import ClipStore, Place
from shared.clock import to_datetime
from tests.central.asking import Centre, serve
from tests.central.clips.asked import FILE, Upload, announce, ask
from tests.central.keeping import NOON_MS


def test_a_clip_of_a_sighting_shows_it_with_a_margin(centre: Centre) -> None:
    sighting = centre.sighting("cam-1", at_s=0, lasts_s=5)
    with structlog.testing.capture_logs() as logs:
        clip = centre.post("/clips", {"sighting_id": str(sighting), "purpose": "a child"}, 202)
    assert (clip["state"], clip["progress"], clip["file_url"]) == ("asked", 0.0, None)
    assert (clip["from"], clip["to"]) == ("2026-07-20T11:59:58.000Z", "2026-07-20T12:00:07.000Z")
    assert (clip["box"], clip["channel"], clip["camera"]) == ("box-1", "north", "cam-1")
    assert clip["sighting_id"] == str(sighting)
    (line,) = [line for line in logs if line["event"] == "clip"]
    assert line["who"] == "from:127.0.0.1"
    assert (line["purpose"], line["clip"]) == ("a child", clip["id"])
    again = centre.post("/clips", {"sighting_id": str(sighting)}, 202)
    assert again["id"] == clip["id"]


def test_a_clip_of_someone_who_stays_for_long_shows_the_beginning(centre: Centre) -> None:
    sighting = centre.sighting("cam-1", lasts_s=3600)
    clip = centre.post("/clips", {"sighting_id": str(sighting)}, 202)
    assert clip["to"] == "2026-07-20T12:09:58.000Z"


def test_a_clip_of_the_first_seconds_there_are_begins_with_them(centre: Centre) -> None:
    sighting = centre.sighting("cam-1", at_s=1 - NOON_MS / 1000)
    clip = centre.post("/clips", {"sighting_id": str(sighting)}, 202)
    assert clip["from"] == "1970-01-01T00:00:00.000Z"
    assert clip["to"] == "1970-01-01T00:00:08.000Z"


def test_times_finer_than_milliseconds_name_the_clip_of_their_milliseconds(centre: Centre) -> None:
    fine = {"from": "2026-07-20T11:00:00.0009Z", "to": "2026-07-20T11:00:30.0009Z"}
    clips = [ask(centre, **fine), ask(centre, **fine), ask(centre)]
    assert len({clip["id"] for clip in clips}) == 1
    within = {"from": "2026-07-20T11:00:00.0001Z", "to": "2026-07-20T11:00:00.0009Z"}
    refused = centre.post("/clips", {"camera": "cam-1", **within}, 422)
    assert "ends before it begins" in refused["detail"]


def test_a_clip_that_fails_while_it_is_asked_for_again_is_asked_for_anew(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask(centre)

    def fails_now(*_: object) -> None:
        with centre.engine.begin() as other:
            other.exec_driver_sql("UPDATE clips SET state = 'failed'")

    monkeypatch.setattr(repository, "_same", fails_now)
    again = ask(centre)
    assert again["id"] != first["id"]
    assert again["state"] == "asked"


def test_a_clip_of_a_camera_is_asked_of_the_box_that_has_it(centre: Centre) -> None:
    clip = ask(centre)
    assert (clip["box"], clip["channel"], clip["sighting_id"]) == ("box-1", "north", None)
    snapshot = centre.post("/snapshots", {"camera": "cam-1"}, 202)
    assert (snapshot["kind"], snapshot["from"]) == ("snapshot", None)
    assert centre.get(f"/clips/{snapshot['id']}")["state"] == "asked"


def test_a_box_that_claims_the_camera_of_another_is_not_asked(centre: Centre) -> None:
    announce(centre)
    registered = {"id": "cam-1", "name": "one", "box": "box-2"}
    assert centre.client.post("/api/v1/cameras", json=registered).status_code == 201
    assert "no box" in centre.post("/snapshots", {"camera": "cam-1"}, 404)["detail"]
    with centre.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE cameras SET box = 'box-1'")
    assert centre.post("/snapshots", {"camera": "cam-1"}, 202)["box"] == "box-1"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        pytest.param({"broker_host": "broker.example"}, 409, id="nowhere to upload to"),
        pytest.param(
            {"broker_host": "broker.example", "upload_url": "https://centre.example/boxes"},
            202,
            id="the setting",
        ),
        pytest.param({"broker_host": "::1"}, 202, id="boxes on this machine"),
    ],
)
def test_boxes_that_cannot_upload_are_not_asked(
    centre: Centre, more: dict[str, str], status: int
) -> None:
    announce(centre)
    settings = centre.services.settings.model_copy(update=more)
    services = replace(centre.services, settings=settings, registry=CollectorRegistry())
    window = {"from": "2026-07-20T11:00:00Z", "to": "2026-07-20T11:00:30Z"}
    with serve(create_app(services)) as client:
        for path, said in (("clips", window), ("snapshots", {})):
            answer = client.post(f"/api/v1/{path}", json={"camera": "cam-1", **said})
            assert answer.status_code == status
            assert ("DONGSEON_CENTRAL_UPLOAD_URL" in answer.text) == (status == 409)
        known = client.get("/api/v1/attributes", headers={"host": "centre.example"})
        assert known.status_code == (200 if "upload_url" in more else 421)


def test_what_cannot_be_asked_for_says_why(centre: Centre) -> None:
    announce(centre)
    day = "2026-07-20T"
    wrong: tuple[tuple[dict[str, object], int, str], ...] = (
        ({}, 422, "give either sighting_id, or camera"),
        ({"camera": "cam-1", "from": f"{day}11:00:00Z"}, 422, "give either"),
        ({"sighting_id": str(uuid4()), "camera": "cam-1"}, 422, "give either"),
        ({"sighting_id": str(uuid4())}, 404, "no sighting"),
        ({"camera": "cam-9", "from": f"{day}11:00:00Z", "to": f"{day}11:01:00Z"}, 404, "no box"),
        ({"camera": "cam-1", "from": f"{day}11:01:00Z", "to": f"{day}11:00:00Z"}, 422, "before"),
        ({"camera": "cam-1", "from": f"{day}11:00:00Z", "to": f"{day}11:11:00Z"}, 422, "longest"),
        (
            {"camera": "cam-1", "from": "1969-12-31T23:59:59Z", "to": "1970-01-01T00:00:09Z"},
            422,
            "no box can be",
        ),
    )
    for asked, status, reason in wrong:
        assert reason in centre.post("/clips", asked, status)["detail"]
    centre.get(f"/clips/{uuid4()}", 404)


def test_a_clip_goes_with_the_sightings_of_its_day(centre: Centre) -> None:
    clip = ask(centre)
    Upload(centre, clip).send(0, len(FILE))
    assert centre.client.get(f"/api/v1/clips/{clip['id']}/file").content == FILE
    store = ClipStore(centre.services.settings.clips_dir)
    drop_day(centre.engine, store, to_datetime(NOON_MS).date() + timedelta(days=1))
    assert centre.get(f"/clips/{clip['id']}")["state"] == "ready"
    drop_day(centre.engine, store, to_datetime(NOON_MS).date())
    centre.get(f"/clips/{clip['id']}", 404)
    assert not list(centre.services.settings.clips_dir.iterdir())


def test_a_clip_whose_file_was_deleted_has_failed_and_is_asked_for_anew(centre: Centre) -> None:
    clip = ask(centre)
    Upload(centre, clip).send(0, len(FILE))
    (file,) = centre.services.settings.clips_dir.glob("*/*")
    assert file.name == str(UUID(clip["id"]))
    file.unlink()
    assert "not in the clip store" in centre.get(f"/clips/{clip['id']}/file", 404)["detail"]
    lost = centre.get(f"/clips/{clip['id']}")
    assert lost["state"] == "failed"
    assert "not in the clip store" in lost["reason"]
    assert ask(centre)["id"] != clip["id"]


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        pytest.param("bytes=0-9", 206, FILE[:10], id="beginning"),
        pytest.param("bytes=-100", 206, FILE[-100:], id="end"),
        pytest.param("bytes=10000-", 206, FILE[10_000:], id="rest"),
    ],
)
def test_players_get_the_part_they_ask_for(
    centre: Centre, asked: str, status: int, content: bytes
) -> None:
    clip = ask(centre)
    Upload(centre, clip).send(0, len(FILE))
    answer = centre.client.get(f"/api/v1/clips/{clip['id']}/file", headers={"range": asked})
    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers["content-type"] == "video/mp4"


def test_a_clip_is_on_disk_with_its_name_before_it_is_said_to_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    store, place = ClipStore(tmp_path), Place(date(2026, 7, 20), uuid4())
    store.append(place, 0, FILE, len(FILE))
    store.finish(place)
    folder = tmp_path / "2026-07-20"
    assert synced == [str(tmp_path), f"{folder / str(place.id)}.part", str(folder)]
