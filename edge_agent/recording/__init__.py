"""The streams as they came, kept for a while: a ring of segments for each channel, and clips."""

from edge_agent.recording.clip import Clip, ClipError, cut_clip
from edge_agent.recording.recorder import Recorder
from edge_agent.recording.ring import Ring, Span
from edge_agent.recording.settings import RecordingSettings
from edge_agent.recording.status import RecordingStatus
from edge_agent.recording.tap import ChannelTap

__all__ = [
    "ChannelTap",
    "Clip",
    "ClipError",
    "Recorder",
    "RecordingSettings",
    "RecordingStatus",
    "Ring",
    "Span",
    "cut_clip",
]
