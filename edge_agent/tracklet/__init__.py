"""Tracks of one channel become tracklets, and say when a sighting is due."""

from edge_agent.tracklet.keeper import KeeperStep, Revision, Tools, TrackletKeeper
from edge_agent.tracklet.settings import TrackletPolicy
from edge_agent.tracklet.tracklet import Seen, Tracklet

__all__ = [
    "KeeperStep",
    "Revision",
    "Seen",
    "Tools",
    "Tracklet",
    "TrackletKeeper",
    "TrackletPolicy",
]
