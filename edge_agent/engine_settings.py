"""`[engine]` of a box's configuration."""

from typing import Annotated, Literal

from pydantic import Field

from shared.settings import Settings


class EngineSettings(Settings):
    """`[engine]`: how much of the box may infer at a time.

    `workers` is how many calls of networks may run at once, unless given one for each core (with
    `[models] threads` cores a call) and no more than there are channels. `batch` is how many
    frames of different channels share a call of the detector when they wait for it together, and
    `crops` the same for the embedder. `hung_s` is how long one piece of work may take before the
    whole agent ends itself, to be started anew.
    """

    workers: Annotated[int, Field(ge=1, le=256)] | None = None
    batch: Literal[1, 2, 4, 8] = 1
    crops: Annotated[int, Field(ge=1, le=64)] = 8
    hung_s: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)] = 20.0

    def workers_for(self, channels: int, cores: int, threads: int) -> int:
        """How many workers a box with so many channels and cores has, `threads` for each call."""
        return self.workers or max(1, min(channels, cores // threads))
