"""How a channel's stream is opened: to watch it, to check it, to measure it."""

from edge_agent.config import ChannelSettings
from edge_agent.sampling import Sampler
from edge_agent.source import CropRect, SourceOptions
from shared.clock import Clock


def source_options(channel: ChannelSettings, clock: Clock) -> SourceOptions:
    """Options for the stream of `channel` that is looked at."""
    crop = channel.crop
    return SourceOptions(
        name=channel.name,
        clock=clock,
        sampler=Sampler(channel.fps),
        crop=CropRect(crop.left, crop.top, crop.right, crop.bottom) if crop else None,
        starts_at_ms=channel.starts_at_ms,
        realtime=channel.realtime,
        loop=channel.loop,
        fps=channel.fps,
        hardware=channel.hwaccel,
    )
