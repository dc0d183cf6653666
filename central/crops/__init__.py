"""Crops: an embedded store a day."""
