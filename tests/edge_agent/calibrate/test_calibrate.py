"""`dongseon edge calibrate` as a person types it, on the weights that come with the project."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge_agent.config import load_config
from shared.geometry import Rect
from tests.edge_agent.media.clips import Actor, encode_scene

DETECTOR, EMBEDDER = "starter-detector", "starter-person-embedder"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    walker = Actor((20, 20, 230), Rect(40, 60, 80, 180), speed=(40, 0))
    clip = encode_scene(tmp_path / "gate.mp4", [walker], seconds=3)
    path = tmp_path / "box.toml"
    path.write_text(
        f"""
[box]
name = "box-1"
data_dir = "{tmp_path / "data"}"
[uplink]
host = "127.0.0.1"
[models]
detector = "{DETECTOR}"  # the eye
person_embedder = "{EMBEDDER}"
vehicle_embedder = "none"
store = "{tmp_path / "store"}"
[[channels]]
name = "gate"
camera = "gate"
source = "{clip}"
fps = 2
[[channels]]
name = "yard"
camera = "yard"
source = "{tmp_path / "nowhere.mp4"}"
fps = 2
"""
    )
    return path


def calibrate(config: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "deploy", "edge", "calibrate", "--config", str(config), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}),
    )


def test_the_set_that_fits_is_measured_shown_and_written(config: Path) -> None:
    said = calibrate(config, "--seconds", "2", "--share", "1", "--write", "--json")
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert found["fits"]
    assert set(found["set"]) == {"detector", "person_embedder", "person_attributes"}
    ways = {(row["name"], row["runtime"]) for row in found["candidates"]}
    assert ways == {
        (DETECTOR, "onnxruntime"),
        (DETECTOR, "openvino"),
        (EMBEDDER, "onnxruntime"),
        (EMBEDDER, "openvino"),
        ("clothing-colours", None),
    }
    assert "yard: not opened, measured on a test picture" in said.stderr
    assert "measuring" in said.stderr
    settings = load_config(config)
    assert settings.models.roles["detector"].runtime == found["set"]["detector"]["runtime"]
    assert settings.calibrated is not None
    assert settings.calibrated.channels == 2
    assert settings.calibrated.roles["person_embedder"].cpu_ms > 0
    assert "# the eye" in config.read_text()


def test_when_nothing_fits_it_says_what_would_and_writes_nothing(config: Path) -> None:
    before = config.read_text()
    said = calibrate(config, "--seconds", "0.1", "--share", "0.05", "--write")
    assert said.returncode == 1
    assert "nothing fits into 5%" in said.stdout
    assert config.read_text() == before


def test_a_role_without_weights_is_named_with_the_mend(config: Path) -> None:
    config.write_text(config.read_text().replace(EMBEDDER, "person-reidentification-retail-0287"))
    said = calibrate(config, "--seconds", "0.1")
    assert said.returncode == 1
    assert "nothing here can be person_embedder" in said.stderr
    assert "dongseon models pull person-reidentification-retail-0287" in said.stderr
