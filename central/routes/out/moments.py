"""Moments as files write them."""

from central.values import iso
from shared.clock import to_datetime


def moment(second: float) -> str:
    """Seconds since the epoch as ISO 8601, UTC, to the millisecond."""
    return iso(to_datetime(round(second * 1000)))
