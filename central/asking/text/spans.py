"""Spans of a day in minutes since midnight, the end beyond 1440 on the next day."""

from datetime import time
from typing import Final

from central.asking.text.clock import NUMBERS

MINUTES_A_DAY: Final = 1440
NOON: Final = 720
_SMALL_HOURS: Final = 360

Span = tuple[int | None, int | None]
"""From and to; None at an open end."""


def in_night(span: Span) -> Span:
    """Hours of a night: eleven is before midnight, two is after."""
    start = span[0]
    if start is None or start >= NOON:
        return span
    return moved(span, MINUTES_A_DAY if start < _SMALL_HOURS else NOON)


def moved(span: Span, minutes: int) -> Span:
    """Later by `minutes`, where it begins before noon."""
    start, end = span
    if start is not None and start >= NOON:
        return span
    return (
        None if start is None else start + minutes,
        None if end is None or (start is None and end >= NOON) else end + minutes,
    )


def count(text: str | None) -> int:
    """How many a word of a number says; none: one."""
    if text is None:
        return 1
    return int(text) if text.isdecimal() else NUMBERS[text]


def dial(minutes: int) -> time:
    """On the dial of 24 hours."""
    minutes %= MINUTES_A_DAY
    return time(minutes // 60, minutes % 60)


def as_clock(minutes: int) -> str:
    """As people read it."""
    return f"{dial(minutes):%H:%M}"
