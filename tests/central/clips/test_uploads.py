"""Uploads: what breaks off goes on, and nobody but the box that was asked may send anything."""

import socket
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from prometheus_client import CollectorRegistry

from central.api.app import create_app
from tests.central.asking import Centre, serve
from tests.central.clips.asked import FILE, Upload, ask, digest
from tests.waiting import wait_until


def test_pieces_make_the_whole_and_the_state_tells_how_far_it_is(centre: Centre) -> None:
    clip = ask(centre)
    upload = Upload(centre, clip)
    assert upload.held().headers["upload-offset"] == "0"
    first = upload.send(0, 4000)
    assert (first.status_code, first.headers["upload-offset"]) == (204, "4000")
    assert first.headers["tus-resumable"] == "1.0.0"
    halfway = centre.get(f"/clips/{clip['id']}")
    assert (halfway["state"], halfway["progress"]) == ("uploading", round(4000 / len(FILE), 3))
    assert "is uploading, not ready" in centre.get(f"/clips/{clip['id']}/file", 409)["detail"]
    assert upload.held().headers["upload-offset"] == "4000"
    assert upload.send(4000, len(FILE)).status_code == 204
    ready = centre.get(f"/clips/{clip['id']}")
    assert (ready["state"], ready["progress"], ready["size"]) == ("ready", 1.0, len(FILE))
    assert centre.client.get(ready["file_url"]).content == FILE
    assert upload.held().headers["upload-offset"] == str(len(FILE))


def test_bytes_that_do_not_follow_are_refused_and_it_is_said_where_to_go_on(
    centre: Centre,
) -> None:
    upload = Upload(centre, ask(centre))
    upload.send(0, 1000)
    for start in (0, 500, 1500):
        answer = upload.send(start, start + 100)
        assert (answer.status_code, answer.headers["upload-offset"]) == (409, "1000")
    assert upload.held().headers["upload-offset"] == "1000"


def test_what_came_before_a_line_broke_is_kept(centre: Centre) -> None:
    clip = ask(centre)
    upload = Upload(centre, clip)
    url = urlsplit(str(centre.client.base_url))
    with socket.create_connection((url.hostname, url.port)) as line:
        head = (
            f"PATCH /api/v1/uploads/{clip['id']} HTTP/1.1\r\nhost: localhost\r\n"
            f"authorization: Bearer {upload.token}\r\nupload-offset: 0\r\n"
            f"upload-length: {len(FILE)}\r\nrepr-digest: {digest(FILE)}\r\n"
            f"content-length: {len(FILE)}\r\n\r\n"
        )
        line.sendall(head.encode() + FILE[:3000])
        wait_until(lambda: upload.held().headers["upload-offset"] == "3000")
        # The first request still waits for the rest; its line may be dead for minutes.
        assert upload.send(3000, len(FILE)).status_code == 204
    assert centre.get(f"/clips/{clip['id']}")["state"] == "ready"


def test_without_its_token_nothing_goes_in(centre: Centre) -> None:
    clip, other = ask(centre), ask(centre, to="2026-07-20T11:00:20Z")
    upload, foreign = Upload(centre, clip), Upload(centre, other)
    for token in (
        "-",
        "x" * 43,
        foreign.token,
        upload.token[:-1],
    ):
        upload.token = token
        assert upload.held().status_code == 401
        answer = upload.send(0, 100)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert centre.get(f"/clips/{clip['id']}")["state"] == "asked"


def test_a_file_that_arrives_other_than_it_was_sent_is_not_kept(centre: Centre) -> None:
    clip = ask(centre)
    upload = Upload(centre, clip)
    wrong = digest(FILE[::-1])
    upload.send(0, 4000, **{"repr-digest": wrong})
    answer = upload.send(4000, len(FILE), **{"repr-digest": wrong})
    assert answer.status_code == 422
    failed = centre.get(f"/clips/{clip['id']}")
    assert (failed["state"], failed["file_url"]) == ("failed", None)
    assert "arrived other than it was sent" in failed["reason"]
    assert upload.held().status_code == 410
    assert ask(centre)["id"] != clip["id"]


def test_a_box_that_had_to_cut_the_clip_anew_begins_anew(centre: Centre) -> None:
    clip = ask(centre)
    upload = Upload(centre, clip)
    upload.send(0, 4000)
    upload.file = FILE[::-1]
    assert upload.send(4000, 5000).status_code == 409
    assert upload.held().headers["upload-offset"] == "0"
    assert upload.send(0, len(FILE)).status_code == 204
    assert centre.client.get(f"/api/v1/clips/{clip['id']}/file").content == FILE[::-1]


def test_more_than_was_announced_or_than_the_cap_is_refused(centre: Centre) -> None:
    upload = Upload(centre, ask(centre))
    assert upload.send(0, 100, **{"upload-length": "50"}).status_code == 409
    settings = centre.services.settings.model_copy(update={"clip_max_mib": 1})
    services = replace(centre.services, settings=settings, registry=CollectorRegistry())
    with serve(create_app(services)) as client:
        upload._client = client
        answer = upload.send(0, 100, **{"upload-length": str(1024 * 1024 + 1)})
        assert answer.status_code == 413
        assert "at most 1048576 are taken" in answer.json()["detail"]


def test_a_disk_that_is_nearly_full_is_left_alone_until_there_is_room(centre: Centre) -> None:
    clip = ask(centre)
    upload = Upload(centre, clip)
    upload.send(0, 1000)
    settings = centre.services.settings.model_copy(update={"clip_min_free_mib": 1 << 40})
    services = replace(centre.services, settings=settings, registry=CollectorRegistry())
    with serve(create_app(services)) as full:
        roomy, upload._client = upload._client, full
        answer = upload.send(1000, 2000)
        assert answer.status_code == 507
        assert "stay free" in answer.json()["detail"]
        assert upload.held().headers["upload-offset"] == "1000"
        upload._client = roomy
    assert upload.send(1000, len(FILE)).status_code == 204
    assert centre.get(f"/clips/{clip['id']}")["state"] == "ready"


@pytest.mark.parametrize(
    "headers",
    [
        {"repr-digest": "md5=:abcd:"},
        {"upload-offset": "-1"},
        {"upload-length": "many"},
        {"upload-length": "0"},
        {"upload-offset": str(1 << 50)},
    ],
    ids=str,
)
def test_headers_that_are_none_are_refused(centre: Centre, headers: dict[str, str]) -> None:
    upload = Upload(centre, ask(centre))
    assert upload.send(0, 100, **headers).status_code == 422


def test_a_whole_file_that_was_not_finished_is_finished_when_the_box_asks(centre: Centre) -> None:
    clip = ask(centre)
    upload = Upload(centre, clip)
    upload.send(0, 4000)
    (part,) = centre.services.settings.clips_dir.glob("*/*.part")
    part.write_bytes(FILE)  # as if the centre was killed before it could say so
    assert upload.held().headers["upload-offset"] == str(len(FILE))
    assert centre.get(f"/clips/{clip['id']}")["state"] == "ready"
