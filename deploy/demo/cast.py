"""The models a demo runs: those that come with the project, or public ones to compare with."""

import json
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Cast:
    """Models by role, names from the catalogue.

    `same_person` is the cosine of the person embedder's space above which the demo takes a
    candidate for the person it asked for.
    """

    detector: str
    person_embedder: str
    vehicle_embedder: str
    same_person: float

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return self.detector, self.person_embedder, self.vehicle_embedder

    @property
    def for_boxes(self) -> dict[str, str]:
        """The keys of `[models]` in `box.toml`."""
        return {
            "detector": self.detector,
            "person_embedder": self.person_embedder,
            "vehicle_embedder": self.vehicle_embedder,
        }

    @property
    def for_centre(self) -> dict[str, str]:
        """The settings of the centre, as its environment."""
        embedders = {
            "person": self.person_embedder,
            "vehicle": self.vehicle_embedder,
            "two_wheeler": self.vehicle_embedder,
        }
        return {
            "DONGSEON_CENTRAL_MODELS": json.dumps(embedders),
            "DONGSEON_CENTRAL_DETECTOR": self.detector,
        }


class CastName(StrEnum):
    """What `--models` may say."""

    STARTER = "starter"
    PUBLIC = "public"


CASTS = {
    CastName.STARTER: Cast(
        detector="starter-detector",
        person_embedder="starter-person-embedder",
        vehicle_embedder="starter-vehicle-embedder",
        same_person=0.6,
    ),
    # Fetched by `dongseon models pull` from a mirror or their official URLs; of vehicles there is
    # no public embedder small and free enough.
    CastName.PUBLIC: Cast(
        detector="person-vehicle-bike-detection-2004",
        person_embedder="person-reidentification-retail-0287",
        vehicle_embedder="starter-vehicle-embedder",
        same_person=0.6,
    ),
}
