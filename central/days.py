"""Days, as everything that grows is divided by them."""

from datetime import UTC, date, datetime, timedelta

PAST = timedelta(days=400)
FUTURE = timedelta(days=2)


def day_of(ms: int) -> date:
    """The UTC date of `ms`, UTC milliseconds since the Unix epoch."""
    return datetime.fromtimestamp(ms / 1000, tz=UTC).date()


def is_plausible(day: date, now_ms: int) -> bool:
    """Whether a sighting of `day` may have a table and a file of its own.

    A box with a dead clock reports days of 1970 or 2099. Its sightings are kept, but all such
    days share one place, so that no box can make the centre create thousands.
    """
    today = day_of(now_ms)
    return today - PAST <= day <= today + FUTURE
