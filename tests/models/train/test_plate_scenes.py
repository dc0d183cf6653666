from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from models.plates.layouts import Layout, parse
from models.plates.slots import EMPTY, SLOTS, encode
from models.train.plates import effects, variety
from models.train.plates.drawing import draw
from models.train.plates.effects import Chance, apply
from models.train.plates.glyphs import DIGITS, SYLLABLES, folder_face, font_faces
from models.train.plates.scenes import TRAINED_VIEW, UNSEEN_VIEW, View
from models.train.plates.sets import GLYPHS, plates_of
from models.train.plates.surroundings import Surroundings
from shared.errors import DependencyMissing
from shared.pictures import Picture
from tests.models.train.plate_faces import scribbles, studio

CLEAR = View(narrowest=150, negatives=0, on_plate=(), weather=(), optics=(), sensor=())
_CHANCES = (
    *(*effects.ON_PLATE, *effects.TRAINED, *effects.TRAINED_OPTICS, *effects.TRAINED_SENSOR),
    *(*effects.UNSEEN, *effects.UNSEEN_OPTICS, *effects.UNSEEN_SENSOR),
)
_MORE = (variety.hidden, variety.uneven, variety.sharpened, variety.shrunk, variety.levelled)
EFFECTS = [
    pytest.param(effect, id=effect.__name__)
    for effect in {*(chance.effect for chance in _CHANCES), *_MORE}
]
EFFECTS.sort(key=lambda each: str(each.id))


def test_every_plate_drawn_is_legal_and_of_every_layout() -> None:
    random = np.random.default_rng(1)
    face = scribbles()
    drawn = [draw(random, [face]) for _ in range(200)]
    assert all(parse(one.number.text) == one.number for one in drawn)
    assert set(Counter(one.number.layout for one in drawn)) == set(Layout)


def test_a_slot_has_a_place_where_it_has_a_character_and_only_there() -> None:
    random = np.random.default_rng(2)
    for _ in range(60):
        scene = studio(CLEAR).scene(random)
        assert scene.number is not None
        codes = encode(scene.number)
        filled = [codes.region != EMPTY, *(digit != EMPTY for digit in codes.digits)]
        filled.insert(4, True)
        assert np.isfinite(scene.frames[:, 0]).all(axis=1).tolist() == filled
        placed = scene.frames[:, 0][filled]
        assert ((placed > 0) & (placed < 1)).all()


def test_the_digits_of_the_serial_stand_in_order() -> None:
    random = np.random.default_rng(3)
    for _ in range(40):
        across = studio(CLEAR).scene(random).frames[5:, 0, 0]
        assert (np.diff(across) > 0).all()


def test_one_seed_makes_the_same_scenes_again() -> None:
    once, again = (plates_of(studio(), 5, 6) for _ in range(2))
    for one, other in zip(once, again, strict=True):
        assert one.number == other.number
        assert np.array_equal(one.picture, other.picture)


@pytest.mark.parametrize("view", [TRAINED_VIEW, UNSEEN_VIEW], ids=["trained", "unseen"])
def test_scenes_are_pictures_of_the_widths_asked_for(view: View) -> None:
    for scene in plates_of(studio(view), 6, 25):
        assert scene.picture.dtype == np.uint8
        assert scene.picture.ndim == 3
        assert scene.picture.shape[1] <= 2 * view.widest


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("shape", [(5, 12, 3), (64, 300, 3)])
def test_an_effect_keeps_the_size_and_changes_the_picture(
    effect: effects.Effect, shape: tuple[int, int, int]
) -> None:
    random = np.random.default_rng(4)
    picture: Picture = random.integers(0, 255, shape, dtype=np.uint8)
    before = picture.copy()
    changed = [effect(random, picture) for _ in range(8)]
    assert all(one.shape == shape and one.dtype == np.uint8 for one in changed)
    assert any((one != before).any() for one in changed)
    assert np.array_equal(picture, before)


def test_an_effect_happens_as_often_as_its_chance() -> None:
    picture: Picture = np.zeros((4, 4, 3), dtype=np.uint8)
    random = np.random.default_rng(5)
    brighter = Chance(0.3, lambda _, given: given + np.uint8(1))
    happened = [int(apply(random, picture, [brighter])[0, 0, 0]) for _ in range(500)]
    assert np.mean(happened) == pytest.approx(0.3, abs=0.07)


def test_surroundings_need_no_folder(tmp_path: Path) -> None:
    patch = Surroundings.read(tmp_path).patch(np.random.default_rng(1), 90, 30)
    assert patch.shape == (30, 90, 3)


def test_a_font_that_is_not_installed_is_named_with_its_packages(tmp_path: Path) -> None:
    with pytest.raises(DependencyMissing, match=r"NanumSquareB\.ttf.*apt-get install fonts-nanum"):
        font_faces(["NanumSquareB.ttf"], [tmp_path])


def test_the_glyph_folder_has_a_face_with_every_character(shared_data: Path) -> None:
    if not (shared_data / GLYPHS).is_dir():
        pytest.skip(f"no {GLYPHS} in the shared data")
    face = folder_face(shared_data / GLYPHS, scribbles())
    assert set(DIGITS + SYLLABLES) <= set(face.glyphs)
    borrowed = [c for c in face.glyphs if face.glyphs[c] is scribbles().glyphs[c]]
    assert not borrowed
    assert face.glyphs["1"].shape == face.glyphs["8"].shape


def test_a_folder_without_glyphs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DependencyMissing, match="is not a glyph"):
        folder_face(tmp_path, scribbles())


def test_slots_are_as_many_as_the_drawing_fills() -> None:
    assert draw(np.random.default_rng(1), [scribbles()]).boxes().shape == (SLOTS, 4)
