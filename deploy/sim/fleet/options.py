"""What a fleet is told to do."""

from dataclasses import dataclass

from shared.errors import ConfigError

WINDOW = 16
"""Rows a box has unacknowledged at most, as the agent's default."""

MAX_TELEMETRY_S = 100
"""Telemetry keeps connections alive, so it may not be rarer."""


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """A fleet and what it does.

    `rate`: rows made a second by the whole fleet, for `seconds`; 0 makes none. `backlog`: rows
    each box has kept when it begins, or, with `reconnect_within_s`, that each keeps while it is
    away: all connections break in the middle of the run, and each comes back at a random moment
    within that time. `revisions`: 2 sends an early and a final revision of each object, so every
    second row is an update. `drain_s`: how long unanswered rows are waited for in the end.
    `silence_s`: a row without an answer for so long is sent again.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    boxes: int = 675
    cameras: int = 2700
    rate: float = 500.0
    seconds: float = 60.0
    backlog: int = 0
    reconnect_within_s: float | None = None
    start_within_s: float = 3.0
    revisions: int = 1
    telemetry_s: float = 60.0
    drain_s: float = 60.0
    silence_s: float = 30.0
    window: int = WINDOW
    seed: int = 1
    prefix: str = "sim"
    space: str = "person-reidentification-retail-0287"
    dimensions: int = 256

    def __post_init__(self) -> None:
        """Check what a mistyped number would make of it.

        Raises:
            ConfigError: there is no such fleet.
        """
        if not 1 <= self.boxes <= self.cameras:
            raise ConfigError(f"{self.boxes} boxes with {self.cameras} cameras: each needs one")
        if self.revisions not in {1, 2} or min(self.rate, self.seconds, self.backlog) < 0:
            raise ConfigError("revisions are 1 or 2; rate, seconds and backlog are not negative")
        if not 1 <= self.telemetry_s <= MAX_TELEMETRY_S:
            raise ConfigError(f"telemetry comes every 1 to {MAX_TELEMETRY_S} s")
