"""The models a box runs, loaded once and shared by its channels."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from edge_agent.config import EdgeSettings
from edge_agent.model_settings import EMBEDDERS, RoleSettings
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
        embedders: dict[str, str] = {
            EMBEDDERS[kind]: found.describe() for kind, found in self.embedders.items()
        }
        return {"detector": self.detector.describe(), **embedders}


def load_models(settings: EdgeSettings) -> BoxModels:
    """The models `[models]` names, ready to run, each on the device and precision asked for.

    Raises:
        DependencyMissing: weights or runtime are not here; the message says how to get them.
        ModelError: no such model, not what the catalogue says, or not run as was asked for.
    """
    roles = settings.models.roles
    common = LoadOptions(
        store=ModelStore(settings.models.store),
        streams=min(len(settings.channels), os.cpu_count() or 1),
    )
    detector = roles["detector"]
    # The tracker goes on with detections too weak for anything else (ByteTrack).
    score = settings.models.score or TrackerSettings().low
    # Vehicles and two-wheelers may have one embedder: it is loaded once.
    embedder = cache(lambda role: load_embedder(role.name, load_options(role, common)))
    return BoxModels(
        load_detector(detector.name, replace(load_options(detector, common), score=score)),
        {kind: embedder(roles[role]) for kind, role in EMBEDDERS.items() if role in roles},
    )


def load_options(role: RoleSettings, common: LoadOptions) -> LoadOptions:
    """`common` with what `role` says."""
    return replace(
        common,
        runtime=role.runtime,
        precision=role.precision,
        device=role.device or common.device,
        threads=role.threads or common.threads,
    )
