"""The committed detector does as well as its card says, on frames it was never trained on."""

from pathlib import Path

import pytest

from models.catalogue import PACKAGE, STARTER
from models.roles import LoadOptions, load_detector
from models.store import ModelStore
from models.train.common.cards import read_card
from models.train.detector.judge import LEAST_SCORE, judge
from models.train.detector.prepare import held_out_scenes, load_teachers
from models.train.detector.publish import CHECKED, HELD_OUT_CHECKED, NAME
from models.train.detector.sources import load_sources


@pytest.mark.models
def test_the_detector_is_as_good_as_its_card_says(weights: ModelStore, shared_data: Path) -> None:
    scenes = held_out_scenes(load_sources(), shared_data, load_teachers(weights), CHECKED)
    assert scenes
    card = read_card(PACKAGE / STARTER / NAME)
    said = [figure for figure in card.figures if figure.data == HELD_OUT_CHECKED]
    assert said
    for precision in {figure.precision for figure in said}:
        options = LoadOptions(weights, precision=precision, score=LEAST_SCORE)
        measured = judge(load_detector(NAME, options), scenes)
        for figure in said:
            if figure.precision == precision:
                assert measured[figure.metric] == pytest.approx(figure.value, abs=figure.tolerance)
