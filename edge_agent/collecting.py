"""Hard frames of the box's channels kept to learn from, where `[collect]` asks for it.

Learning must never cost a sighting: a disk that refuses, or a picture that cannot be masked, is
told in the log and the channel goes on.
"""

import random
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import structlog

from edge_agent.config import EdgeSettings
from edge_agent.loading import BoxModels
from edge_agent.source import Frame
from edge_agent.tracker import TrackerSettings
from models.detection import Detection
from models.errors import ModelError
from models.site.collector import ChannelCollector, Collector
from models.site.faces import FaceFinder, load_faces
from models.site.masking import Masker
from models.site.settings import CollectSettings
from models.store import ModelStore
from shared.clock import Clock
from shared.errors import DependencyMissing, PictureError, StorageError

_QUIET_S = 600.0
"""Between two lines in the log that say the same."""

_log = structlog.get_logger()


class FrameKeeper(Protocol):
    """Is shown every frame of a channel, in order."""

    def offer(self, frame: Frame, detections: Sequence[Detection]) -> None:
        """Keep `frame` if there is something to learn from it."""

    def flush(self) -> None:
        """The channel has ended, or begins anew."""


class KeepsNone:
    """Keeps nothing: what a box does unless told otherwise."""

    def offer(self, frame: Frame, detections: Sequence[Detection]) -> None:
        """See `FrameKeeper`."""

    def flush(self) -> None:
        """See `FrameKeeper`."""


class KeepsHard:
    """Keeps hard frames of the channel called `name`, and never raises for it."""

    def __init__(self, collector: Collector, name: str, clock: Clock) -> None:
        self._channel: ChannelCollector = collector.channel(name)
        self._clock = clock
        self._log = _log.bind(channel=name)
        self._told_s: float | None = None

    def offer(self, frame: Frame, detections: Sequence[Detection]) -> None:
        """See `FrameKeeper`."""
        try:
            self._channel.offer(frame.picture, detections, frame.captured_ms, cut=frame.cut)
        except (StorageError, PictureError, ModelError) as error:
            self._failed(error)

    def flush(self) -> None:
        """See `FrameKeeper`."""
        try:
            self._channel.flush()
        except (StorageError, PictureError, ModelError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        now = self._clock.monotonic()
        if self._told_s is None or now - self._told_s >= _QUIET_S:
            self._told_s = now
            self._log.error("a frame to learn from is not kept", error=str(error))


def open_collector(
    settings: EdgeSettings, models: BoxModels, clock: Clock, source: random.Random
) -> Collector | None:
    """What `[collect]` asks for; None without it, or where its folder cannot be used."""
    if settings.collect is None:
        return None
    decision = settings.models.score or TrackerSettings().high
    masker = Masker(
        settings.collect.mask, _faces(settings.collect, settings), models.readers.finder
    )
    generator = np.random.default_rng(source.getrandbits(64))
    try:
        return Collector(
            settings.collect, models.detector.describe(), decision, masker, clock, generator
        )
    except StorageError as error:
        _log.critical("no frames are kept to learn from", error=str(error))
        return None


def close_collector(collector: Collector | None) -> None:
    """Write what is left to be written."""
    if collector is None:
        return
    try:
        collector.close()
    except StorageError as error:
        _log.error("the manifest of the kept frames is not written", error=str(error))


def _faces(collect: CollectSettings, settings: EdgeSettings) -> FaceFinder | None:
    if collect.mask == "none":
        return None
    try:
        return load_faces(ModelStore(settings.models.store))
    except DependencyMissing as error:
        _log.warning("only heads of detected people are masked", error=str(error))
        return None
