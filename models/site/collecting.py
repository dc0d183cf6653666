"""`dongseon models collect`: looks through footage and keeps its hard frames."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from models.roles import Detector, LoadOptions, load_detector
from models.site.collector import Collector
from models.site.faces import FaceFinder, load_faces
from models.site.footage import channel_of, shots
from models.site.masking import Masker
from models.site.settings import CollectSettings, MaskKind
from models.store import ModelStore
from models.train.common.progress import Tell
from shared.clock import Clock
from shared.errors import DependencyMissing

_TELL_EVERY = 200
WEAK = 0.1
"""Least confidence that is looked at: what a detector nearly saw is masked and judged too."""


@dataclass(frozen=True)
class Looked:
    """What came of it."""

    frames: int
    kept: int
    stored: int
    disk_bytes: int


def collect(
    sources: Sequence[str],
    fps: float,
    collector: Collector,
    detector: Detector,
    clock: Clock,
    tell: Tell,
) -> Looked:
    """Look at about `fps` frames a second of each of `sources`, one after another.

    Raises:
        ConfigError: a source cannot be read.
        StorageError: the album cannot be written.
    """
    frames = kept = 0
    for source in sources:
        channel = collector.channel(channel_of(source))
        for shot in shots(source, fps, clock):
            kept += channel.offer(shot.picture, detector.detect(shot.picture), shot.captured_ms)
            frames += 1
            if frames % _TELL_EVERY == 0:
                tell(f"{source}: {frames} frames, {kept} kept")
        kept += channel.flush()
    return Looked(frames, kept, len(collector.album), collector.album.disk_bytes)


@contextmanager
def opened(
    settings: CollectSettings, detector: Detector, decision: float, masker: Masker, clock: Clock
) -> Iterator[Collector]:
    """A collector, closed at the end."""
    collector = Collector(
        settings, detector.describe(), decision, masker, clock, np.random.default_rng()
    )
    try:
        yield collector
    finally:
        collector.close()


def load_masker(kind: MaskKind, store: ModelStore, tell: Tell) -> Masker:
    """What masks as `kind` says; without YuNet's weights only detected people's heads."""
    return Masker(kind, None if kind == "none" else _faces(store, tell))


def load_weak_detector(name: str, store: ModelStore, threads: int) -> tuple[Detector, float]:
    """The detector called `name` with its weak detections, and the score of its decision."""
    entry = store.catalogue.entry(name)
    decision = entry.detection.score if entry.detection else WEAK
    return load_detector(name, LoadOptions(store, score=WEAK, threads=threads)), decision


def _faces(store: ModelStore, tell: Tell) -> FaceFinder | None:
    try:
        return load_faces(store)
    except DependencyMissing as error:
        tell(f"only the heads of detected people are masked, faces are not looked for: {error}")
        return None
