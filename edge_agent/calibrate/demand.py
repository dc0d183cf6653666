"""How often each role is called: what a box's channels ask of its models."""

from dataclasses import dataclass

from edge_agent.model_settings import RoleName
from edge_agent.reading import CROPS
from edge_agent.tracklet import TrackletPolicy

STAY_S = 10.0
"""How long an object stays in the picture, assumed: somebody walking 13 m at 1.3 m/s."""

_POLICY = TrackletPolicy()
_EMBEDDINGS = 1 / _POLICY.check_s + _POLICY.crops / STAY_S
"""Crops embedded for each object in the picture, a second: the look whether it is still itself,
and the best crops of its revisions."""

_READINGS = (1 + CROPS) / STAY_S
"""Crops read for each, a second: one early, and the best ones at the end."""


_FOLLOWING = 0.0005
"""Cores to follow one object at one frame a second, with its crop and the crop's quality: 398
frames with 8.6 detections took 4.3 ms of CPU each on an AMD EPYC."""

_SENDING = 2 * 0.005 / STAY_S
"""Cores to encode and keep the two sightings of one object: 5 ms of CPU each, there."""

DECODING = 0.16
"""Cores to decode a stream that could not be looked at: 1080p25 H.264 of 2.5 Mbit/s, there."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What the box has to do.

    Args:
        channels: how many.
        fps: frames looked at, a second and channel.
        people: in the picture of a channel at a time, typically.
        vehicles: the same, two-wheelers with them.
        decoding: cores that a channel takes to decode its stream.
    """

    channels: int
    fps: float
    people: float = 3.0
    vehicles: float = 2.0
    decoding: float = DECODING

    @property
    def overhead(self) -> float:
        """Cores that a channel takes beside its models."""
        objects = self.people + self.vehicles
        return self.decoding + objects * (self.fps * _FOLLOWING + _SENDING)

    def calls(self, role: RoleName) -> float:
        """How often one channel calls the model of `role`, a second."""
        if role == "detector":
            return self.fps
        objects = self.people if role.startswith("person_") else self.vehicles
        return objects * (_EMBEDDINGS if role.endswith("_embedder") else _READINGS)
