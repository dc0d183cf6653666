"""What training pictures are made of: a pack's scenes, sorted by use, picked by source."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from models.errors import ModelError
from models.train.detector.chances import Rng
from models.train.detector.labels import CLASSES, Label
from models.train.detector.pack import Scene
from shared.classes import ObjectClass
from shared.geometry import Rect

_RIDER = 0.7
"""Part of a motorcycle's crop, from its top, that its rider covers."""

_EMPTY = 6
"""Of frames without anything to find, one in so many is used."""


class Material:
    """What training pictures are made of, from the scenes of a pack."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.frames = Pool(_worth([one for one in scenes if one.use == "train"]))
        self.backgrounds = Pool(_empty(one) for one in scenes if one.use == "background")
        self.cutouts = {
            kind: Pool(
                _with_rider(one)
                for one in scenes
                if one.use == "cutout" and one.object_class is kind
            )
            for kind in CLASSES
        }
        self.kinds = [kind for kind in CLASSES if self.cutouts[kind]]
        if not self.frames and not self.kinds:
            raise ModelError("no frame and no cut-out to make training pictures of")


def _with_rider(one: Scene) -> Scene:
    """Where a motorcycle's crop shows its rider is ignored: where the person ends is not known."""
    if one.object_class is not ObjectClass.TWO_WHEELER or len(one.labels) > 1:
        return one
    whole = one.labels[0].rect
    upper = Rect(whole.left, whole.top, whole.right, whole.top + whole.height * _RIDER)
    return replace(one, labels=(*one.labels, Label(upper, ObjectClass.PERSON, sure=False)))


def _empty(scene: Scene) -> Scene:
    """A background, believed to be empty where no teacher is sure of the contrary."""
    return replace(scene, labels=tuple(label for label in scene.labels if label.sure))


def _worth(frames: list[Scene]) -> list[Scene]:
    """Frames with something to find, and one in `_EMPTY` of the others."""
    full = [scene for scene in frames if any(label.sure for label in scene.labels)]
    empty = [scene for scene in frames if not any(label.sure for label in scene.labels)]
    return full + empty[::_EMPTY]


class Pool:
    """Scenes of one use, picked by source.

    A source is picked by the square root of its number of scenes: a long clip of one place counts
    for less than as many places.
    """

    def __init__(self, scenes: Iterable[Scene]) -> None:
        groups: dict[str, list[Scene]] = {}
        for scene in scenes:
            groups.setdefault(scene.source, []).append(scene)
        self._groups = list(groups.values())
        weights = np.sqrt([len(group) for group in self._groups])
        self._ends = np.cumsum(weights / weights.sum()) if self._groups else weights

    def __bool__(self) -> bool:
        return bool(self._groups)

    def pick(self, rng: Rng) -> Scene:
        """One of them."""
        number = min(int(np.searchsorted(self._ends, rng.random())), len(self._groups) - 1)
        group = self._groups[number]
        return group[int(rng.integers(len(group)))]
