from pathlib import Path

import pytest

from edge_agent.config import EdgeSettings, load_config
from edge_agent.model_settings import RoleSettings
from shared.errors import ConfigError

LEAST = """
[box]
name = "box-1"
data_dir = "data"
[uplink]
host = "127.0.0.1"
"""
CHANNEL = """
[[channels]]
name = "gate"
camera = "gate"
source = "gate.mp4"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "box.toml"
    path.write_text(text)
    return path


def test_the_least_a_box_must_say(tmp_path: Path) -> None:
    settings = load_config(written(tmp_path, LEAST + CHANNEL))
    assert settings.uplink.broker_port == 1883
    assert settings.uplink.window == 16
    assert settings.tracklet.min_height == 128
    assert {role: found.name for role, found in settings.models.roles.items()} == {
        "detector": "starter-detector",
        "person_embedder": "starter-person-embedder",
        "vehicle_embedder": "starter-vehicle-embedder",
        "two_wheeler_embedder": "starter-vehicle-embedder",
        "person_attributes": "clothing-colours",
        "vehicle_attributes": "paint-colour",
        "plate_detector": "starter-plate-finder",
        "plate_reader": "starter-plate-reader",
    }
    assert (settings.channels[0].fps, settings.channels[0].endless) == (5.0, False)


def test_a_profile_gives_what_the_box_does_not_say(tmp_path: Path) -> None:
    own = CHANNEL + "fps = 2\n" + CHANNEL.replace("gate", "hall")
    settings = load_config(written(tmp_path, LEAST + "window = 3\n" + own), "intel-n100/lte")
    assert settings.box.profile == "intel-n100/lte"
    assert (settings.uplink.window, settings.uplink.kbit_per_s) == (3, 64.0)
    assert [channel.fps for channel in settings.channels] == [2.0, 4.0]
    assert not settings.tracklet.early
    assert settings.tracklet.max_crop_height == 192


def test_the_file_may_name_its_profile(tmp_path: Path) -> None:
    text = LEAST.replace("[uplink]", 'profile = "generic-x86_64/narrow"\n[uplink]')
    assert load_config(written(tmp_path, text + CHANNEL)).uplink.kbit_per_s == 16.0


@pytest.mark.parametrize(
    ("own", "early", "height", "quality"),
    [
        ("", True, 256, 80),
        ('profile = "normal"\n', True, 256, 80),
        ('profile = "thrifty"\n', False, 192, 70),
        ('profile = "thrifty"\n[tracklet]\nearly = true\nwebp_quality = 75\n', True, 192, 75),
        ('profile = "vectors-first"\n', True, 256, 80),
    ],
)
def test_a_sparing_uplink_sends_fewer_and_smaller_pictures_unless_the_box_says_otherwise(
    tmp_path: Path, own: str, *, early: bool, height: int, quality: int
) -> None:
    tracklet = load_config(written(tmp_path, LEAST + own + CHANNEL)).tracklet
    assert (tracklet.early, tracklet.max_crop_height, tracklet.webp_quality) == (
        early,
        height,
        quality,
    )


def test_more_channels_than_the_profile_carries_are_refused(tmp_path: Path) -> None:
    text = LEAST + "".join(CHANNEL.replace("gate", f"gate-{n}") for n in range(5))
    assert len(load_config(written(tmp_path, text)).channels) == 5
    with pytest.raises(ConfigError, match=r"5 channels; profile intel-n100 carries 4"):
        load_config(written(tmp_path, text), "intel-n100")


def test_a_role_is_a_name_or_a_table_and_takes_the_rest_from_the_table_of_all(
    tmp_path: Path,
) -> None:
    models = """
[models]
detector = "a"
person_embedder = { name = "b", runtime = "onnxruntime", precision = "FP32", threads = 2 }
vehicle_embedder = "c"
device = "AUTO"
runtime = "openvino"
"""
    roles = load_config(written(tmp_path, LEAST + models + CHANNEL), "intel-n100").models.roles
    assert roles["detector"] == RoleSettings(name="a", runtime="openvino", device="AUTO", threads=1)
    assert roles["person_embedder"] == RoleSettings(
        name="b", runtime="onnxruntime", precision="FP32", device="AUTO", threads=2
    )
    assert roles["two_wheeler_embedder"] == roles["vehicle_embedder"]


def test_nobody_reads_what_is_not_sent(tmp_path: Path) -> None:
    models = """
[models]
vehicle_embedder = "none"
two_wheeler_embedder = "b"
vehicle_attributes = "c"
plate_detector = "d"
plate_reader = "e"
"""
    roles = load_config(written(tmp_path, LEAST + models + CHANNEL)).models.roles
    assert set(roles) == {
        "detector",
        "person_embedder",
        "person_attributes",
        "two_wheeler_embedder",
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (LEAST, r"\[channels\] Field required"),
        (CHANNEL, r"\[box\] Field required"),
        (LEAST + CHANNEL + "colour = 1", r"\[channels.0.colour\] Extra inputs"),
        (LEAST + "window = 17" + CHANNEL, r"\[uplink.window\] .*less than or equal to 16"),
        (LEAST + 'profile = "mean"' + CHANNEL, r"\[uplink.profile\] Input should be 'normal'"),
        (LEAST.replace("box-1", "Box 1") + CHANNEL, r"\[box.name\] String should match"),
        (LEAST + 'tls = {ca = "a", cert = "b"}' + CHANNEL, "cert and key together"),
        (LEAST + CHANNEL + CHANNEL, "two channels are named 'gate'"),
        (LEAST + CHANNEL + "crop = {left=9, top=0, right=9, bottom=5}", "left must be below"),
        (LEAST + CHANNEL + "starts_at = 2026-01-01T00:00:00", "no time zone"),
        (LEAST + CHANNEL + '[models]\nface = "a"', r"\[models.face\] Extra inputs"),
        (LEAST + CHANNEL + "[models]\ndetector = 3", r"\[models.detector\] .*a model's name"),
        (LEAST + CHANNEL + '[models]\ndetector = "none"', "sees nothing"),
        (LEAST + CHANNEL + "[models.detector]\nthread = 1", r"\[models.detector.name\] Field"),
        (
            LEAST + CHANNEL + '[models.detector]\nname = "a"\nruntime = "tflite"',
            r"\[models.detector.runtime\] Input should be 'openvino'",
        ),
        ("box = 3" + CHANNEL, r"\[box\]"),
        ("box =", "not TOML"),
        ("channels = 3\n" + LEAST, r"\[channels\]"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, text: str, complaint: str) -> None:
    path = written(tmp_path, text)
    for profile in (None, "generic-x86_64"):
        with pytest.raises(ConfigError, match=complaint) as raised:
            load_config(path, profile)
        assert str(path) in str(raised.value)


@pytest.mark.parametrize("source", ["rtsp://camera/1", "rtsps://camera/1", "usb:0"])
def test_cameras_are_endless(tmp_path: Path, source: str) -> None:
    text = LEAST + CHANNEL.replace("gate.mp4", source)
    assert load_config(written(tmp_path, text)).channels[0].endless


def test_a_start_in_any_zone_is_one_instant(tmp_path: Path) -> None:
    text = LEAST + CHANNEL + "starts_at = 2026-01-01T09:00:00+09:00"
    settings: EdgeSettings = load_config(written(tmp_path, text))
    assert settings.channels[0].starts_at_ms == 1_767_225_600_000


def test_a_sub_stream_is_what_is_looked_at(tmp_path: Path) -> None:
    text = LEAST + CHANNEL + 'substream = "rtsp://camera/low"\nhwaccel = "vaapi"'
    channel = load_config(written(tmp_path, text)).channels[0]
    assert channel.watched == "rtsp://camera/low"
    assert channel.sources == ("rtsp://camera/low", channel.source)
    assert channel.endless
    plain = load_config(written(tmp_path, LEAST + CHANNEL)).channels[0]
    assert plain.sources == (plain.source,)
    assert plain.hwaccel == "none"
