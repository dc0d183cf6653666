"""The models a box runs, loaded once and shared by its channels."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from edge_agent.config import EdgeSettings
from edge_agent.model_settings import ATTRIBUTES, EMBEDDERS, RoleName, RoleSettings
from edge_agent.reading import Readers
from edge_agent.tracker import TrackerSettings
from models.errors import ModelError
from models.roles import (
    AttributeReader,
    Detector,
    Embedder,
    LoadOptions,
    PlateFinder,
    PlateReader,
    load_attributes,
    load_detector,
    load_embedder,
    load_plate_finder,
    load_plate_reader,
)
from models.store import ModelStore
from shared.classes import ObjectClass

Described = Detector | Embedder | AttributeReader | PlateFinder | PlateReader


@dataclass(frozen=True, slots=True)
class BoxModels:
    """A detector, an embedder for each object class that is sent, and what reads the crops."""

    detector: Detector
    embedders: Mapping[ObjectClass, Embedder]
    readers: Readers = field(default_factory=Readers)

    @property
    def described(self) -> dict[str, str]:
        """Role to `name@version runtime/device/precision`."""
        plates = {"plate_detector": self.readers.finder, "plate_reader": self.readers.plates}
        named: dict[str, Described] = {
            "detector": self.detector,
            **{EMBEDDERS[kind]: found for kind, found in self.embedders.items()},
            **{ATTRIBUTES[kind]: found for kind, found in self.readers.attributes.items()},
            **{role: found for role, found in plates.items() if found is not None},
        }
        return {role: found.describe() for role, found in named.items()}


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
        _readers(roles, common),
    )


def _readers(roles: Mapping[RoleName, RoleSettings], common: LoadOptions) -> Readers:
    attributes = {
        kind: _attributes(kind, roles[role], common)
        for kind, role in ATTRIBUTES.items()
        if role in roles
    }
    if (reader := roles.get("plate_reader")) is None:
        return Readers(attributes)
    finder = load_finder(roles, common)
    found = load_plate_reader(reader.name, finder, load_options(reader, common))
    return Readers(attributes, found, finder)


def load_finder(roles: Mapping[RoleName, RoleSettings], common: LoadOptions) -> PlateFinder:
    """What finds the plates that are read."""
    role = roles.get("plate_detector")
    if role is None:
        return load_plate_finder(None, common)
    return load_plate_finder(role.name, load_options(role, common))


def _attributes(kind: ObjectClass, role: RoleSettings, common: LoadOptions) -> AttributeReader:
    found = load_attributes(role.name, load_options(role, common))
    if found.object_class is not kind:
        raise ModelError(
            f"{role.name} reads attributes of a {found.object_class}; [models] {ATTRIBUTES[kind]} "
            "needs another model"
        )
    return found


def load_options(role: RoleSettings, common: LoadOptions) -> LoadOptions:
    """`common` with what `role` says."""
    return replace(
        common,
        runtime=role.runtime,
        precision=role.precision,
        device=role.device or common.device,
        threads=role.threads or common.threads,
    )
