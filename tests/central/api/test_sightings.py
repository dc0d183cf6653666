"""Sightings, their pictures, boxes, what was refused, and what is held, over the API."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from prometheus_client import CollectorRegistry

from central.api.app import create_app
from central.db.engine import make_engine
from central.services import PartHealth
from shared.classes import ObjectClass
from shared.messages import (
    BoxState,
    CropsWanted,
    Gap,
    LateCrops,
    Message,
    Telemetry,
    part_from_crop,
)
from shared.topics import Lane
from tests.central.asking import Centre, serve
from tests.central.keeping import EPOCH, NOON_MS, received
from tests.factories import SPACE, make_sighting


def test_a_sighting_is_given_as_it_was_sent(centre: Centre) -> None:
    identifier = centre.sighting("cam-1", at_s=1.234, lasts_s=2, revision=3, plate="12가3456")
    found = centre.get(f"/sightings/{identifier}")
    assert (found["id"], found["revision"], found["ended"]) == (str(identifier), 3, True)
    assert (found["box"], found["channel"], found["camera"]) == ("box-1", "north", "cam-1")
    assert found["first_seen"] == found["shot"] == "2026-07-20T12:00:01.234Z"
    assert found["last_seen"] == "2026-07-20T12:00:03.234Z"
    assert found["frame"] == {"width": 1280, "height": 720}
    left, top, right, bottom = found["rect"]
    assert (right - left, bottom - top) == (64, 128)
    assert (found["space"], found["plate"]) == (SPACE, "12가3456")
    assert found["attributes"]["upper_colour"] == {"value": "red", "confidence": 0.5}
    assert found["clock_offset_ms"] == 1.5
    assert found["crop_bytes"] > 0
    assert found["message_bytes"] > found["crop_bytes"]
    assert found["crop_url"] == f"/api/v1/sightings/{identifier}/crop?revision=3"


def test_the_list_is_newest_first_and_whole_over_its_pages(centre: Centre) -> None:
    made = [centre.sighting(f"cam-{number % 2}", at_s=100 * number) for number in range(9)]
    seen: list[str] = []
    cursor: dict[str, Any] | None = {}
    while cursor is not None:
        page = centre.get("/sightings", limit=4, **cursor)
        seen += [item["id"] for item in page["items"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert seen == [str(one) for one in reversed(made)]


def test_the_list_is_narrowed_by_camera_box_class_and_window(centre: Centre) -> None:
    first = centre.sighting("cam-1", at_s=0, lasts_s=10)
    second = centre.sighting("cam-2", at_s=20, object_class=ObjectClass.VEHICLE)
    third = centre.sighting("cam-3", at_s=86_400, sender="box-2")
    cases: list[tuple[dict[str, Any], list[UUID]]] = [
        ({"camera": "cam-1"}, [first]),
        ({"box": "box-2"}, [third]),
        ({"object_class": "vehicle"}, [second]),
        ({"from": "2026-07-20T12:00:10Z", "to": "2026-07-20T12:00:19.999Z"}, [first]),
        ({"from": "2026-07-20T12:00:10.001Z", "to": "2026-07-20T12:00:20Z"}, [second]),
        ({"from": "2026-07-21T00:00:00+00:00"}, [third]),
        ({"to": "2026-07-20T21:00:01+09:00"}, [first]),
        ({"from": "2020-01-01T00:00:00Z", "to": "2029-12-31T00:00:00Z"}, [third, second, first]),
        ({"camera": "nobody"}, []),
    ]
    for asked, expected in cases:
        found = centre.get("/sightings", **asked)["items"]
        assert [item["id"] for item in found] == [str(one) for one in expected], asked


def test_several_cameras_are_listed_together_newest_first(centre: Centre) -> None:
    first = centre.sighting("cam-1", at_s=0)
    centre.sighting("cam-2", at_s=20)
    third = centre.sighting("cam-3", at_s=40)
    answer = centre.client.get("/api/v1/sightings?camera=cam-1&camera=cam-3")
    found = answer.json()["items"]
    assert [item["id"] for item in found] == [str(third), str(first)]


def test_a_list_that_cannot_be_asked_for_says_why(centre: Centre) -> None:
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"from": "2026-07-21T00:00:00Z", "to": "2026-07-20T00:00:00Z"}, "from is after to"),
        ({"from": "yesterday"}, "ISO 8601"),
        ({"camera": "a'; DROP TABLE sightings; --"}, "pattern"),
        ({"camera": "../../etc/passwd"}, "pattern"),
        ({"camera": "nul\x00"}, "pattern"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"colour": "red"}, "colour"),
    )
    for asked, reason in wrong:
        assert reason in centre.get("/sightings", 422, **asked)["detail"]
    centre.get("/sightings/..%2f..%2fetc%2fpasswd", 404)
    centre.get("/sightings/1", 422)
    centre.get(f"/sightings/{uuid4()}", 404)
    centre.get(f"/sightings/{uuid4()}/crop", 404)


def test_a_picture_may_be_kept_for_ever_under_its_revision(centre: Centre) -> None:
    identifier = centre.sighting(revision=1)
    url = centre.get(f"/sightings/{identifier}")["crop_url"]
    crop = centre.client.get(url)
    assert crop.headers["content-type"] == "image/webp"
    assert crop.content[8:12] == b"WEBP"
    assert "immutable" in crop.headers["cache-control"]
    tag = crop.headers["etag"]
    again = centre.client.get(url, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    plain = centre.client.get(f"/api/v1/sightings/{identifier}/crop")
    assert plain.headers["cache-control"] == "private, no-cache"
    older = centre.client.get(f"/api/v1/sightings/{identifier}/crop?revision=0")
    assert older.headers["cache-control"] == "private, no-cache"


def test_a_new_revision_changes_the_tag(centre: Centre) -> None:
    early = centre.sighting(revision=0, ended=False)
    first = centre.client.get(f"/api/v1/sightings/{early}/crop")
    centre.sighting(id=early, revision=1)
    second = centre.client.get(
        f"/api/v1/sightings/{early}/crop", headers={"if-none-match": first.headers["etag"]}
    )
    assert second.status_code == 200
    assert second.headers["etag"] != first.headers["etag"]


def test_a_picture_that_follows_may_be_asked_for_until_it_is_there(centre: Centre) -> None:
    whole = make_sighting(centre.rng, first_seen_ms=NOON_MS)
    ahead, late = part_from_crop(whole)
    assert late is not None
    told: list[tuple[str, str, Message]] = []
    services = replace(centre.services, tell=lambda *command: told.append(command))
    centre.keeping.send(received(ahead, 1))
    with serve(create_app(services)) as client:
        url = f"/api/v1/sightings/{ahead.id}"
        found = client.get(url).json()
        assert (found["crop_revision"], found["crop_gone"], found["crop_bytes"]) == (None, False, 0)
        missing = client.get(f"{url}/crop")
        assert missing.status_code == 404
        assert "still at its box" in missing.json()["detail"]
        assert client.post(f"{url}/crop/wanted").json() == {"asked": True}
        assert told == [("box-1", "crop", CropsWanted(ids=[ahead.id]))]
        centre.keeping.send(received(late, 2, lane=Lane.CROP))
        there = client.get(client.get(url).json()["crop_url"])
        assert there.content == late.pictures[0].crop.data
        assert "immutable" in there.headers["cache-control"]
        assert client.post(f"{url}/crop/wanted").json() == {"asked": False}
    assert len(told) == 1


def test_a_picture_that_was_given_up_is_told(centre: Centre) -> None:
    ahead, _ = part_from_crop(make_sighting(centre.rng))
    gone = LateCrops(gone=[ahead.id])
    centre.keeping.send(received(ahead, 1), received(gone, 2, lane=Lane.CROP))
    assert centre.get(f"/sightings/{ahead.id}")["crop_gone"]
    assert "given up" in centre.get(f"/sightings/{ahead.id}/crop", 404)["detail"]


def test_boxes_tell_what_they_run(centre: Centre) -> None:
    state = BoxState(
        status="online", session=uuid4(), epoch=EPOCH, started_ms=NOON_MS, software="dongseon 0.1"
    )
    centre.keeping.send(received(state, None, lane=Lane.STATE, retained=True))
    (box,) = centre.get("/boxes")["items"]
    assert (box["box"], box["status"], box["software"]) == ("box-1", "online", "dongseon 0.1")
    assert box["started_at"] == "2026-07-20T12:00:00.000Z"
    assert "session" not in box


def test_what_a_box_had_to_evict_is_counted_for_ever(centre: Centre) -> None:
    def report(*gaps: Gap) -> Telemetry:
        return Telemetry(
            epoch=EPOCH, sent_ms=1, outbox_rows=0, outbox_bytes=0, evicted=3, gaps=list(gaps)
        )

    centre.keeping.send(received(report(Gap(first=10, last=12)), 90, lane=Lane.TELEMETRY))
    centre.keeping.send(
        received(report(Gap(first=12, last=13), Gap(first=20, last=20)), 91, lane=Lane.TELEMETRY)
    )
    centre.keeping.send(received(report(), None, lane=Lane.TELEMETRY))
    centre.keeping.send(received(make_sighting(centre.rng), 11))  # it had arrived after all

    (box,) = centre.get("/boxes")["items"]
    assert box["evicted"] == 4


def test_what_was_refused_is_listed_with_its_reason_and_not_its_bytes(centre: Centre) -> None:
    for seq in range(1, 4):
        centre.keeping.send(received(b"not MessagePack \x00\xff", seq, box=f"box-{seq}"))
    page = centre.get("/quarantine", limit=2)
    assert [item["box"] for item in page["items"]] == ["box-3", "box-2"]
    assert page["items"][0]["bytes"] == 18
    assert "MessagePack" in page["items"][0]["reason"]
    rest = centre.get("/quarantine", cursor=page["next_cursor"])
    assert [item["box"] for item in rest["items"]] == ["box-1"]
    assert len(centre.get("/quarantine", box="box-2")["items"]) == 1


def test_the_status_counts_what_is_held_and_how_far_the_index_is(centre: Centre) -> None:
    centre.camera("placed", 127.0, 37.0)
    centre.sighting("placed")
    centre.sighting("unplaced", 60)
    before = centre.get("/status")
    assert (before["sightings"], before["sightings_estimated"]) == (2, False)
    assert (before["cameras"], before["cameras_unplaced"]) == (2, 1)
    assert (before["indexed"], before["indexed_lag"]) == (0, 2)
    assert before["newest_sighting"] == "2026-07-20T12:01:00.000Z"
    assert before["now"] == "2026-07-20T12:00:00.000Z"
    assert before["parts"]["ingest"]["figures"] == {"per_s": 2.5}
    centre.follow()
    centre.sighting("placed", 120)
    after = centre.get("/status")
    assert (after["indexed"], after["indexed_lag"]) == (2, 1)


def test_readiness_is_that_of_every_part(centre: Centre) -> None:
    assert centre.client.get("/health/live").json() == {"status": "alive"}
    ready = centre.client.get("/health/ready")
    assert ready.status_code == 200
    assert set(ready.json()["parts"]) == {"database", "ingest"}
    centre.parts["ingest"] = PartHealth(ready=False, detail="the broker is away")
    waiting = centre.client.get("/health/ready")
    assert waiting.status_code == 503
    assert waiting.json()["parts"]["ingest"]["detail"] == "the broker is away"


def test_a_database_that_is_away_is_an_answer_too(centre: Centre) -> None:
    nobody = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    services = replace(centre.services, engine=nobody, registry=CollectorRegistry())
    with serve(create_app(services)) as client:
        for path in ("/api/v1/cameras", "/api/v1/status", "/api/v1/sightings"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.json()["detail"].startswith("the database cannot be reached")
        waiting = client.get("/health/ready")
        assert waiting.status_code == 503
        assert not waiting.json()["parts"]["database"]["ready"]
        assert client.get("/health/live").status_code == 200
