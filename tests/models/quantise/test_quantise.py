"""The whole way, from pictures to a model that a box can load, on a network small enough."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from models.catalogue import RuntimeName
from models.cli import app
from models.errors import ModelError, WrongWeights
from models.quantise.pictures import Ask
from models.quantise.report import Report
from models.quantise.run import Wish, quantise
from models.quantise.search import Limits
from models.roles import LoadOptions, load_embedder
from models.store import ModelStore
from shared.errors import ConfigError
from tests.models.quantise.conftest import MakeStore, Weights

RUNTIMES: tuple[RuntimeName, ...] = ("openvino", "onnxruntime")
PRECISIONS = {"openvino": "INT8", "onnxruntime": "INT8-QDQ"}


def run(store: ModelStore, crops: Path, limits: Limits | None = None, **wished: object) -> Report:
    wish = Wish("tiny", Ask(crops, most=24), limits or Limits(2.0), **wished)  # type: ignore[arg-type]
    return quantise(wish, store, lambda _: None)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_is_written_loads_by_its_role_and_gives_nearly_the_same_vectors(
    make_store: MakeStore, weights: Weights, unknown_crops: Path, runtime: RuntimeName
) -> None:
    store = make_store(weights)
    report = run(store, unknown_crops, runtimes=(runtime,))
    assert [one.within for one in report.runtimes] == [True]
    again = ModelStore(store.root, store.catalogue)
    quantised = load_embedder("tiny-int8", LoadOptions(store=again))
    assert quantised.describe() == f"tiny-int8@1 {runtime}/CPU/int8"
    full = load_embedder("tiny", LoadOptions(store=again))
    assert quantised.space == full.space
    pictures = np.random.default_rng(5).integers(0, 256, (6, 32, 16, 3)).astype(np.uint8)
    cosines = (full.embed(list(pictures)) * quantised.embed(list(pictures))).sum(axis=1)
    assert cosines.min() > 0.98


def test_both_runtimes_get_a_file_and_the_report_says_what_it_costs_and_gains(
    make_store: MakeStore, weights: Weights, crops: Path
) -> None:
    report = run(make_store(weights), crops)
    assert report.name == "tiny-int8"
    for one in report.runtimes:
        assert one.judgement.by == "2 identities, 16 crops"
        assert set(one.judgement.figures) >= {"rank-1", "mAP"}
        assert one.judgement.across is not None
        assert one.judgement.across > 0.99
        assert one.full_ms > 0
        assert one.int8_ms > 0
        assert one.layers == 4
        assert one.written
        assert one.precision in one.line()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_layer_that_costs_accuracy_stays_and_the_report_names_it_and_its_cost(
    make_store: MakeStore, weights: Weights, unknown_crops: Path, runtime: RuntimeName
) -> None:
    # One channel a thousand times the others, of which the last layer makes nothing.
    second, last = weights["second"].copy(), weights["last"].copy()
    second[0] *= 4000
    last[:, 0] /= 40000
    store = make_store({**weights, "second": second, "last": last})
    report = run(store, unknown_crops, Limits(4.0), runtimes=(runtime,))
    (one,) = report.runtimes
    assert one.within
    assert any("last" in kept.layer and "distort" in kept.reason for kept in one.kept), one.kept
    assert max(float(str(trial["drop"])) for trial in one.tried) > 4.0
    assert one.judgement.drop <= 4.0


def test_where_nothing_is_within_the_limit_nothing_is_written(
    make_store: MakeStore, weights: Weights, unknown_crops: Path
) -> None:
    store = make_store(weights)
    report = run(store, unknown_crops, Limits(0.0), runtimes=("openvino",))
    assert report.name is None
    assert not report.runtimes[0].within
    assert not report.runtimes[0].written
    assert not (store.root / "local").exists()


def test_quantised_weights_are_checked_like_any_other(
    make_store: MakeStore, weights: Weights, unknown_crops: Path
) -> None:
    store = make_store(weights)
    run(store, unknown_crops, runtimes=("onnxruntime",))
    again = ModelStore(store.root, store.catalogue)
    path = again.require(again.catalogue.entry("tiny-int8"))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(WrongWeights, match="tiny-int8-qdq"):
        load_embedder("tiny-int8", LoadOptions(store=again))


def test_a_file_that_is_no_network_is_our_error(
    make_store: MakeStore, weights: Weights, crops: Path
) -> None:
    store = make_store(weights)
    entry = store.catalogue.entry("tiny")
    path = store.require(entry)
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(WrongWeights, match=r"tiny\.onnx"):
        run(store, crops)


def test_weights_that_give_no_numbers_are_refused(
    make_store: MakeStore, weights: Weights, crops: Path
) -> None:
    broken = weights["second"].copy()
    broken[3, 2, 1, 1] = np.nan
    with pytest.raises(ModelError, match="not finite"):
        run(make_store({**weights, "second": broken}), crops)


def test_a_network_of_another_shape_is_refused(
    make_store: MakeStore, weights: Weights, crops: Path
) -> None:
    store = make_store(weights)
    entry = store.catalogue.entry("tiny")
    wider = entry.input.model_copy(update={"width": 24})
    changed = store.catalogue.model_copy(
        update={"models": (entry.model_copy(update={"input": wider}),)}
    )
    with pytest.raises(ModelError, match="is it the file of another model"):
        run(ModelStore(store.root, changed), crops)


def test_what_is_there_in_8_bits_only_cannot_be_quantised(
    make_store: MakeStore, weights: Weights, crops: Path
) -> None:
    store = make_store(weights)
    entry = store.catalogue.entry("tiny")
    only = entry.model_copy(
        update={"precision": "INT8", "variants": {"INT8": entry.variants["FP32"]}}
    )
    changed = store.catalogue.model_copy(update={"models": (only,)})
    with pytest.raises(ModelError, match="is there as INT8 only"):
        run(ModelStore(store.root, changed), crops)


def test_only_weights_of_the_project_get_files_beside_them(
    make_store: MakeStore, weights: Weights, crops: Path
) -> None:
    with pytest.raises(ConfigError, match="leave it out for tiny"):
        run(make_store(weights), crops, beside=True)


def test_the_command_prints_json_and_ends_with_1_where_nothing_is_within(
    make_store: MakeStore, weights: Weights, unknown_crops: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = make_store(weights)
    monkeypatch.setattr("models.store.load_catalogue", lambda: store.catalogue)
    asked = ["quantize", "tiny", "--store", str(store.root), "--calibration", str(unknown_crops)]
    asked += ["--runtime", "onnxruntime", "--pictures", "24", "--json", "--max-drop"]
    fine = CliRunner().invoke(app, [*asked, "3"])
    assert fine.exit_code == 0, fine.output
    told = json.loads(fine.stdout)
    assert told["runtimes"][0]["line"].startswith("INT8-QDQ (onnxruntime): mean cosine")
    assert CliRunner().invoke(app, [*asked, "0"]).exit_code == 1


def test_nncf_gets_no_reporter() -> None:
    code = (
        "from models.quantise.quiet import load_nncf; load_nncf();"
        "from nncf.telemetry import wrapper;"
        "assert not isinstance(wrapper.telemetry, wrapper.NNCFTelemetry), wrapper.telemetry"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
