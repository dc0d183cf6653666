"""What a box says of itself when it comes and goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from shared.messages import BoxState, ChannelState
from shared.messages.sighting import MAX_LABEL


@dataclass(frozen=True, slots=True)
class Identity:
    """The facts of a birth message.

    Args:
        box: its name, the level of its topics.
        started_ms: when the agent started, UTC milliseconds.
        software: program and version.
        profile: the profile it runs on.
        channels: as configured.
        models: role to `name@version`.
        runtimes: role to runtime, device and precision.
    """

    box: str
    started_ms: int
    software: str
    profile: str | None = None
    channels: tuple[ChannelState, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)
    runtimes: Mapping[str, str] = field(default_factory=dict)

    def state(self, status: Literal["online", "offline"], session: UUID, epoch: UUID) -> BoxState:
        """The message for one connection: birth, will and farewell carry the same `session`."""
        return BoxState(
            status=status,
            session=session,
            epoch=epoch,
            started_ms=self.started_ms,
            software=self.software[:MAX_LABEL],
            profile=self.profile,
            channels=list(self.channels),
            models=_labels(self.models),
            runtimes=_labels(self.runtimes),
        )


def _labels(named: Mapping[str, str]) -> dict[str, str]:
    return {role: text[:MAX_LABEL] for role, text in named.items()}
