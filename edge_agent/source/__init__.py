"""Where frames come from: RTSP, a file, a folder of pictures, USB."""

from edge_agent.source.frame import CropRect, Frame, SourceError, SourceOptions, SourceStats
from edge_agent.source.open import Source, open_source
from edge_agent.source.packets import NoPackets, PacketSink

__all__ = [
    "CropRect",
    "Frame",
    "NoPackets",
    "PacketSink",
    "Source",
    "SourceError",
    "SourceOptions",
    "SourceStats",
    "open_source",
]
