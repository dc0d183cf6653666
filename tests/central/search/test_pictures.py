"""Search by an uploaded picture."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from central.search.reader import make_reader
from central.settings import CentralSettings
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.errors import ConfigError, DependencyMissing
from shared.pictures import Picture
from tests.central.asking import FOUND, Centre
from tests.factories import SPACE


def encoded(kind: str, width: int = 320, height: int = 240) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(out, kind)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 30,000 x 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def hundred_megapixels() -> bytes:
    """A real picture of one colour, small as a file."""
    out = io.BytesIO()
    Image.new("1", (12_500, 8_000)).save(out, "PNG")
    return out.getvalue()


def upload(centre: Centre, data: bytes, request: str | None = None) -> httpx.Response:
    return centre.client.post(
        "/api/v1/search/picture",
        files={"file": ("query", data, "application/octet-stream")},
        data={} if request is None else {"request": request},
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_finds_whom_it_shows_and_says_which_part_was_used(
    centre: Centre, kind: str
) -> None:
    shown = centre.sighting("cam-1", vector=centre.reader.vector)
    other = centre.sighting("cam-2", 10)
    centre.follow()
    answer = upload(centre, encoded(kind), '{"limit": 2, "group_by": "camera"}')
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [one["sighting"]["id"] for one in found["candidates"]] == [str(shown), str(other)]
    assert found["query"] == {
        "space": SPACE,
        "sighting_ids": [],
        "pictures": [],
        "picture": {"width": 320, "height": 240, "box": list(FOUND)},
    }
    assert [group["camera"] for group in found["groups"]] == ["cam-1", "cam-2"]
    assert centre.reader.asked == [((240, 320, 3), ObjectClass.PERSON)]


def test_no_request_beside_the_picture_means_everywhere_and_always(centre: Centre) -> None:
    assert upload(centre, encoded("PNG")).json()["candidates"] == []


def offer(centre: Centre, data: bytes, _request: None = None) -> httpx.Response:
    return centre.client.post("/api/v1/pictures", files={"file": ("query", data)})


@pytest.mark.parametrize("send", [upload, offer])
def test_what_is_no_picture_is_refused_before_it_is_decoded(
    centre: Centre, send: Callable[[Centre, bytes], httpx.Response]
) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    wrong = {
        b"%PDF-1.7 " + encoded("PNG"): "not a picture",
        b"PK\x03\x04" + encoded("WEBP"): "not a picture",
        b'<?xml version="1.0"?>' + svg: "not a picture",
        hundred_megapixels(): "pixels",
        b"": "not a picture",
        b"GIF89a" + b"\0" * 100: "not a picture",
        svg: "not a picture",
        encoded("JPEG")[:200]: "cannot be decoded",
        bomb(): "pixels",
    }
    for data, reason in wrong.items():
        answer = send(centre, data)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert reason in answer.json()["detail"]
    assert centre.reader.asked == []


def test_a_picture_that_is_something_else_besides_is_taken_as_a_picture_alone(
    centre: Centre,
) -> None:
    both = encoded("JPEG") + b"PK\x03\x04<script>alert(1)</script><?php system('id') ?>"
    offered = offer(centre, both)
    assert offered.status_code == 201
    crop = centre.client.get(offered.json()["objects"][0]["crop_url"])
    # What is given back was drawn anew.
    assert b"script" not in crop.content
    assert crop.headers["x-content-type-options"] == "nosniff"


def test_thirty_megabytes_are_not_read(centre: Centre) -> None:
    answer = upload(centre, bytes(30_000_000))
    assert answer.status_code == 413
    assert answer.json()["title"]
    just_over_the_picture_cap = upload(centre, bytes(20 * 1024 * 1024 + 1))
    assert just_over_the_picture_cap.status_code == 422
    assert "cap" in just_over_the_picture_cap.json()["detail"]


def test_a_wrong_request_beside_the_picture_is_refused_where_it_is_wrong(centre: Centre) -> None:
    for request, status, where in (
        ("{", 400, "body.request"),
        ('{"limit": 9999}', 422, "body.request.limit"),
        ('{"by": {}}', 422, "body.request.by"),
    ):
        answer = upload(centre, encoded("PNG"), request)
        assert answer.status_code == status
        assert answer.json()["errors"][0]["where"] == where
    without_file = centre.client.post("/api/v1/search/picture", data={"request": "{}"})
    assert without_file.status_code == 422


def settings(tmp_path: Path, weights: Path) -> CentralSettings:
    return CentralSettings(
        database_url="postgresql://x",
        data_dir=tmp_path,
        model_dir=weights,
        search_threads=1,
        models={ObjectClass.PERSON: SPACE},
        detector="person-vehicle-bike-detection-2004",
    )


def test_a_reader_without_weights_or_embedder_says_what_to_do(tmp_path: Path) -> None:
    reader = make_reader(settings(tmp_path, tmp_path / "none"))
    picture = np.zeros((128, 64, 3), dtype=np.uint8)
    with pytest.raises(DependencyMissing, match="dongseon models pull"):
        reader.read(picture, ObjectClass.PERSON)
    with pytest.raises(ConfigError, match="vehicle"):
        reader.read(picture, ObjectClass.VEHICLE)


@pytest.fixture(scope="module")
def weights(model_mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("weights")
    store = ModelStore(root)
    for name in (SPACE, "person-vehicle-bike-detection-2004"):
        store.pull(name, model_mirror)
    return root


def street(shared_data: Path) -> Picture:
    """A frame of a real hall with people."""
    import cv2  # noqa: PLC0415 - only here

    clip = next((shared_data / "video").glob("*people_hall*"), None)
    if clip is None:
        pytest.skip("no people_hall clip in the shared data")
    taken = cv2.VideoCapture(str(clip))
    try:
        for _ in range(30):
            _, frame = taken.read()
    finally:
        taken.release()
    return np.asarray(frame, dtype=np.uint8)


def test_the_real_models_find_the_largest_person_and_take_a_crop_whole(
    weights: Path, shared_data: Path, tmp_path: Path
) -> None:
    reader = make_reader(settings(tmp_path, weights))
    picture = street(shared_data)
    whole = reader.read(picture, ObjectClass.PERSON)
    assert whole.space == SPACE
    assert whole.box is not None
    left, top, right, bottom = (round(side) for side in whole.box)
    crop = np.ascontiguousarray(picture[top:bottom, left:right])
    cut = reader.read(crop, ObjectClass.PERSON)
    assert cut.box is None
    assert float(cut.vector @ whole.vector) > 0.95


def test_the_real_models_offer_every_person_and_what_they_wear(
    weights: Path, shared_data: Path, tmp_path: Path
) -> None:
    reader = make_reader(settings(tmp_path, weights))
    picture = street(shared_data)
    found = reader.objects(picture)
    people = [each for each in found if each.object_class == ObjectClass.PERSON]
    assert len(people) >= 2
    assert all(each.space == SPACE and each.confidence for each in people)
    assert "upper_colour" in people[0].attributes
    largest = max(people, key=lambda each: each.rect.area)
    assert float(largest.vector @ reader.read(picture, ObjectClass.PERSON).vector) > 0.99
    (alone,) = reader.objects(np.ascontiguousarray(picture[:128, :64]))
    assert (alone.confidence, alone.object_class) == (None, ObjectClass.PERSON)
