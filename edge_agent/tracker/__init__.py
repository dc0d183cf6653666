"""Detections of one channel become tracks."""

from edge_agent.tracker.settings import TrackerSettings
from edge_agent.tracker.tracker import Tracker, TrackerStep, TrackPoint

__all__ = ["TrackPoint", "Tracker", "TrackerSettings", "TrackerStep"]
