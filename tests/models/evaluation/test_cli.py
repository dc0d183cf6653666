import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from models.cli import app
from models.errors import ModelError
from models.store import ModelStore
from shared.errors import ConfigError, DependencyMissing
from shared.pictures import encode_webp

OSNET = "osnet-x0-25"
YOLOX = "yolox-nano-416"


@pytest.fixture
def crops(tmp_path: Path) -> Path:
    for place, name in enumerate(("car_1_cam1", "car_1_cam2", "bus_1_cam1", "bus_1_cam2")):
        picture = np.full((64, 32, 3), 60 * place, dtype=np.uint8)
        (tmp_path / f"{name}.jpg").write_bytes(encode_webp(picture))
    return tmp_path


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["evaluate", *words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_reid_tells_its_figures_as_json_and_in_a_file(
    weights: ModelStore, crops: Path, tmp_path: Path
) -> None:
    out = tmp_path / "figures" / "reid.json"
    where = ("--model", OSNET, "--data", str(crops), "--store", str(weights.root))
    told = json.loads(run("reid", *where, "--json", "--out", str(out)))
    assert told == json.loads(out.read_text())
    assert told["task"] == "reid"
    assert told["runs_as"] == f"{OSNET}@msmt17 onnxruntime/CPU/f32"
    assert told["data"] == {"folder": str(crops), "identities": "all", "queries": "all"}
    assert set(told["figures"]) == {
        "rank1",
        "rank5",
        "rank10",
        "mean_ap",
        "queries",
        "gallery",
        "identities",
    }
    assert told["figures"]["queries"] == 4
    assert told["troubles"] == {"damaged": []}


def test_detection_tells_its_figures_in_a_table(weights: ModelStore, tmp_path: Path) -> None:
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    picture = encode_webp(np.zeros((416, 416, 3), dtype=np.uint8))
    (tmp_path / "images" / "a.webp").write_bytes(picture)
    (tmp_path / "labels" / "a.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    (tmp_path / "labels" / "lost.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    where = ("--model", YOLOX, "--data", str(tmp_path), "--store", str(weights.root))
    said = run("detection", *where)
    assert "onnxruntime/CPU/f32" in said
    assert "classes.person.ap50" in said
    assert "labels alone: 1" in said
    assert "lost.txt" in said


def test_weights_that_are_not_here_say_how_to_get_them(crops: Path, tmp_path: Path) -> None:
    with pytest.raises(DependencyMissing, match=f"dongseon models pull {OSNET}"):
        run("reid", "--model", OSNET, "--data", str(crops), "--store", str(tmp_path / "none"))


def test_an_empty_folder_and_a_model_for_something_else_are_refused(
    crops: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="has no picture"):
        run("reid", "--model", OSNET, "--data", str(tmp_path / "empty"))
    with pytest.raises(ModelError, match="an embedder is needed"):
        run("reid", "--model", YOLOX, "--data", str(crops))
