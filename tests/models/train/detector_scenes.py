"""A handful of drawn scenes, for training in seconds."""

import cv2
import numpy as np

from models.train.detector.labels import Label
from models.train.detector.pack import Cutout, Scene
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture

BOX = Rect(60, 30, 90, 110)


def figure() -> tuple[Picture, Picture]:
    """A picture with somebody in `BOX`, and the same place without: 160 x 120."""
    rng = np.random.default_rng(0)
    behind = rng.integers(90, 110, (120, 160, 3)).astype(np.uint8)
    frame = behind.copy()
    cv2.ellipse(frame, (75, 38), (8, 8), 0, 0, 360, (150, 170, 220), -1)
    cv2.ellipse(frame, (75, 62), (15, 22), 0, 0, 360, (180, 40, 30), -1)
    cv2.ellipse(frame, (75, 88), (11, 22), 0, 0, 360, (30, 25, 20), -1)
    return frame, behind


def cutout() -> Cutout:
    """The same person, cut out."""
    frame, behind = figure()
    alpha = (cv2.absdiff(frame, behind).max(axis=2) > 20).astype(np.uint8) * 255
    left, top, right, bottom = (int(side) for side in BOX)
    return np.ascontiguousarray(np.dstack((frame, alpha))[top:bottom, left:right])


def car() -> Cutout:
    """A block on wheels."""
    made = np.zeros((40, 80, 4), np.uint8)
    made[8:34, 2:78] = (40, 40, 200, 255)
    made[2:12, 18:60] = (90, 60, 30, 255)
    for x in (18, 62):
        cv2.circle(made, (x, 33), 6, (10, 10, 10, 255), -1)
    return made


def handful() -> list[Scene]:
    """A labelled frame, a background, a held-out frame and two cut-outs."""
    frame, behind = figure()
    person = (Label(BOX, ObjectClass.PERSON),)
    return [
        Scene(frame, person, "drawn", "train"),
        Scene(frame, person, "drawn", "held_out"),
        Scene(behind, (), "drawn", "background"),
        _cut(cutout(), ObjectClass.PERSON),
        _cut(car(), ObjectClass.VEHICLE),
    ]


def _cut(picture: Cutout, kind: ObjectClass) -> Scene:
    height, width = picture.shape[:2]
    return Scene(picture, (Label(Rect(0.0, 0.0, width, height), kind),), "drawn", "cutout")
