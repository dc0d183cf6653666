"""The models a box runs, loaded once and shared by its channels."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from edge_agent.config import EdgeSettings
from edge_agent.tracker import TrackerSettings
from models.roles import Detector, Embedder, LoadOptions, load_detector, load_embedder
from models.store import ModelStore
from shared.classes import ObjectClass


@dataclass(frozen=True, slots=True)
class BoxModels:
    """A detector, and an embedder for each object class that is sent."""

    detector: Detector
    embedders: Mapping[ObjectClass, Embedder]

    @property
    def described(self) -> dict[str, str]:
        """Role to `name@version runtime/device/precision`."""
        roles = {f"{kind}_embedder": found.describe() for kind, found in self.embedders.items()}
        return {"detector": self.detector.describe(), **roles}


def load_models(settings: EdgeSettings) -> BoxModels:
    """The models `[models]` names, ready to run.

    Raises:
        DependencyMissing: weights or runtime are not here; the message says how to get them.
        ModelError: no such model, or not what the catalogue says.
    """
    chosen = settings.models
    store = ModelStore(chosen.store)
    streams = min(len(settings.channels), os.cpu_count() or 1)
    common = LoadOptions(
        store=store,
        runtime=chosen.runtime,
        precision=chosen.precision,
        device=chosen.device,
        threads=chosen.threads,
        streams=streams,
    )
    embedders = {kind: load_embedder(name, common) for kind, name in chosen.embedders.items()}
    # The tracker goes on with detections too weak for anything else (ByteTrack).
    score = TrackerSettings().low if chosen.score is None else chosen.score
    detector = load_detector(chosen.detector, replace(common, score=score))
    return BoxModels(detector, embedders)
