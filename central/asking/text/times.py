"""What people say of when: a window, or hours that repeat."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from central.asking.text.clock import (
    NUMBER,
    PARTS,
    Clock,
    clock_pattern,
    is_sure,
    read_clock,
    span_of,
)
from central.asking.text.days import DAY_PATTERN, Days, read_day, weekdays_in
from central.asking.text.reading import Sentence
from central.asking.text.spans import (
    MINUTES_A_DAY,
    NOON,
    Span,
    as_clock,
    count,
    dial,
    in_night,
    moved,
)
from central.sightings.hours import Hours, Weekday
from central.values import iso

_DAY: Final = timedelta(days=1)
_DASH: Final = "\u2013"
_ABOUT: Final = 30
"""Minutes on either side of a time that is said without an end."""

_UNITS: Final = {
    **dict.fromkeys(("분", "minutes", "minute", "mins", "min"), timedelta(minutes=1)),
    **dict.fromkeys(("시간", "hours", "hour"), timedelta(hours=1)),
    **dict.fromkeys(("일", "days", "day"), timedelta(days=1)),
    **dict.fromkeys(("주일", "주", "weeks", "week"), timedelta(days=7)),
    **dict.fromkeys(("개월", "달", "months", "month"), timedelta(days=30)),
}
_UNIT: Final = "|".join(sorted(_UNITS, key=len, reverse=True))
_RECENT: Final = re.compile(
    rf"(?:지난|최근|last|past|recent)\s*(?P<count>{NUMBER})?\s*(?P<unit>{_UNIT})"
    r"(?![a-z요말])(?!\s*(?:on\s+)?(?:[월화수목금토일]요일|[a-z]+day\b))(?:\s*(?:동안|간|안에|이내))?"
)
_AGO: Final = re.compile(
    rf"(?P<count>{NUMBER})\s*(?:(?P<unit>분|시간)\s*전(?P<since>\s*부터)?"
    r"|(?P<unit2>minutes?|mins?|hours?)\s+ago)"
)
_RANGE: Final = re.compile(
    rf"(?:from\s+|between\s+)?{clock_pattern('a')}\s*(?:부터|에서|~|-|{_DASH}|to\b|until\b|till\b|and\b)\s*"
    rf"{clock_pattern('b')}\s*(?:까지|사이)?(?:에)?"
)
_SINCE: Final = re.compile(
    rf"(?:(?P<word>since|after|from)\s+{clock_pattern('a')}|{clock_pattern('b')}\s*(?:이후|부터))(?:에)?"
)
_UNTIL: Final = re.compile(
    rf"(?:(?:before|until|till)\s+{clock_pattern('a')}|{clock_pattern('b')}\s*(?:이전|까지|전))(?:에)?"
)
_AT: Final = re.compile(
    rf"(?:at\s+|around\s+|about\s+)*{clock_pattern('a')}\s*(?:쯤|경|정도|무렵|께)?(?:에)?"
)
_PART: Final = re.compile(
    rf"(?:in\s+the\s+|at\s+|this\s+)?(?P<part>{'|'.join(sorted(PARTS, key=len, reverse=True))})"
    r"(?:에|때|시간대)?(?![가-힣a-z])"
)
_REPEATS: Final = re.compile(
    r"매일|날마다|every\s+(?:day|night|evening|morning|afternoon)|daily|nightly|each\s+(?:day|night)"
    r"|평일(?:마다|에는|에)?|(?:on\s+)?weekdays|주말마다|매주\s*주말|(?:on\s+|every\s+)?weekends"
    r"|(?:매주|every)\s*(?:(?:[월화수목금토일]요일|(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
    r"(?:\s*(?:,|과|와|and)\s*)?)+(?:마다)?"
    r"|[월화수목금토일]요일마다|(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)days\b"
)
_DAYS: Final = re.compile(rf"(?<![0-9a-z]){DAY_PATTERN}")
# Right after a day, which has been taken.
_TO_DAY: Final = re.compile(rf"(?<=\x00)\s*(?:부터|에서|~|-|{_DASH}|to|until|and)\s*(?=\S)")
_FROM_THEN: Final = re.compile(r"(?<=\x00)\s*(?:부터|이후)")
_WORKDAYS: Final = list(Weekday)[:5]
_FREE_DAYS: Final = list(Weekday)[5:]


class When(NamedTuple):
    """A window, open where None, and hours within."""

    start: datetime | None = None
    end: datetime | None = None
    hours: Hours | None = None


class TimeReader:
    """Takes words of time from a sentence that was said at `now`, in `zone`."""

    def __init__(self, sentence: Sentence, now: datetime, zone: str) -> None:
        self._sentence = sentence
        self._zone = ZoneInfo(zone)
        self._zone_name = zone
        self._now = now.astimezone(self._zone)
        self._is_half_said = False

    def read(self) -> When:
        """When; nothing was said: at any time."""
        found = self._ago() or self._recent()
        if found is not None:
            return found
        repeats = self._repeats()
        days = None if repeats is not None else self._days()
        span = self._span()
        if repeats is not None:
            return When(hours=self._hours(repeats, span))
        return self._window(days, span)

    def _recent(self) -> When | None:
        found = self._sentence.find(_RECENT)
        if found is None:
            return None
        lasts = count(found["count"]) * _UNITS[found["unit"]]
        return self._said(found, self._now - lasts, self._now)

    def _ago(self) -> When | None:
        found = self._sentence.find(_AGO)
        if found is None:
            return None
        unit = _UNITS[found["unit"] or found["unit2"]]
        moment = self._now - count(found["count"]) * unit
        if found["since"]:
            return self._said(found, moment, self._now)
        about = timedelta(minutes=_ABOUT if unit > timedelta(minutes=1) else _ABOUT // 3)
        return self._said(found, moment - about, min(moment + about, self._now))

    def _repeats(self) -> list[Weekday] | None:
        """The days on which hours repeat, empty: on all; None: they do not."""
        found = self._sentence.find(_REPEATS)
        if found is None:
            return None
        text = found[0]
        if "평일" in text or "weekday" in text:
            days = _WORKDAYS
        elif "주말" in text or "weekend" in text:
            days = _FREE_DAYS
        else:
            days = weekdays_in(text)
        # Which part of the day it is stays to be read.
        part = re.search(r"(night|evening|morning|afternoon)$", text)
        end = found.start() + part.start() if part else found.end()
        self._sentence.take(found.start(), end, f"days={','.join(days) or 'all'}")
        return days

    def _days(self) -> Days | None:
        found = self._sentence.find(_DAYS)
        if found is None:
            return None
        days = read_day(found, self._now.date())
        if days is None:
            return None
        self._sentence.take(*found.span(), f"day={days.first}")
        return self._until(days)

    def _until(self, days: Days) -> Days:
        """A second day ends what the first began; `부터` alone: until now."""
        between = self._sentence.find(_TO_DAY)
        if between is not None:
            second = _DAYS.match(self._sentence.free, between.end())
            last = None if second is None else read_day(second, self._now.date())
            if second is not None and last is not None and last.last >= days.first:
                self._sentence.take(between.start(), second.end(), f"day={last.last}")
                return Days(days.first, last.last)
        since = self._sentence.find(_FROM_THEN)
        if since is not None:
            self._sentence.take(*since.span(), "until=now")
            return Days(days.first, self._now.date())
        return days

    def _span(self) -> Span | None:
        """Minutes since midnight, the end beyond 1440 on the next day; None at an open end."""
        found = self._range() or self._open() or self._at()
        part = self._sentence.find(_PART)
        if part is None:
            return found
        if found is None:
            first, last = PARTS[part["part"]]
            return self._shown(part, (first * 60, last * 60))
        self._sentence.take(*part.span(), None)
        later = PARTS[part["part"]][0] * 60 >= NOON and not self._is_half_said
        return moved(found, NOON) if later else found

    def _range(self) -> tuple[int, int] | None:
        for found in self._sentence.each(_RANGE):
            first, last = read_clock(found, "a"), read_clock(found, "b")
            sure = is_sure(found, "a") or is_sure(found, "b")
            if first is not None and last is not None and sure:
                self._is_half_said = first.half is not None or last.half is not None
                return self._shown(found, span_of(first, last))
        return None

    def _open(self) -> Span | None:
        for pattern, is_start in ((_SINCE, True), (_UNTIL, False)):
            for found in self._sentence.each(pattern):
                clock = self._either(found)
                if clock is not None:
                    self._is_half_said = clock.half is not None
                    self._sentence.take(
                        *found.span(), f"{'from' if is_start else 'to'}={clock.as_time:%H:%M}"
                    )
                    return (clock.minutes, None) if is_start else (None, clock.minutes)
        return None

    def _at(self) -> tuple[int, int] | None:
        for found in self._sentence.each(_AT):
            clock = read_clock(found, "a")
            if clock is not None and is_sure(found, "a"):
                self._is_half_said = clock.half is not None
                return self._shown(found, (clock.minutes - _ABOUT, clock.minutes + _ABOUT))
        return None

    def _either(self, found: re.Match[str]) -> Clock | None:
        for name in ("a", "b"):
            if is_sure(found, name):
                return read_clock(found, name)
        return None

    def _shown(self, found: re.Match[str], span: tuple[int, int]) -> tuple[int, int]:
        self._sentence.take(*found.span(), f"time={as_clock(span[0])}-{as_clock(span[1])}")
        return span

    def _hours(self, days: list[Weekday], span: Span | None) -> Hours:
        start, end = span or (0, 0)
        return Hours(
            from_=dial(start or 0),
            to=dial(end or 0),
            days=days or None,
            zone=self._zone_name,
        )

    def _window(self, days: Days | None, span: Span | None) -> When:
        if days is None and span is None:
            return When()
        if days is not None and days.night and span is None:
            first, last = PARTS["night"]
            span = (first * 60, last * 60)
        if days is None:
            days = self._latest(span)
        if span is None:
            return self._between(
                self._at_minute(days.first, 0), self._at_minute(days.last + _DAY, 0)
            )
        start, end = in_night(span) if days.night else span
        opens = self._at_minute(days.first, start or 0)
        if end is None:
            return self._between(opens, self._at_minute(days.last + _DAY, 0))
        return self._between(opens, self._at_minute(days.last, end))

    def _latest(self, span: Span | None) -> Days:
        """Without a day: the last time that these hours began."""
        today = self._now.date()
        start = (span or (0, 0))[0] or 0
        # Around three, said a few minutes before three, was yesterday.
        has_begun = self._at_minute(today, start + _ABOUT) <= self._now
        begins = today if has_begun else today - _DAY
        return Days(begins, begins)

    def _at_minute(self, day: date, minute: int) -> datetime:
        whole, rest = divmod(minute, MINUTES_A_DAY)
        moment = time(rest // 60, rest % 60)
        return datetime.combine(day + _DAY * whole, moment, self._zone)

    def _said(self, found: re.Match[str], start: datetime, end: datetime) -> When:
        when = self._between(start, end)
        self._sentence.take(*found.span(), f"from={iso(start)}")
        return when

    def _between(self, start: datetime, end: datetime) -> When:
        return When(start.astimezone(UTC), end.astimezone(UTC))
