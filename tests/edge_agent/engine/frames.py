"""Frames, channels and models that do what a test tells them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import numpy as np

from edge_agent.engine import Errand
from edge_agent.source import Frame, FrameImage
from models.detection import Detection
from models.detectors.views import View
from models.preparation import Shown, Size
from models.roles import Bounds
from shared.classes import ObjectClass
from shared.geometry import Rect
from shared.pictures import Picture
from shared.vectors import Vector
from tests.waiting import LONG_S

PERSON = ObjectClass.PERSON
WAIT_S = LONG_S
SMALL = Size(32, 16)


def frame(number: int, value: int = 0, size: Size = SMALL) -> Frame:
    """Frame `number` of a channel, a second apart, all pixels `value`."""
    picture = np.full((size.height, size.width, 3), value, dtype=np.uint8)
    return Frame(FrameImage.of(picture), number * 1000, float(number), *size)


@dataclass
class Watcher:
    """A channel's stages: notes what it was given, and what it `makes` of each frame."""

    makes: Callable[[Frame], Sequence[Errand]] = lambda _: ()
    numbers: list[int] = field(default_factory=list)
    stills: list[int] = field(default_factory=list)
    enough: int = 0
    done: Event = field(default_factory=Event)

    def seen(self, given: Frame, detections: Sequence[Detection]) -> Sequence[Errand]:
        assert [detection.object_class for detection in detections] == [PERSON]
        self.numbers.append(round(given.position_s))
        if len(self.numbers) == self.enough:
            self.done.set()
        return self.makes(given)

    def still(self, given: Frame) -> Sequence[Errand]:
        self.stills.append(round(given.position_s))
        return ()


class GatedDetector:
    """Finds a person in every frame, once it is let; takes any number of frames of one size."""

    batch = 8

    def __init__(self, *, opened: bool = True) -> None:
        self.gate = Event()
        self.entered = Event()
        self.calls: list[int] = []
        if opened:
            self.gate.set()

    def close(self) -> None:
        """Let nothing pass from now on."""
        self.gate.clear()
        self.entered.clear()

    def view(self, size: Size) -> View:
        return View(size, (Rect(0, 0, *size),))

    def detect(self, picture: Picture) -> list[Detection]:
        raise NotImplementedError

    def detect_all(self, pictures: Sequence[Shown]) -> list[list[Detection]]:
        self.entered.set()
        assert self.gate.wait(WAIT_S)
        assert len({picture.size for picture in pictures}) == 1
        self.calls.append(len(pictures))
        return [[Detection(Rect(0, 0, 8, 8), PERSON, 0.9)] for _ in pictures]

    def describe(self) -> str:
        return "gated@1 test/CPU/none"


class CountingEmbedder:
    """One direction for every crop."""

    space = "test"
    dimensions = 2
    bounds = Bounds(alike=0.55, unlike=0.3)

    def __init__(self) -> None:
        self.calls: list[int] = []

    def embed(self, crops: Sequence[Picture]) -> np.ndarray[Any, np.dtype[np.float32]]:
        self.calls.append(len(crops))
        return np.tile(np.array([1, 0], dtype=np.float32), (len(crops), 1))

    def describe(self) -> str:
        return "counting@1 test/CPU/none"


@dataclass
class Crop:
    """Something to embed."""

    picture: Picture = field(default_factory=lambda: np.zeros((4, 4, 3), dtype=np.uint8))
    vector: Vector | None = None
