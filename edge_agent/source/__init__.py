"""Where frames come from: RTSP, a file, a folder of pictures, USB."""

from edge_agent.source.frame import CropRect, Frame, SourceError, SourceOptions, SourceStats
from edge_agent.source.image import FrameImage, Luma
from edge_agent.source.open import Source, open_source

__all__ = [
    "CropRect",
    "Frame",
    "FrameImage",
    "Luma",
    "Source",
    "SourceError",
    "SourceOptions",
    "SourceStats",
    "open_source",
]
