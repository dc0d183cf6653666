"""The agent in a terminal: channels, rates, queue, outbox and uplink, drawn anew each second."""

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from edge_agent.recording import RecordingStatus
from edge_agent.status import AgentStatus, ChannelStatus
from shared.clock import to_datetime

_STYLES = {"running": "green", "starting": "yellow", "ended": "dim", "failed": "bold red"}
_KIB = 1024
_GB = 1_000_000_000


def draw(status: AgentStatus) -> RenderableType:
    """`status` as a table of channels and a few lines below it.

    `seen` counts detections; `late` frames left out because the channel had fallen behind,
    `skipped` those that inference had no time for.
    """
    table = Table(
        title=f"box {status.box}",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("channel")
    table.add_column("state")
    for name in ("frames", "per s", "seen", "tracks", "sightings", "late", "skipped", "restarts"):
        table.add_column(name, justify="right")
    for channel in status.channels:
        table.add_row(*_cells(channel))
    down = [Text(f"{c.name}: {c.why}", style="red") for c in status.channels if c.why]
    recording = [] if status.recording is None else [_recording(status.recording)]
    return Group(table, *down, _outbox(status), _uplink(status), *recording)


def _cells(channel: ChannelStatus) -> list[str | Text]:
    total = f"/{channel.total_frames}" if channel.total_frames else ""
    return [
        channel.name,
        Text(channel.status, style=_STYLES.get(channel.status, "")),
        f"{channel.decoded}{total}",
        f"{channel.frames_per_s:.1f}",
        str(channel.detections),
        str(channel.tracks),
        str(channel.sightings),
        str(channel.late),
        str(channel.replaced),
        str(channel.restarts),
    ]


def _outbox(status: AgentStatus) -> Text:
    outbox = status.outbox
    line = Text(f"outbox   {outbox.rows} rows, {outbox.bytes / _KIB:.0f} KiB")
    if outbox.crops:
        line.append(f", {outbox.crops} pictures to follow")
    if lost := outbox.evicted + outbox.crops_evicted + outbox.failed:
        line.append(f", {lost} evicted or refused by the disk", style="bold red")
    return line


def _uplink(status: AgentStatus) -> Text:
    uplink = status.uplink
    state = Text("up  ", style="green") if uplink.connected else Text("down", style="bold red")
    return Text.assemble(
        "uplink   ",
        state,
        f" {uplink.in_flight} in flight, {uplink.acked} acknowledged, "
        f"{uplink.repeated} repeated, {uplink.refused} refused, "
        f"{uplink.bytes_published / _KIB:.0f} KiB sent",
    )


def _recording(recording: RecordingStatus) -> Text:
    line = Text(f"recorded {recording.segments} segments, {recording.bytes / _GB:.1f} GB")
    if recording.oldest_ms is not None:
        line.append(f", since {to_datetime(recording.oldest_ms):%Y-%m-%d %H:%M} UTC")
    if recording.lost:
        line.append(f", {recording.lost} packets lost to a slow disk", style="bold red")
    if recording.failed:
        line.append(f", {recording.failed} times refused by the disk", style="bold red")
    return line
