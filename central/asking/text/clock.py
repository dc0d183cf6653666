"""Times of the day as people write them, in Korean and English."""

import re
from datetime import time
from typing import Final, NamedTuple

_KO_NUMBERS: Final = {
    word: number
    for number, word in enumerate(
        ("한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열", "열한", "열두"), 1
    )
}
_EN_NUMBERS: Final = {
    word: number
    for number, word in enumerate(
        (
            *("one", "two", "three", "four", "five", "six"),
            *("seven", "eight", "nine", "ten", "eleven", "twelve"),
        ),
        1,
    )
}
NUMBERS: Final = {**_KO_NUMBERS, **_EN_NUMBERS, "a": 1, "an": 1, "하루": 1, "이틀": 2, "사흘": 3}
NUMBER: Final = rf"(?:\d{{1,3}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"

_HOURS_A_DAY: Final = 24
_HALF_DAY: Final = 12
_MORNING, _AFTERNOON = ("오전", "새벽", "아침"), ("오후", "저녁")
_NOON_OR_LATER: Final = ("낮", "점심", "한낮")
_NAMED: Final = {"정오": 12, "noon": 12, "자정": 0, "midnight": 0}
_NOON: Final = ("noon", "정오")
_LATEST_LUNCH: Final = 6
_EVENING: Final = 6

PARTS: Final = {
    # From and to, in hours; beyond 24: of the next day.
    "새벽": (0, 6),
    "early morning": (4, 7),
    "아침": (6, 9),
    "오전": (6, 12),
    "morning": (6, 12),
    "점심": (11, 14),
    "lunchtime": (11, 14),
    "낮": (10, 17),
    "daytime": (9, 18),
    "오후": (12, 18),
    "afternoon": (12, 18),
    "저녁": (17, 22),
    "evening": (17, 22),
    "밤": (20, 29),
    "night": (20, 29),
}
"""What parts of a day are called here; a night ends at five."""


class Clock(NamedTuple):
    """A time of the day. `half` 0: before noon, 1: after, None: it was not said."""

    hour: int
    minute: int
    half: int | None

    @property
    def minutes(self) -> int:
        """Since midnight."""
        return self.hour * 60 + self.minute

    @property
    def as_time(self) -> time:
        """On the dial of 24 hours."""
        return time(self.hour % _HOURS_A_DAY, self.minute)


def clock_pattern(name: str) -> str:
    """A regular expression for one time of the day, its groups called after `name`."""
    markers = "|".join((*_MORNING, *_AFTERNOON, *_NOON_OR_LATER, "밤"))
    numbers = "|".join(sorted(_KO_NUMBERS, key=len, reverse=True))
    korean = (
        rf"(?:(?P<{name}half>{markers})\s*)?(?P<{name}kh>\d{{1,2}}|{numbers})\s*시(?!간)"
        rf"\s*(?:(?P<{name}kb>반)|(?P<{name}km>\d{{1,2}})\s*분)?"
    )
    english = (
        rf"(?P<{name}eh>\d{{1,2}})(?:[:.](?P<{name}em>\d{{2}}))?"
        rf"\s*(?P<{name}ap>[ap]\.?m\b\.?)?(?:\s*o'?clock)?(?!\d)"
    )
    named = rf"(?P<{name}named>{'|'.join(_NAMED)})"
    return rf"(?:{korean}|{named}|(?<![0-9])(?:(?P<{name}eh2>오전|오후)\s*)?{english})"


def read_clock(match: re.Match[str], name: str) -> Clock | None:
    """The time that `clock_pattern(name)` found; None: no time has that."""
    named = match[f"{name}named"]
    if named:
        return Clock(_NAMED[named], 0, int(named in _NOON))
    if match[f"{name}kh"]:
        text = match[f"{name}kh"]
        hour = int(text) if text.isdecimal() else _KO_NUMBERS[text]
        minute = 30 if match[f"{name}kb"] else int(match[f"{name}km"] or 0)
        return _checked(_korean(hour, minute, match[f"{name}half"]))
    hour, minute = int(match[f"{name}eh"]), int(match[f"{name}em"] or 0)
    said = match[f"{name}ap"] or match[f"{name}eh2"]
    if said is None:
        return _checked(Clock(hour, minute, None))
    return _checked(_halved(hour, minute, int(said.startswith(("p", "오후")))))


def is_sure(match: re.Match[str], name: str) -> bool:
    """Whether what was found is a time for sure, and not just a number."""
    return any(match[f"{name}{part}"] for part in ("kh", "em", "ap", "named", "eh2"))


def span_of(first: Clock, last: Clock) -> tuple[int, int]:
    """A range in minutes since midnight; its end is the later, on the next day if need be.

    The half of the day that one of them names is that of the other, where that makes a range:
    `오후 3시~5시`, `3-5 pm`, `11-1 pm`.
    """
    if last.half is None and first.half is not None:
        last = _after(first, last)
    elif first.half is None and last.half is not None:
        same = _halved(first.hour, first.minute, last.half)
        first = same if same.minutes < last.minutes else _halved(first.hour, first.minute, 0)
    start, end = first.minutes, last.minutes
    return start, end if end > start else end + _HOURS_A_DAY * 60


def _after(first: Clock, last: Clock) -> Clock:
    if last.hour > _HALF_DAY or first.half is None:
        return last
    same = _halved(last.hour, last.minute, first.half)
    return same if same.minutes > first.minutes else _halved(last.hour, last.minute, 1 - first.half)


def _korean(hour: int, minute: int, marker: str | None) -> Clock:
    if marker is None:
        return Clock(hour, minute, None)
    if marker in _MORNING:
        return _halved(hour, minute, 0)
    if marker in _AFTERNOON:
        return _halved(hour, minute, 1)
    if marker in _NOON_OR_LATER:
        return _halved(hour, minute, int(hour < _LATEST_LUNCH or hour == _HALF_DAY))
    # 밤 열 시 is ten in the evening, 밤 두 시 two after midnight.
    return _halved(hour, minute, int(_EVENING <= hour < _HALF_DAY))


def _halved(hour: int, minute: int, half: int) -> Clock:
    if hour > _HALF_DAY:
        return Clock(hour, minute, half)
    return Clock(hour % _HALF_DAY + _HALF_DAY * half, minute, half)


def _checked(clock: Clock) -> Clock | None:
    good = 0 <= clock.hour <= _HOURS_A_DAY and 0 <= clock.minute < 60  # noqa: PLR2004 - minutes
    return clock if good else None
