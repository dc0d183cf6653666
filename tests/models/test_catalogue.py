from pathlib import Path

import pytest

from models.catalogue import CATALOGUE, Catalogue, load_catalogue
from models.errors import ModelError
from shared.errors import ConfigError
from shared.settings import load_toml


def test_the_catalogue_holds_the_first_detectors_and_embedders_for_both_runtimes() -> None:
    catalogue = load_catalogue()
    assert set(catalogue.by_name) >= {
        "person-vehicle-bike-detection-2004",
        "person-reidentification-retail-0287",
        "yolox-nano-416",
        "osnet-x0-25",
    }
    assert {entry.runtimes[0] for entry in catalogue.models} == {"openvino", "onnxruntime"}


def test_every_label_fits_the_wire() -> None:
    for entry in load_catalogue().models:
        for runtime in entry.runtimes:
            assert len(f"{entry.name}@{entry.version} {runtime}/CPU/int8") <= 64


def test_no_file_is_named_twice_and_each_lies_below_its_models_name() -> None:
    files = [(entry, file) for entry in load_catalogue().models for file in entry.files]
    assert len({file.path for _, file in files}) == len(files)
    assert all(
        file.path.removeprefix("starter/").startswith(entry.name + "/") for entry, file in files
    )


def test_a_space_is_found_by_its_name() -> None:
    space = load_catalogue().space("person-reidentification-retail-0287")
    assert (space.name, space.dimensions) == ("person-reidentification-retail-0287", 256)


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(ModelError, match=r"no model 'nobody'.*yolox-nano-416"):
        load_catalogue().entry("nobody")
    with pytest.raises(ModelError, match=r"no embedding space 'nowhere'.*osnet-x0-25-msmt17"):
        load_catalogue().space("nowhere")
    with pytest.raises(ModelError, match="no precision 'FP8'; there is FP32"):
        load_catalogue().entry("osnet-x0-25").variant("FP8")


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ('path = "osnet-x0-25/', 'path = "../osnet-x0-25/', "must stay below the store"),
        ('precision = "FP32"', 'precision = "FP8"', "not one of its variants"),
        ('name = "yolox-nano-416"', 'name = "osnet-x0-25"', "two models have the same name"),
        ('task = "embedding"', 'task = "detection"', r"needs its \[detection\] table"),
        ("dimensions = 512", "dimensions = 0", "dimensions"),
        ('url = "https://', 'url = "http://', "url"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_the_reason(
    tmp_path: Path, good: str, bad: str, complaint: str
) -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    assert good in text
    wrong = tmp_path / "catalogue.toml"
    wrong.write_text(text.replace(good, bad), encoding="utf-8")
    with pytest.raises(ConfigError, match=complaint):
        load_toml(Catalogue, wrong)
