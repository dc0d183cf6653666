"""One inference engine for all channels of a box: who is looked at when, and by which thread."""

from edge_agent.engine.engine import Engine, EngineParts, Hang
from edge_agent.engine.errand import Errand
from edge_agent.engine.line import Line, Pace, Stages
from edge_agent.engine.status import EngineStatus
from edge_agent.engine_settings import EngineSettings

__all__ = [
    "Engine",
    "EngineParts",
    "EngineSettings",
    "EngineStatus",
    "Errand",
    "Hang",
    "Line",
    "Pace",
    "Stages",
]
