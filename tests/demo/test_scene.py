import json
from pathlib import Path

import pytest

from deploy.demo.scene import scene_of, vtest_scene
from shared.errors import ConfigError


def clip(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(b"not looked at here")
    return path


def feature(name: str, **properties: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [126.9, 37.5]},
        "properties": {"id": name, "name": name} | properties,
    }


def written(folder: Path, *features: object) -> Path:
    path = folder / "cameras.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_the_own_scene_is_three_thirds_of_one_clip_on_two_boxes(tmp_path: Path) -> None:
    scene = vtest_scene(clip(tmp_path, "vtest.avi"))

    crops = [camera.properties.crop for camera in scene.features]
    assert crops == [(0, 0, 256, 576), (256, 0, 512, 576), (512, 0, 768, 576)]
    assert {box: len(cameras) for box, cameras in scene.boxes().items()} == {"box-a": 2, "box-b": 1}


def test_own_clips_without_a_camera_file_stand_side_by_side(tmp_path: Path) -> None:
    scene = scene_of([clip(tmp_path, "gate.mp4"), clip(tmp_path, "hall.mp4")], None)

    assert [camera.properties.name for camera in scene.features] == ["gate", "hall"]
    assert len({camera.geometry.coordinates for camera in scene.features}) == 2


def test_a_camera_file_gives_places_and_takes_the_clips_in_order(tmp_path: Path) -> None:
    own = clip(tmp_path, "own.mp4")
    path = written(tmp_path, feature("a"), feature("b", video="own.mp4", crop=[0, 0, 10, 10]))

    scene = scene_of([clip(tmp_path, "first.mp4")], path)

    assert scene.features[0].properties.video == tmp_path / "first.mp4"
    assert scene.features[1].properties.video == own


def test_a_camera_file_may_name_every_clip_itself(tmp_path: Path) -> None:
    own = clip(tmp_path, "own.mp4")

    scene = scene_of([], written(tmp_path, feature("a", video="own.mp4")))

    assert [camera.properties.video for camera in scene.features] == [own]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a GeoJSON"),
        ("[]", "not a GeoJSON"),
        ('{"type": "FeatureCollection", "features": []}', "features"),
    ],
)
def test_a_file_that_is_no_scene_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "cameras.geojson"
    path.write_text(text)

    with pytest.raises(ConfigError, match=said):
        scene_of([clip(tmp_path, "a.mp4")], path)


def test_coordinates_off_the_world_are_refused(tmp_path: Path) -> None:
    swapped = feature("a") | {"geometry": {"type": "Point", "coordinates": [37.5, 126.9]}}

    with pytest.raises(ConfigError, match="less than or equal to 90"):
        scene_of([clip(tmp_path, "a.mp4")], written(tmp_path, swapped))


def test_a_camera_without_a_clip_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, feature("a"), feature("b"))

    with pytest.raises(ConfigError, match="camera b has no clip"):
        scene_of([clip(tmp_path, "a.mp4")], path)


def test_a_clip_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        scene_of([tmp_path / "none.mp4"], None)
