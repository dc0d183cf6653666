"""A channel of a test, with an engine of its own."""

from threading import Event

from edge_agent.counters import ChannelCounters
from edge_agent.engine import Engine, EngineParts
from edge_agent.pipeline import ChannelParts, ChannelPipeline


def run_channel(
    parts: ChannelParts, counters: ChannelCounters | None = None, stop: Event | None = None
) -> ChannelCounters:
    """Run the channel to its end; what it counted."""
    with Engine(EngineParts(parts.detector, parts.embedders, parts.clock)) as engine:
        pipeline = ChannelPipeline(parts, engine, counters)
        pipeline.run(stop or Event())
    return pipeline.counters
