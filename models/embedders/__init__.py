"""Embedders: crops in, unit vectors out."""
