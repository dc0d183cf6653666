"""Times of sightings by the centre's clock."""

from datetime import timedelta


def correction(clock_offset_ms: float | None) -> timedelta:
    """What is to be added to a box's times: nothing where it never measured its clock (None)."""
    return timedelta(milliseconds=clock_offset_ms or 0.0)
