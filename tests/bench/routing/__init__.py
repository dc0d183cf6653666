"""Pieces of `make bench-routes`."""
