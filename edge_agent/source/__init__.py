"""Where frames come from: RTSP, a file, a folder of pictures, USB."""

from edge_agent.source.attention import Attention, PacketSeen, Watcher, WatchesAll
from edge_agent.source.frame import CropRect, Frame, SourceError, SourceOptions, SourceStats
from edge_agent.source.image import FrameImage, Luma
from edge_agent.source.open import Source, open_source
from edge_agent.source.packets import NoPackets, PacketSink
from edge_agent.source.reason import SourceRefused, without_secrets

__all__ = [
    "Attention",
    "CropRect",
    "Frame",
    "FrameImage",
    "Luma",
    "NoPackets",
    "PacketSeen",
    "PacketSink",
    "Source",
    "SourceError",
    "SourceOptions",
    "SourceRefused",
    "SourceStats",
    "Watcher",
    "WatchesAll",
    "open_source",
    "without_secrets",
]
