"""`[models]` of a box's configuration: which model plays which role, and how it is run."""

from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from models.catalogue import RuntimeName
from shared.classes import ObjectClass
from shared.settings import Settings

Label = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Threads = Annotated[int, Field(ge=1, le=256)]

RoleName = Literal[
    "detector",
    "person_embedder",
    "vehicle_embedder",
    "two_wheeler_embedder",
    "person_attributes",
    "vehicle_attributes",
    "plate_detector",
    "plate_reader",
]
ROLES: tuple[RoleName, ...] = get_args(RoleName)

OFF = "none"
"""Instead of a model's name: nobody plays the role."""

EMBEDDERS: dict[ObjectClass, RoleName] = {
    ObjectClass.PERSON: "person_embedder",
    ObjectClass.VEHICLE: "vehicle_embedder",
    ObjectClass.TWO_WHEELER: "two_wheeler_embedder",
}
ATTRIBUTES: dict[ObjectClass, RoleName] = {
    ObjectClass.PERSON: "person_attributes",
    ObjectClass.VEHICLE: "vehicle_attributes",
}
PLATES: tuple[RoleName, RoleName] = ("plate_detector", "plate_reader")


class RoleSettings(Settings):
    """A model of the catalogue and how to run it; what is not said is the table's."""

    name: Label
    runtime: RuntimeName | None = None
    precision: Label | None = None
    device: Label | None = None
    threads: Threads | None = None


def _by_name(value: object) -> object:
    if not isinstance(value, str | dict | RoleSettings):
        raise ValueError("a model's name is needed, or a table with its name")  # noqa: TRY004 - pydantic's
    return {"name": value} if isinstance(value, str) else value


Role = Annotated[RoleSettings, BeforeValidator(_by_name)]


class ModelSettings(Settings):
    """`[models]`: the model of each role, a name of the catalogue or a table of `RoleSettings`.

    They are those that come with the project unless others are named; `"none"` leaves a role open.
    An object class without embedder is not sent; two-wheelers have the vehicles' unless they are
    given their own. Plates are read on vehicles.

    `runtime` and `precision` are the catalogue's choice unless given; `device` is the one that
    must be used, or `AUTO`; `threads` is cores for one call. `score` is the least confidence of a
    detection, unless given the lowest that the tracker can go on with. `store` is the folder of
    the weights.
    """

    detector: Role = RoleSettings(name="starter-detector")
    person_embedder: Role = RoleSettings(name="starter-person-embedder")
    vehicle_embedder: Role = RoleSettings(name="starter-vehicle-embedder")
    two_wheeler_embedder: Role | None = None
    person_attributes: Role = RoleSettings(name="clothing-colours")
    vehicle_attributes: Role = RoleSettings(name="paint-colour")
    plate_detector: Role = RoleSettings(name="starter-plate-finder")
    plate_reader: Role = RoleSettings(name="starter-plate-reader")
    runtime: RuntimeName | None = None
    precision: Label | None = None
    device: Label = "CPU"
    score: Annotated[float, Field(gt=0, lt=1)] | None = None
    threads: Threads = 1
    store: Path | None = None

    @model_validator(mode="after")
    def _detects(self) -> Self:
        if self.detector.name == OFF:
            raise ValueError("a box without a detector sees nothing; name one")
        return self

    @property
    def roles(self) -> dict[RoleName, RoleSettings]:
        """Who plays each role, with what the table says for all; nobody for a class not sent."""
        chosen: dict[RoleName, RoleSettings] = {role: getattr(self, role) for role in ROLES}
        chosen["two_wheeler_embedder"] = self.two_wheeler_embedder or self.vehicle_embedder
        wanted = {role: self._filled(found) for role, found in chosen.items() if found.name != OFF}
        sent = {kind for kind, role in EMBEDDERS.items() if role in wanted}
        idle = {role for kind, role in ATTRIBUTES.items() if kind not in sent}
        if ObjectClass.VEHICLE not in sent or "plate_reader" not in wanted:
            idle.update(PLATES)
        return {role: found for role, found in wanted.items() if role not in idle}

    def _filled(self, role: RoleSettings) -> RoleSettings:
        return RoleSettings(
            name=role.name,
            runtime=role.runtime or self.runtime,
            precision=role.precision or self.precision,
            device=role.device or self.device,
            threads=role.threads or self.threads,
        )
