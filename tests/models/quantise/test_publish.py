"""Quantised files beside weights that come with the project."""

from datetime import date
from pathlib import Path

import pytest

from models.catalogue import ENTRY_FILE, Catalogue
from models.errors import ModelError
from models.quantise.judging import Judgement, Pair
from models.quantise.publish import publish_beside
from models.quantise.report import RuntimeReport
from models.quantise.source import Candidate, find_source
from models.train.common.cards import Card, Figure, read_card, write_card, write_entry
from shared.settings import load_toml
from tests.models.quantise.conftest import MakeStore, Weights


def report(ratio: float) -> RuntimeReport:
    judged = Judgement("10 crops", {"rank-1": Pair(91.0, 90.5)}, (0.998, 0.99), 0.9999)
    return RuntimeReport(
        runtime="openvino",
        precision="INT8",
        plan="all",
        judgement=judged,
        within=True,
        full_ms=2.0,
        int8_ms=2.0 * ratio,
        ratio=ratio,
        full_bytes=1000,
        int8_bytes=600,
        layers=4,
        kept=(),
        tried=(),
    )


@pytest.fixture
def candidate(tmp_path: Path) -> Candidate:
    folder = tmp_path / "trial"
    folder.mkdir()
    files = (folder / "tiny-int8.xml", folder / "tiny-int8.bin")
    for path in files:
        path.write_bytes(path.suffix.encode())
    return Candidate(files, "openvino")


@pytest.mark.parametrize(("ratio", "precision"), [(0.6, "INT8"), (1.2, "FP32")])
def test_what_is_faster_becomes_the_default(
    make_store: MakeStore,
    weights: Weights,
    tmp_path: Path,
    candidate: Candidate,
    ratio: float,
    precision: str,
) -> None:
    source = find_source(make_store(weights), "tiny")
    folder = tmp_path / "starter" / "tiny"
    write_entry(source.entry, folder)
    write_card(card(), folder)
    publish_beside(source, [(candidate, report(ratio))], tmp_path / "starter")
    (entry,) = load_toml(Catalogue, folder / ENTRY_FILE).models
    assert entry.precision == precision
    assert set(entry.variants) == {"FP32", "INT8"}
    assert entry.variants["INT8"].runtimes == ("openvino",)
    assert [file.path for file in entry.variants["INT8"].files] == [
        "starter/tiny/tiny-int8.xml",
        "starter/tiny/tiny-int8.bin",
    ]
    assert (folder / "tiny-int8.bin").read_bytes() == b".bin"
    figures = {(figure.precision, figure.metric): figure for figure in read_card(folder).figures}
    assert ("FP32", "rank1") in figures
    assert ("INT8", "old") not in figures
    assert figures["INT8", "rank-1 (FP32 91.00)"].value == pytest.approx(90.5)


def test_weights_of_others_get_nothing_beside_them(
    make_store: MakeStore, weights: Weights, tmp_path: Path, candidate: Candidate
) -> None:
    source = find_source(make_store(weights), "tiny")
    with pytest.raises(ModelError, match="does not come with the project"):
        publish_beside(source, [(candidate, report(0.6))], tmp_path / "starter")


def card() -> Card:
    return Card(
        name="tiny",
        about="A test.",
        licence="Apache-2.0",
        made=date(2026, 11, 21),
        seed=0,
        recipe="None.",
        limits="All.",
        parameters=1,
        gflop=0.1,
        sources=(),
        figures=(
            Figure(data="d", metric="rank1", value=91.0, tolerance=1.0),
            Figure(data="d", metric="old", value=1.0, tolerance=1.0, precision="INT8"),
        ),
    )
