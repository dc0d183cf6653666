"""What the box has to tell the centre, kept on disk until the centre has it."""

from edge_agent.outbox.crops import WaitingCrop
from edge_agent.outbox.outbox import LIVE_S, Outbox
from edge_agent.outbox.rows import OutboxCount, Row

__all__ = ["LIVE_S", "Outbox", "OutboxCount", "Row", "WaitingCrop"]
