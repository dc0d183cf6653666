"""The sightings that a box makes of the real clips, in memory."""

import tempfile
from pathlib import Path
from threading import Event
from uuid import UUID

from edge_agent.engine import Engine, EngineParts
from edge_agent.loading import load_models
from edge_agent.pipeline import ChannelParts, ChannelPipeline
from shared.clock import SystemClock
from shared.messages import Sighting, decode
from shared.topics import Lane
from tests.bench.clips import real_clips
from tests.bench.edge_runs import Wish

# The clips are small: such a person is what a street of 1080p shows at 64 x 128.
_SMALLEST = (28, 56)


def sightings_of_clips() -> dict[str, list[Sighting]]:
    """By clip, the final revision of each sighting that the starter models make of it."""
    found = {}
    for clip in real_clips():
        newest: dict[UUID, Sighting] = {}
        for sighting in _sightings(clip):
            known = newest.get(sighting.id)
            if known is None or sighting.revision > known.revision:
                newest[sighting.id] = sighting
        found[clip.name] = list(newest.values())
    return found


def _sightings(clip: Path) -> list[Sighting]:
    kept: list[Sighting] = []

    def emit(lane: Lane, payload: bytes) -> None:
        if lane is Lane.SIGHTING:
            kept.append(decode(Sighting, payload))

    clock = SystemClock()
    with tempfile.TemporaryDirectory() as folder:
        settings = Wish(clip=str(clip), smallest=_SMALLEST).settings(Path(folder))
        models = load_models(settings)
    parts = ChannelParts(
        settings=settings.channels[0],
        tracklet=settings.tracklet,
        detector=models.detector,
        embedders=models.embedders,
        readers=models.readers,
        emit=emit,
        clock=clock,
    )
    with Engine(EngineParts(models.detector, models.embedders, clock)) as engine:
        ChannelPipeline(parts, engine).run(Event())
    return kept
