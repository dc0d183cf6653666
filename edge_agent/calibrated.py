"""`[calibrated]`: what `dongseon edge calibrate` measured to choose the models of `[models]`."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.settings import Settings

Positive = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class RoleFigures(Settings):
    """One role: milliseconds a call, of CPU and of waiting, and the model's quality in percent."""

    model: str
    cpu_ms: Positive
    wall_ms: Positive
    p90_ms: Positive
    calls: Annotated[int, Field(ge=1)]
    quality: Positive | None = None


class CalibratedSettings(Settings):
    """When, on what, for what, and what came out. Nothing reads it but people and the next one.

    `load` is the share of the box that the channels take, of at most `share`; `decoding` the cores
    that one channel's stream takes.
    """

    at: datetime
    processor: str
    cores: Annotated[int, Field(ge=1)]
    share: Positive
    load: Positive
    channels: Annotated[int, Field(ge=1)]
    fps: Positive
    people: Positive
    vehicles: Positive
    decoding: Positive
    roles: dict[str, RoleFigures] = {}
