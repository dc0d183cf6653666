"""The models a box runs, loaded once and shared by its channels."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypeVar

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
from shared.errors import DependencyMissing

T = TypeVar("T")
Load = Callable[[str, LoadOptions], T]
"""Loads the model of that name."""

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
    common = LoadOptions(
        store=ModelStore(settings.models.store),
        streams=workers_of(settings),
        batch=settings.engine.batch,
    )
    cast = _Cast(settings.models.roles, common)
    # The tracker goes on with detections too weak for anything else (ByteTrack).
    score = settings.models.score or TrackerSettings().low
    detector = cast.load(
        "detector", lambda name, options: load_detector(name, replace(options, score=score))
    )
    if detector is None:
        raise ModelError("[models] detector: a box without one sees nothing")
    # Vehicles and two-wheelers may have one embedder: it is loaded once.
    embedders = cast.load_all(EMBEDDERS, cache(load_embedder))
    return BoxModels(detector, embedders, _readers(cast))


def workers_of(settings: EdgeSettings) -> int:
    """How many calls of networks run at a time on this box."""
    return settings.engine.workers_for(
        len(settings.channels), os.cpu_count() or 1, settings.models.threads
    )


def load_finder(roles: Mapping[RoleName, RoleSettings], common: LoadOptions) -> PlateFinder:
    """What finds the plates that are read. Errors as `load_models`."""
    return _finder(_Cast(roles, common))


def _readers(cast: "_Cast") -> Readers:
    attributes = cast.load_all(ATTRIBUTES, load_attributes)
    for kind, found in attributes.items():
        if found.object_class is not kind:
            raise ModelError(
                f"[models] {ATTRIBUTES[kind]}: {found.describe()} reads attributes of a "
                f"{found.object_class}; name another model"
            )
    if not cast.plays("plate_reader"):
        return Readers(attributes)
    finder = _finder(cast)
    plates = cast.load(
        "plate_reader", lambda name, options: load_plate_reader(name, finder, options)
    )
    return Readers(attributes, plates, finder)


def _finder(cast: "_Cast") -> PlateFinder:
    return cast.load("plate_detector", load_plate_finder) or load_plate_finder(None, cast.common)


class _Cast:
    """Loads who plays the roles; an error says which role it was."""

    def __init__(self, roles: Mapping[RoleName, RoleSettings], common: LoadOptions) -> None:
        self._roles = roles
        self.common = common

    def plays(self, role: RoleName) -> bool:
        """Whether anybody is to play `role`."""
        return role in self._roles

    def load(self, role: RoleName, load: Load[T]) -> T | None:
        """Who plays `role`, if anybody."""
        chosen = self._roles.get(role)
        if chosen is None:
            return None
        try:
            return load(chosen.name, load_options(chosen, self.common))
        except (DependencyMissing, ModelError) as error:
            raise type(error)(f"[models] {role}: {error}") from error

    def load_all(
        self, roles: Mapping[ObjectClass, RoleName], load: Load[T]
    ) -> dict[ObjectClass, T]:
        """Who plays them, by the class of object."""
        found = {kind: self.load(role, load) for kind, role in roles.items()}
        return {kind: player for kind, player in found.items() if player is not None}


def load_options(role: RoleSettings, common: LoadOptions) -> LoadOptions:
    """`common` with what `role` says."""
    return replace(
        common,
        runtime=role.runtime,
        precision=role.precision,
        device=role.device or common.device,
        threads=role.threads or common.threads,
    )
