"""Hours that repeat: from ten to five at night, on weekdays, by the clock of a place."""

import re
from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer
from sqlalchemy import ColumnElement, Interval, and_, func, literal, or_
from sqlalchemy import cast as cast_to

from central.db.tables import sightings
from central.values import Model

DEFAULT_ZONE = "Asia/Seoul"
_ZONE = re.compile(r"UTC|[A-Z][A-Za-z]+(/[A-Z][A-Za-z0-9_+-]+){1,2}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DAY = timedelta(days=1)


class Weekday(StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"

    @property
    def iso(self) -> int:
        """1 for Monday to 7 for Sunday (ISO 8601)."""
        return list(Weekday).index(self) + 1


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name if _ZONE.fullmatch(name) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"no time zone {name[:64]!r}; write one of the IANA database, e.g. Asia/Seoul"
        ) from error
    return name


def _written(value: object) -> object:
    if isinstance(value, time) or (isinstance(value, str) and _CLOCK.fullmatch(value)):
        return value
    raise ValueError("write a time of the day as HH:MM, from 00:00 to 23:59")


Zone = Annotated[
    str,
    Field(max_length=64, description="of the IANA database", examples=[DEFAULT_ZONE]),
    AfterValidator(_known_zone),
]
ClockTime = Annotated[
    time,
    BeforeValidator(_written),
    PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str),
    Field(
        examples=["22:00"],
        json_schema_extra={"format": None, "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
    ),
]


class Hours(Model):
    """From `from` to `to` on `days` (null: every day), past midnight where `to` is the earlier.

    A night belongs to the day on which it begins: 22:00 to 05:00 on `fri` ends on Saturday. Where
    both are the same, the whole day. `zone` null: that of the centre.
    """

    from_: Annotated[ClockTime, Field(alias="from")]
    to: ClockTime
    days: Annotated[list[Weekday] | None, Field(min_length=1, max_length=7)] = None
    zone: Zone | None = None

    model_config = ConfigDict(
        serialize_by_alias=True,
        validate_by_name=True,
        json_schema_extra={
            "examples": [
                {"from": "22:00", "to": "05:00", "days": ["fri", "sat"], "zone": "Asia/Seoul"}
            ]
        },
    )

    def condition(self, zone: str) -> ColumnElement[bool]:
        """For a WHERE: in view at some time of these hours. `zone`: the centre's own."""
        here = self.zone or zone
        start, end = (timedelta(hours=at.hour, minutes=at.minute) for at in (self.from_, self.to))
        lasts = (end - start) % _DAY or _DAY
        first = func.timezone(here, sightings.c.first_seen)
        last = func.timezone(here, sightings.c.last_seen)
        opens = _interval(start)
        # The hours that began last before the sighting ended, and, as it may have lasted for a
        # day, those before.
        newest = func.date_trunc("day", last - opens) + opens
        began = [newest, newest - _interval(_DAY)]
        return or_(*(self._meets(moment, lasts, first) for moment in began))

    def _meets(
        self, began: ColumnElement[object], lasts: timedelta, first: ColumnElement[object]
    ) -> ColumnElement[bool]:
        in_view = began + _interval(lasts) > first
        if self.days is None:
            return in_view
        day = func.extract("isodow", began)
        return and_(in_view, day.in_(sorted({each.iso for each in self.days})))


def _interval(span: timedelta) -> ColumnElement[timedelta]:
    return cast_to(literal(span), Interval)
