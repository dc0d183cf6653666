"""The embedders that come with the project are as good as their cards say."""

from pathlib import Path
from types import ModuleType

import pytest

from models.catalogue import PACKAGE, STARTER, RuntimeName
from models.evaluation.reid import evaluate_reid
from models.evaluation.reid_data import choose_identities, read_reid
from models.roles import LoadOptions, load_embedder
from models.train.common.cards import read_card
from models.train.embedder import person, vehicle
from models.train.embedder.identities import split_by_identity

_LISTS = PACKAGE / "train" / "embedder"
_RECIPES = [
    pytest.param(vehicle, "held-out-vehicles.txt", id="vehicles"),
    pytest.param(person, "held-out-people.txt", id="people"),
]


@pytest.mark.parametrize(("recipe", "name"), _RECIPES)
def test_the_list_of_the_held_out_is_who_is_held_out(
    shared_data: Path, recipe: ModuleType, name: str
) -> None:
    crops = read_reid(shared_data / recipe.FOLDER)
    split = split_by_identity(crops, recipe.HELD_OUT)
    assert choose_identities(crops.identities, str(_LISTS / name)) == set(split.held_out.identities)


@pytest.mark.parametrize("runtime", ["openvino", "onnxruntime"])
@pytest.mark.parametrize(("recipe", "name"), _RECIPES)
def test_shipped_weights_find_the_held_out_as_their_card_says(
    shared_data: Path, recipe: ModuleType, name: str, runtime: RuntimeName
) -> None:
    card = read_card(PACKAGE / STARTER / recipe.FACTS.name)
    embedder = load_embedder(card.name, LoadOptions(runtime=runtime, precision="FP32"))
    crops = read_reid(shared_data / recipe.FOLDER, str(_LISTS / name))
    found = evaluate_reid(embedder, crops)
    measured = {"rank1": found.rank1, "mAP": found.mean_ap}
    said = {
        figure.metric: figure
        for figure in card.figures
        if figure.data == recipe.FACTS.judged_on and figure.precision == "FP32"
    }
    assert set(said) == set(measured)
    for metric, figure in said.items():
        assert measured[metric] == pytest.approx(figure.value, abs=figure.tolerance)
