"""A made-up face, so that plates can be drawn where no font is installed."""

import numpy as np

from models.train.plates.drawing import Random
from models.train.plates.glyphs import DIGITS, SYLLABLES, Face
from models.train.plates.scenes import TRAINED_VIEW, Studio, View
from models.train.plates.surroundings import Surroundings
from models.train.plates.vehicles import VehicleStudio


def scribbles() -> Face:
    """Each character a pattern of blocks of its own."""
    random: Random = np.random.default_rng(7)
    blocks = np.ones((12, 12), dtype=np.uint8)
    return Face(
        "scribbles",
        {
            character: np.kron(random.integers(0, 2, (5, 3), dtype=np.uint8) * 255, blocks)
            for character in DIGITS + SYLLABLES
        },
    )


def studio(view: View = TRAINED_VIEW) -> Studio:
    """Makes scenes with nothing installed."""
    return Studio([scribbles()], Surroundings(), view)


def vehicle_studio() -> VehicleStudio:
    """Makes vehicles with nothing installed, seen well."""
    view = View(turn=1.0, on_plate=(), weather=(), optics=(), sensor=())
    return VehicleStudio([scribbles()], Surroundings(), view)
