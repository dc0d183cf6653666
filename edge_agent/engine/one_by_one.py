"""Detectors that know whole pictures only, for an engine that hands over frames."""

from collections.abc import Sequence

from models.detection import Detection
from models.detectors.views import View
from models.preparation import Shown, Size
from models.roles import Detector, FrameDetector
from shared.geometry import Rect
from shared.pictures import Picture


class OneByOne:
    """A detector that is given each frame whole."""

    batch = 1

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def describe(self) -> str:
        """See `Detector`."""
        return self._detector.describe()

    def detect(self, picture: Picture) -> list[Detection]:
        """See `Detector`."""
        return self._detector.detect(picture)

    def view(self, size: Size) -> View:
        """See `FrameDetector`."""
        return View(size, (Rect(0, 0, *size),))

    def detect_all(self, pictures: Sequence[Shown]) -> list[list[Detection]]:
        """See `FrameDetector`."""
        return [self._detector.detect(picture.scaled(picture.size)) for picture in pictures]


def as_frame_detector(detector: Detector) -> FrameDetector:
    """`detector`, or what hands it whole pictures."""
    return detector if isinstance(detector, FrameDetector) else OneByOne(detector)
