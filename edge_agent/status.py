"""The agent's counters as one picture: `status.json`, the live view and telemetry read it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edge_agent.counters import STAGES, ChannelCounters
from edge_agent.engine import EngineStatus
from edge_agent.outbox import OutboxCount
from edge_agent.recording import RecordingStatus
from edge_agent.uplink import UplinkStatus
from shared.errors import ConfigError, StorageError
from shared.messages import MAX_WHY, ChannelTelemetry
from shared.settings import Settings

FILE_NAME = "status.json"
_MAX_BYTES = 1024 * 1024
_UP = frozenset({"running", "ended"})


class ChannelStatus(Settings):
    """One channel. `frames` were looked at, of `total_frames` in the clip (None: unknown).

    `why` it shows nothing, and since when (UTC milliseconds); empty and None while it works.
    """

    name: str
    status: str
    frames: int
    decoded: int
    total_frames: int | None
    position_s: float
    detections: int
    tracks: int
    sightings: int
    messages: int
    message_bytes: int
    no_embedder: int
    unread: int
    damaged: int
    blank: int
    late: int
    replaced: int
    still: int
    frames_per_s: float
    restarts: int
    why: str
    down_since_ms: int | None

    @classmethod
    def of(cls, counters: ChannelCounters) -> "ChannelStatus":
        """The picture of `counters` as they are now."""
        fields = {name: getattr(counters, name) for name in cls.model_fields}
        if fields["status"] in _UP:
            fields |= {"why": "", "down_since_ms": None}
        return cls(**fields)

    def telemetry(self) -> ChannelTelemetry:
        """What of it goes to the centre."""
        fields = {name: getattr(self, name) for name in ChannelTelemetry.model_fields}
        return ChannelTelemetry.model_validate(fields | {"why": self.why[:MAX_WHY]})


class OutboxStatus(Settings):
    """See `OutboxCount`."""

    rows: int
    bytes: int
    evicted: int
    failed: int
    crops: int
    crops_evicted: int


class AgentStatus(Settings):
    """The whole agent. `cpu_s` is CPU seconds of the process, `stage_s` sums up all channels.

    `recording` is None where nothing is recorded.
    """

    box: str
    pid: int
    written_ms: int
    started_ms: int
    channels: tuple[ChannelStatus, ...]
    outbox: OutboxStatus
    uplink: UplinkStatus
    engine: EngineStatus
    recording: RecordingStatus | None
    cpu_s: float
    stage_s: dict[str, float]


def outbox_status(count: OutboxCount) -> OutboxStatus:
    """`count` for the file."""
    return OutboxStatus(**count._asdict())


def stage_seconds(
    channels: Sequence[ChannelCounters], engine: Mapping[str, float]
) -> dict[str, float]:
    """Seconds in each stage, all channels and the `engine` together."""
    return {
        stage: round(engine.get(stage, 0.0) + sum(one.stage_s[stage] for one in channels), 3)
        for stage in STAGES
    }


def write_status(folder: Path, status: AgentStatus) -> None:
    """Replace the status file of `folder` at once; a reader sees the old one or the new one.

    Raises:
        StorageError: the disk refuses.
    """
    path = folder / FILE_NAME
    new = path.with_suffix(".new")
    try:
        new.write_text(status.model_dump_json(), encoding="utf-8")
        new.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: {error}") from error


def read_status(folder: Path) -> AgentStatus:
    """What the agent on `folder` last wrote.

    Raises:
        ConfigError: there is no such file, or it is not one of this version.
    """
    path = folder / FILE_NAME
    try:
        with path.open("rb") as file:
            fields: dict[str, Any] = json.loads(file.read(_MAX_BYTES))
        return AgentStatus.model_validate(fields)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no agent has run here yet; start it first") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
