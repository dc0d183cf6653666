"""What the centre tells the box to do: send a clip, send a snapshot."""

from edge_agent.commands.footage import Footage

__all__ = ["Footage"]
