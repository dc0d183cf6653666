"""What to train with and what to judge on: faces, surroundings and views put together."""

from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from models.train.plates import variety
from models.train.plates.glyphs import (
    MORE_FONTS,
    TRAINED_FONTS,
    UNSEEN_FONTS,
    Face,
    folder_face,
    font_faces,
)
from models.train.plates.scenes import TRAINED_VIEW, UNSEEN_VIEW, Scene, Studio, View
from models.train.plates.surroundings import Surroundings

GLYPHS = Path("plates/kr_glyphs_qjadud1994")
VEHICLES = Path("reid_vehicle")

_LIKE_REAL = 6
"""How often the glyph folder's face, the closest to real plates, counts against one font."""


_ILLEGIBLE = 0.2
"""Of the plates that nobody can read, training keeps so many: to know that it does not know."""

TRAINING_VIEW = View(
    inks=variety.INKS,
    on_plate=variety.ON_PLATE,
    weather=variety.WEATHER,
    sensor=variety.SENSOR,
    illegible=_ILLEGIBLE,
)

Kind = Literal["like-training", "unseen"]
"""Scenes as training draws most, or with fonts, surroundings and distortions that it never has."""


class Trained(NamedTuple):
    """What a reader is trained with, and what of it was not in the data folder."""

    studio: Studio
    missing: tuple[Path, ...]


def trained_studio(data: Path) -> Trained:
    """Makes scenes to train with, from the fonts and from `GLYPHS` and `VEHICLES` below `data`.

    Raises:
        DependencyMissing: a font is not installed.
    """
    faces = [*trained_faces(data), *font_faces(MORE_FONTS)]
    surroundings = Surroundings.read(data / VEHICLES)
    missing = tuple(path for path in (GLYPHS, VEHICLES) if not (data / path).is_dir())
    return Trained(Studio(faces, surroundings, TRAINING_VIEW), missing)


def trained_faces(data: Path) -> list[Face]:
    """The faces to train with: the fonts', and that of `GLYPHS` below `data` if it is there.

    Raises:
        DependencyMissing: a font is not installed.
    """
    fonts = font_faces(TRAINED_FONTS)
    if not (data / GLYPHS).is_dir():
        return fonts
    return [*fonts, *[folder_face(data / GLYPHS, fonts[2])] * _LIKE_REAL]


def studio_of(kind: Kind, data: Path) -> Studio:
    """Makes scenes of `kind`; `data` as for `trained_studio`, of which unseen ones need nothing.

    Raises:
        DependencyMissing: a font is not installed.
    """
    if kind == "like-training":
        surroundings = Surroundings.read(data / VEHICLES)
        return Studio(trained_faces(data), surroundings, TRAINED_VIEW)
    return Studio(font_faces(UNSEEN_FONTS), Surroundings(), UNSEEN_VIEW)


def plates_of(studio: Studio, seed: int, count: int) -> list[Scene]:
    """The first `count` scenes with a plate that `studio` makes from `seed`."""
    random = np.random.default_rng(seed)
    found: list[Scene] = []
    while len(found) < count:
        scene = studio.scene(random)
        if scene.number is not None:
            found.append(scene)
    return found
