"""Vectors and their search: one port, two adapters, and the follower that keeps them current."""
