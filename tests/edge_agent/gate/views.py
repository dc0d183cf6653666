"""Pictures of a place, with whoever passes, and weather."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from edge_agent.gate import GatePolicy, MotionGate, Reason, Verdict
from edge_agent.source import Frame, FrameImage, Luma
from models.detection import Detection
from shared.classes import ObjectClass
from shared.geometry import Rect

WIDTH, HEIGHT = 160, 96
FPS = 5.0
POLICY = GatePolicy(object_width=4, object_height=8)
PERSON = (6, 16)

Weather = Callable[[Luma, float], Luma]


def place(seed: int = 3) -> Luma:
    """A place with walls, windows and texture."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 180, (6, 10), dtype=np.uint8)
    walls = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.clip(walls + rng.normal(0, 6, walls.shape), 0, 255), dtype=np.uint8)


def person_at(left: float, top: float = 60.0) -> Detection:
    width, height = PERSON
    rect = Rect(left, top, left + width, top + height)
    return Detection(rect, ObjectClass.PERSON, 0.9)


def frame(luma: Luma, at_s: float) -> Frame:
    """A frame of that luma."""
    height, width = luma.shape
    return Frame(image(luma), round(at_s * 1000), at_s, width, height)


def image(luma: Luma) -> FrameImage:
    return FrameImage.of(np.repeat(luma[:, :, None], 3, axis=2))


@dataclass
class View:
    """A gate before a place; `sees` is what a detector would find, given the time."""

    weather: Weather = lambda luma, _at_s: luma
    sees: Callable[[float], list[Detection]] = lambda _at_s: []
    contrast: float = 50.0
    noise: float = 1.0
    policy: GatePolicy = POLICY
    steps: int = 0
    verdicts: list[Verdict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate = MotionGate(self.policy)
        self._empty = place()
        self._rng = np.random.default_rng(9)

    @property
    def at_s(self) -> float:
        return self.steps / FPS

    def luma(self) -> Luma:
        picture = self._empty.astype(np.float32)
        for one in self.sees(self.at_s):
            left, top, right, bottom = (round(side) for side in one.rect.clipped(WIDTH, HEIGHT))
            picture[top:bottom, left:right] += self.contrast
        picture += self._rng.normal(0, self.noise, picture.shape)
        luma = np.clip(picture, 0, 255).astype(np.uint8)
        return np.asarray(self.weather(luma, self.at_s), dtype=np.uint8)

    def step(self) -> Verdict:
        verdict = self.gate.judge(frame(self.luma(), self.at_s))
        if verdict.look:
            self.gate.saw(self.sees(self.at_s), self.at_s)
        self.verdicts.append(verdict)
        self.steps += 1
        return verdict

    def watch(self, seconds: float) -> list[Verdict]:
        """The verdicts of so long."""
        return [self.step() for _ in range(round(seconds * FPS))]


def share(verdicts: list[Verdict]) -> float:
    """The part that is looked at."""
    return sum(verdict.look for verdict in verdicts) / len(verdicts)


def reasons(verdicts: list[Verdict]) -> set[Reason]:
    return {verdict.reason for verdict in verdicts}
