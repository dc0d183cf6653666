"""Candidates made ready to be measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

import cv2
import numpy as np

from edge_agent.calibrate.bench import Ready
from edge_agent.calibrate.proposal import Candidate
from edge_agent.loading import load_options
from edge_agent.model_settings import ATTRIBUTES, EMBEDDERS
from edge_agent.tracker import TrackerSettings
from edge_agent.tracklet.shots import DETAIL, SENT
from models.roles import (
    LoadOptions,
    PlateFinder,
    load_attributes,
    load_detector,
    load_embedder,
    load_plate_reader,
)
from models.store import ModelStore
from shared.pictures import Picture

_PLATE_CROP = (DETAIL, DETAIL * 3 // 4)
_CLASS = {role: kind for roles in (EMBEDDERS, ATTRIBUTES) for kind, role in roles.items()}

Call = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Workshop:
    """Loads candidates and hands them what they would see.

    Args:
        store: of the weights.
        pictures: of the channels, at least one.
        finder: finds plates for the reader.
    """

    store: ModelStore
    pictures: Sequence[Picture]
    finder: PlateFinder

    def ready(self, candidate: Candidate) -> Ready:
        """`candidate`, loaded and warm.

        Raises:
            DongseonError: it cannot run here; see `models.roles.load_detector`.
        """
        options = load_options(candidate.settings, LoadOptions(store=self.store))
        if candidate.role == "detector":
            call = self._detecting(candidate.settings.name, options)
        elif candidate.role == "plate_reader":
            reader = load_plate_reader(candidate.settings.name, self.finder, options)
            crop = self._crop(_PLATE_CROP)
            call = lambda: reader.read(crop)  # noqa: E731
        else:
            call = self._describing(candidate, options)
        call()
        return Ready(candidate, call)

    def _detecting(self, name: str, options: LoadOptions) -> Call:
        detector = load_detector(name, replace(options, score=TrackerSettings().low))
        for picture in self.pictures:
            detector.detect(picture)  # compiles the network for the shape
        pictures = cycle(self.pictures)
        return lambda: detector.detect(next(pictures))

    def _describing(self, candidate: Candidate, options: LoadOptions) -> Call:
        crop = self._crop(SENT[_CLASS[candidate.role]])
        if candidate.role.endswith("_embedder"):
            embedder = load_embedder(candidate.settings.name, options)
            return lambda: embedder.embed([crop])
        reader = load_attributes(candidate.settings.name, options)
        return lambda: reader.read([crop])

    def _crop(self, size: tuple[int, int]) -> Picture:
        """A crop of that size, as large as they get: what it shows costs nothing."""
        return np.asarray(cv2.resize(self.pictures[0], size), dtype=np.uint8)
