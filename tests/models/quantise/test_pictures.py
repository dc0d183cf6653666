from pathlib import Path

import pytest

from models.evaluation.reid_data import ReidSet
from models.quantise.pictures import Ask, gather
from shared.errors import ConfigError
from tests.models.quantise.conftest import MakeStore, Weights


def test_identities_to_calibrate_on_are_not_those_to_judge_by(
    make_store: MakeStore, weights: Weights, crops: Path
) -> None:
    entry = make_store(weights).catalogue.entry("tiny")
    seen = gather(entry, Ask(crops))
    assert isinstance(seen.truth, ReidSet)
    assert seen.truth.identities == ["0005", "0006"]
    assert len(seen.tensors) == 4 * 12
    assert seen.tensors[0].shape == (1, 3, 32, 16)


def test_a_damaged_picture_is_left_out_and_named(
    make_store: MakeStore, weights: Weights, unknown_crops: Path, tmp_path: Path
) -> None:
    entry = make_store(weights).catalogue.entry("tiny")
    folder = tmp_path / "some"
    folder.mkdir()
    for path in unknown_crops.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "000.png").write_bytes(b"no picture")
    seen = gather(entry, Ask(folder))
    assert [name.partition(":")[0] for name in seen.damaged] == [str(folder / "000.png")]
    assert len(seen.tensors) + len(seen.held_out) == 71


@pytest.mark.parametrize("what", ["missing", "empty", "damaged"])
def test_a_folder_without_pictures_is_told(
    make_store: MakeStore, weights: Weights, tmp_path: Path, what: str
) -> None:
    entry = make_store(weights).catalogue.entry("tiny")
    folder = tmp_path / "pictures"
    if what != "missing":
        folder.mkdir()
    if what == "damaged":
        for number in range(30):
            (folder / f"{number}.jpg").write_bytes(b"no picture")
    with pytest.raises(ConfigError, match="pictures"):
        gather(entry, Ask(folder))
