"""Whether a frame is worth a look, from luma, time and packet sizes alone."""

from edge_agent.gate.gate import MotionGate, Verdict
from edge_agent.gate.judging import Reason
from edge_agent.gate.settings import GatePolicy

__all__ = ["GatePolicy", "MotionGate", "Reason", "Verdict"]
