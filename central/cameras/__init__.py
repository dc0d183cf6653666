"""Registered cameras: where they stand, and choosing them on the map."""
