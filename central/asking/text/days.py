"""Days as people name them, in Korean and English."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, NamedTuple

from central.asking.text.clock import NUMBER, NUMBERS
from central.sightings.hours import Weekday
from central.values import YEARS

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_SATURDAY: Final = 5

_NAMED: Final = {
    **dict.fromkeys(("오늘", "금일", "today", "tonight"), 0),
    **dict.fromkeys(("어제", "어저께", "작일", "yesterday"), 1),
    **dict.fromkeys(("그저께", "그제", "엊그제", "day before yesterday"), 2),
    **dict.fromkeys(("그끄저께", "그끄제"), 3),
}
_ENGLISH_DAYS: Final = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
)
_WEEKDAYS: Final = {
    **{f"{syllable}요일": place for place, syllable in enumerate("월화수목금토일")},
    **{name: place for place, name in enumerate(_ENGLISH_DAYS)},
}
_MONTHS: Final = {
    "january": 1,
    "february": 2,
    "march": 3,
    "april": 4,
    "may": 5,
    "june": 6,
    "july": 7,
    "august": 8,
    "september": 9,
    "october": 10,
    "november": 11,
    "december": 12,
}
_MONTH_NAMES = "|".join((*_MONTHS, *(name[:3] for name in _MONTHS)))
_WEEKDAY_NAMES = "|".join(_WEEKDAYS)

DAY_PATTERN: Final = (
    rf"(?:the\s+)?(?:(?P<named>{'|'.join(sorted(_NAMED, key=len, reverse=True))})"
    rf"|(?P<ago>{NUMBER})\s*(?:일\s*전|days?\s+ago)"
    rf"|(?P<agoword>하루|이틀|사흘)\s*전"
    r"|(?P<iso>\d{4}[-./]\d{1,2}[-./]\d{1,2})"
    r"|(?:(?P<ky>\d{4})\s*년\s*)?(?P<kmonth>\d{1,2})\s*월\s*(?P<kday>\d{1,2})\s*일"
    rf"|(?P<m1>{_MONTH_NAMES})\.?\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s*(?P<y1>\d{{4}}))?"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<m2>{_MONTH_NAMES})\b(?:,?\s*(?P<y2>\d{{4}}))?"
    rf"|(?:on\s+)?(?P<last>지난\s*주|저번\s*주|지난|저번|last\s+week(?:'s|\s+on)?|last|past)?\s*"
    rf"(?P<weekday>{_WEEKDAY_NAMES})"
    r"|(?P<weekend>(?:지난|저번|last)\s*(?:주말|weekend)|이번\s*주말|this\s+weekend)"
    r"|(?P<lastnight>어젯밤|지난밤|간밤|last\s+night))(?:에|은|는|의)?"
)


class Days(NamedTuple):
    """A day, or some in a row. `night`: the night that begins on it."""

    first: date
    last: date
    night: bool = False


def read_day(match: re.Match[str], today: date) -> Days | None:
    """The day that `DAY_PATTERN` found, not after `today`; None: no calendar has it."""
    for name, read in _READERS.items():
        if match[name]:
            return read(match, today)
    return None


def _named(match: re.Match[str], today: date) -> Days:
    return _one(today - _DAY * _NAMED[match["named"]])


def _ago(match: re.Match[str], today: date) -> Days:
    text = match["ago"] or match["agoword"]
    return _one(today - _DAY * (int(text) if text.isdecimal() else NUMBERS[text]))


def _iso(match: re.Match[str], _today: date) -> Days | None:
    year, month, day = (int(part) for part in re.split(r"[-./]", match["iso"]))
    return _calendar(year, month, day)


def _korean(match: re.Match[str], today: date) -> Days | None:
    return _dated(match["ky"], int(match["kmonth"]), int(match["kday"]), today)


def _english(match: re.Match[str], today: date) -> Days | None:
    which = "1" if match["m1"] else "2"
    name = match[f"m{which}"]
    month = next(number for full, number in _MONTHS.items() if full.startswith(name))
    return _dated(match[f"y{which}"], month, int(match[f"d{which}"]), today)


def _weekday(match: re.Match[str], today: date) -> Days:
    place = _WEEKDAYS[match["weekday"]]
    last = match["last"] or ""
    if "주" in last or "week" in last:
        return _one(today - _DAY * today.weekday() - _WEEK + _DAY * place)
    back = (today.weekday() - place) % 7
    return _one(today - _DAY * (back or (7 if last else 0)))


def _weekend(match: re.Match[str], today: date) -> Days:
    saturday = today - _DAY * ((today.weekday() - _SATURDAY) % 7)
    is_last = match["weekend"].startswith(("지난", "저번", "last"))
    if is_last and today.weekday() >= _SATURDAY:
        saturday -= _WEEK
    return Days(saturday, saturday + _DAY)


def _last_night(_match: re.Match[str], today: date) -> Days:
    return Days(today - _DAY, today - _DAY, night=True)


def _dated(year: str | None, month: int, day: int, today: date) -> Days | None:
    if year:
        return _calendar(int(year), month, day)
    found = _calendar(today.year, month, day)
    # Without a year it is the last such day.
    return _calendar(today.year - 1, month, day) if found and found.first > today else found


def _calendar(year: int, month: int, day: int) -> Days | None:
    if year not in YEARS:
        return None
    try:
        return _one(date(year, month, day))
    except ValueError:
        return None


def _one(day: date) -> Days:
    return Days(day, day)


_READERS: Final[dict[str, Callable[[re.Match[str], date], Days | None]]] = {
    "named": _named,
    "ago": _ago,
    "agoword": _ago,
    "iso": _iso,
    "kmonth": _korean,
    "m1": _english,
    "m2": _english,
    "weekday": _weekday,
    "weekend": _weekend,
    "lastnight": _last_night,
}


def weekdays_in(text: str) -> list[Weekday]:
    """The days of the week that `text` names, Monday first."""
    places = {place for name, place in _WEEKDAYS.items() if name in text}
    return [list(Weekday)[place] for place in sorted(places)]
