import numpy as np
import pytest

from models.train.plates import variety
from models.train.plates.drawing import InkChance, draw
from models.train.plates.glyphs import MORE_FONTS, TRAINED_FONTS, UNSEEN_FONTS, Mask
from models.train.plates.scenes import TRAINED_VIEW, UNSEEN_VIEW
from models.train.plates.sets import TRAINING_VIEW
from tests.models.train.plate_faces import scribbles


@pytest.mark.parametrize("chance", variety.INKS, ids=lambda each: str(each.change.__name__))
def test_changed_strokes_stay_where_they_were(chance: InkChance) -> None:
    random = np.random.default_rng(5)
    ink: Mask = draw(random, [scribbles()]).ink
    changed = [chance.change(random, ink) for _ in range(6)]
    assert all(one.shape == ink.shape and one.dtype == np.uint8 for one in changed)
    assert any((one != ink).any() for one in changed)
    for one in changed:
        assert np.corrcoef(one.ravel(), ink.ravel())[0, 1] > 0.5


def test_training_has_nothing_of_what_readers_are_judged_on_as_unseen() -> None:
    assert not {*TRAINED_FONTS, *MORE_FONTS} & {*UNSEEN_FONTS}
    unseen = {
        chance.effect for chance in (*UNSEEN_VIEW.weather, *UNSEEN_VIEW.optics, *UNSEEN_VIEW.sensor)
    }
    usual = {
        chance.effect
        for chance in (*TRAINED_VIEW.weather, *TRAINED_VIEW.optics, *TRAINED_VIEW.sensor)
    }
    view = TRAINING_VIEW
    trained = {chance.effect for chance in (*view.weather, *view.optics, *view.sensor)}
    assert usual <= trained
    assert not (unseen - usual) & trained
