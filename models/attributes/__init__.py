"""Attributes: what a crop shows of a person or a vehicle, in words."""
