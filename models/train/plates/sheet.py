"""The hundred plates that tests keep to judge committed weights on, drawn in a free font."""

from models.train.plates.glyphs import font_faces
from models.train.plates.scenes import UNSEEN_VIEW, Scene, Studio
from models.train.plates.sets import plates_of
from models.train.plates.surroundings import Surroundings

NAME = "starter-plate-reader"
"""The model whose card has a figure of them."""

SHEET = "the sheet of 100 plates that tests keep"
"""What the card calls them."""

COLUMNS, ROWS = 10, 10
_FONT, _SEED = "NanumBarunGothicBold.ttf", 74_001


def sheet_scenes() -> list[Scene]:
    """The plates, row by row.

    Raises:
        DependencyMissing: the font is not installed.
    """
    studio = Studio(font_faces((_FONT,)), Surroundings(), UNSEEN_VIEW)
    return plates_of(studio, _SEED, COLUMNS * ROWS)
