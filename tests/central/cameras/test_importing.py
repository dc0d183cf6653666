"""Cameras from files: GeoJSON and the Korean national standard CSV."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.central.asking import Centre

HEADINGS = (
    "관리번호,관리기관명,소재지도로명주소,소재지지번주소,설치목적구분,카메라대수,"
    "촬영방면정보,WGS84위도,WGS84경도"
)
ROWS = (
    "A-1,서울특별시 강남구청,서울특별시 강남구 테헤란로 1,,생활방범,1,북쪽,37.4979,127.0276",
    "A-2,서울특별시 강남구청,,서울특별시 강남구 역삼동 2,차량방범,4,,37.4981,127.0280",
    '"가-3",서울특별시 강남구청,"테헤란로, 3",,어린이보호,2,,37.4990,127.0300',
)
WRONG = {
    "A-4,구청,x,,방범,1,,,127.0": "no latitude",
    "A-5,구청,x,,방범,1,,127.02,37.49": "swapped",
    "A-6,구청,x,,방범,1,,48.85,2.35": "not in South Korea",
    "A-7,구청,x,,방범,1,,abc,127.0": "not a number",
    "A-8,구청,x,,방범,1,,nan,127.0": "not in South Korea",
    "A-9,구청,x": "3 fields under 9 headings",
    "A-1,서울특별시 강남구청,다른 곳,,방범,1,,37.5,127.0": "same camera as row 1",
    f"A-10,구청,{'x' * 400},,방범,1,,37.5,127.0": "300",
}


def csv(*rows: str, encoding: str = "utf-8", headings: str = HEADINGS) -> bytes:
    return "\r\n".join([headings, *rows, ""]).encode(encoding)


def send(
    centre: Centre, data: bytes, kind: str = "korean-csv", status: int = 200
) -> dict[str, Any]:
    answer = centre.client.post(f"/api/v1/cameras/import/{kind}", content=data)
    assert answer.status_code == status, answer.text
    report: dict[str, Any] = answer.json()
    return report


@pytest.mark.parametrize("encoding", ["cp949", "utf-8", "utf-8-sig"])
def test_the_standard_layout_is_read_in_each_encoding_in_use(centre: Centre, encoding: str) -> None:
    report = send(centre, csv(*ROWS, encoding=encoding))
    assert report == {
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "rejected": [],
        "rejected_total": 0,
    }
    cameras = {camera["name"]: camera for camera in centre.get("/cameras")["items"]}
    assert set(cameras) == {
        "서울특별시 강남구 테헤란로 1",
        "서울특별시 강남구 역삼동 2",
        "테헤란로, 3",
    }
    second = cameras["서울특별시 강남구 역삼동 2"]
    assert second["position"] == {"lon": 127.028, "lat": 37.4981}
    assert second["purpose"] == "차량방범"
    assert second["properties"]["cameras"] == 4
    assert second["properties"]["관리기관명"] == "서울특별시 강남구청"


def test_the_same_file_again_changes_nothing_in_another_encoding_too(centre: Centre) -> None:
    send(centre, csv(*ROWS))
    before = centre.get("/cameras")
    again = send(centre, csv(*ROWS, encoding="cp949"))
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 3)
    assert centre.get("/cameras") == before


def test_a_row_that_moves_is_the_same_camera_and_keeps_what_the_file_does_not_say(
    centre: Centre,
) -> None:
    send(centre, csv(ROWS[0]))
    (camera,) = centre.get("/cameras")["items"]
    url = f"/api/v1/cameras/{camera['id']}"
    centre.client.patch(url, json={"box": "box-9", "azimuth_deg": 45}).raise_for_status()
    report = send(centre, csv(ROWS[0].replace("37.4979", "37.5")))
    assert (report["created"], report["updated"]) == (0, 1)
    moved = centre.get(f"/cameras/{camera['id']}")
    assert moved["position"] == {"lon": 127.0276, "lat": 37.5}
    assert (moved["box"], moved["azimuth_deg"]) == ("box-9", 45)


def test_each_wrong_row_is_reported_and_the_others_are_imported(centre: Centre) -> None:
    report = send(centre, csv(*ROWS, *WRONG))
    assert report["created"] == 3
    assert [row["row"] for row in report["rejected"]] == list(range(4, 4 + len(WRONG)))
    for row, reason in zip(report["rejected"], WRONG.values(), strict=True):
        assert reason in row["reason"]
    assert report["rejected"][0]["values"]["관리번호"] == "A-4"


def test_a_row_with_broken_characters_is_rejected_and_the_file_is_not(centre: Centre) -> None:
    data = csv(ROWS[0], ROWS[1].replace("역삼동", "!"), encoding="cp949").replace(b"!", b"\xff\xff")
    report = send(centre, data)
    assert (report["created"], report["rejected_total"]) == (1, 1)
    assert "neither cp949 nor UTF-8" in report["rejected"][0]["reason"]


def test_a_layout_without_numbers_has_stable_ids_too(centre: Centre) -> None:
    headings = "소재지도로명주소,카메라대수,위도,경도,데이터기준일자,소재지지번주소"
    row = "경기도 성남시 분당구 서현로429번길 30,3,37.3767595,127.1449705,2018.4.1,분당동 108-1"
    first = send(centre, csv(row, row, headings=headings))
    assert (first["created"], first["rejected_total"]) == (1, 1)
    second = send(centre, csv(row, headings=headings, encoding="cp949"))
    assert second["unchanged"] == 1


def test_what_is_no_such_file_is_refused_whole(centre: Centre) -> None:
    for data, reason in (
        (b"", "latitude and longitude"),
        (b"\x00\xff\xfe" * 50, "latitude and longitude"),
        ("이름,주소\n가,나\n".encode(), "latitude and longitude"),
        (csv(*ROWS, '"' + "x" * 200_000), "stops being CSV"),
    ):
        assert reason in send(centre, data, status=422)["detail"]
    assert centre.get("/cameras")["items"] == []


def test_a_form_may_carry_the_file(centre: Centre) -> None:
    url = "/api/v1/cameras/import/korean-csv"
    answer = centre.client.post(url, files={"file": ("cctv.csv", csv(*ROWS), "text/csv")})
    assert answer.json()["created"] == 3
    answer = centre.client.post(url, files={"other": ("cctv.csv", csv(*ROWS), "text/csv")})
    assert answer.status_code == 422


def test_the_published_files_of_two_cities_are_read(centre: Centre, shared_data: Path) -> None:
    gyeongsan = shared_data / "geo" / "gyeongsan_cctv_standard.csv"
    seongnam = shared_data / "geo" / "seongnam_cctv.csv"
    if not (gyeongsan.is_file() and seongnam.is_file()):
        pytest.skip("the two cities' files are not in the shared data")
    first = send(centre, gyeongsan.read_bytes())
    assert first["created"] + first["rejected_total"] == 3_538
    assert first["created"] > 3_500
    second = send(centre, seongnam.read_bytes())
    assert second["created"] + second["rejected_total"] == 1_564
    assert second["created"] > 1_500
    assert send(centre, gyeongsan.read_bytes())["unchanged"] == first["created"]


def feature(identifier: object, lon: object, lat: object, **properties: object) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }


def collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_what_is_exported_is_imported_as_it_was(centre: Centre) -> None:
    centre.post(
        "/cameras",
        {
            "id": "a",
            "name": '따옴표 "와" 쉼표',
            "position": {"lon": -179.999999, "lat": 89.5},
            "box": "box-1",
            "height_m": 4.25,
            "purpose": "방범",
            "properties": {"nested": {"x": [1, None]}},
        },
        201,
    )
    centre.camera("b")
    before = centre.get("/cameras")
    exported = centre.client.get("/api/v1/cameras/export.geojson")
    assert exported.headers["content-type"] == "application/geo+json"
    again = send(centre, exported.content, "geojson")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)
    for camera in ("a", "b"):
        centre.client.delete(f"/api/v1/cameras/{camera}").raise_for_status()
    assert send(centre, exported.content, "geojson")["created"] == 2
    assert centre.get("/cameras") == before


def test_wrong_features_are_reported_and_the_others_are_imported(centre: Centre) -> None:
    report = send(
        centre,
        collection(
            feature("good", 127.0, 37.5, name="좋음", lanes=2),
            feature("swapped", 37.5, 127.0),
            feature("../x", 1, 1),
            feature("text", "127", 37),
            {"type": "Feature", "id": "line", "geometry": {"type": "LineString"}},
            feature(None, 1, 1),
            "feature",
            feature("good", 1, 1),
            {"type": "Feature", "id": "nowhere", "geometry": None, "properties": None},
        ),
        "geojson",
    )
    assert report["created"] == 2
    rows = {row["row"]: row["reason"] for row in report["rejected"]}
    assert set(rows) == {2, 3, 4, 5, 6, 7, 8}
    assert "position.lat" in rows[2]
    assert "same camera as row 1" in rows[8]
    good = centre.get("/cameras/good")
    assert (good["name"], good["properties"]) == ("좋음", {"lanes": 2})
    assert centre.get("/cameras/nowhere")["position"] is None


def test_what_is_no_collection_is_refused(centre: Centre) -> None:
    no_features = b'{"type":"FeatureCollection"}'
    for data in (b"", b"{", b"[]", no_features, b"\xff\xfe", b"[" * 200_000, b"NaN"):
        send(centre, data, "geojson", 422)
