import json
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from models.bench.pictures import CROP, made_picture
from models.cli import app
from models.store import ModelStore
from shared.errors import ConfigError

OSNET = "osnet-x0-25"


def run(*words: str) -> str:
    done = CliRunner().invoke(app, [*words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_bench_tells_its_figures_as_json_and_in_a_table(weights: ModelStore) -> None:
    where = (OSNET, "--seconds", "0", "--runtime", "onnxruntime", "--store", str(weights.root))
    told = json.loads(run("bench", *where, "--batch", "1,2", "--json"))
    assert set(told) == {"processor", "timings", "missing"}
    assert [(each["model"], each["computes"], each["batch"]) for each in told["timings"]] == [
        (OSNET, "f32", 1),
        (OSNET, "f32", 2),
    ]
    assert all(each["p90_ms"] >= each["p50_ms"] > 0 for each in told["timings"])
    assert "onnxruntime" in run("bench", *where)


def test_agreement_tells_its_figures_as_json_and_in_a_table(
    weights: ModelStore, tmp_path: Path
) -> None:
    for place in range(4):
        cv2.imwrite(str(tmp_path / f"{place}.png"), made_picture(CROP, place))
    where = (OSNET, "--data", str(tmp_path), "--count", "2", "--store", str(weights.root))
    (told,) = json.loads(run("agreement", *where, "--against", "exact", "--json"))
    assert told["what"] == told["against"] == f"{OSNET}@msmt17 onnxruntime/CPU/f32"
    assert told["pictures"] == 2
    assert told["least"] == pytest.approx(1, abs=1e-4)
    assert "onnxruntime/CPU/f32" in run("agreement", *where, "--against", "exact")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--runtime", "abacus"), "--runtime 'abacus'; there is openvino, onnxruntime"),
        (("--precision", "int4"), "--precision 'int4'; there is f32, bf16, int8"),
        (("--threads", "two"), "--threads 'two': expected whole numbers"),
        (("--batch", "1,0"), "--batch '1,0': expected numbers above zero"),
    ],
    ids=["runtime", "precision", "threads", "batch"],
)
def test_what_cannot_be_measured_is_refused(words: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        run("bench", *words)
