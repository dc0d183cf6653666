"""When a day goes: plain dates, whatever the zone and the season."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from central.days import day_of
from central.retention.policy import Policy, Rule, is_outlived
from shared.clock import to_ms

ZONES = ["UTC", "Asia/Seoul", "America/New_York", "Pacific/Apia", "Europe/Berlin", "Asia/Kolkata"]
moments = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - a wall clock's, the zone comes with it
    datetime(2090, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from(ZONES).map(ZoneInfo),
)
days_kept = st.integers(1, 3650)


@given(first_seen=moments, now=moments, days=days_kept)
def test_nothing_goes_early_and_nothing_stays_for_more_than_a_day_longer(
    first_seen: datetime, now: datetime, days: int
) -> None:
    goes = is_outlived(day_of(to_ms(first_seen)), day_of(to_ms(now)), days)
    age = now.astimezone(UTC) - first_seen.astimezone(UTC)
    if goes:
        assert age > timedelta(days=days)
    else:
        assert age < timedelta(days=days + 1)


@given(day=st.dates(date(2000, 1, 1), date(2090, 1, 1)), days=days_kept)
def test_a_day_goes_at_midnight_utc_after_its_days_counted_from_its_end(
    day: date, days: int
) -> None:
    end = datetime.combine(day, time(), UTC) + timedelta(days=1 + days)
    assert is_outlived(day, end.date(), days)
    assert not is_outlived(day, (end - timedelta(microseconds=1)).date(), days)


def test_both_ends_of_summer_time_are_days_like_others() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for change in (datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)):  # noqa: DTZ001
        for fold in (0, 1):
            seen = day_of(to_ms(change.replace(tzinfo=berlin, fold=fold)))
            assert not is_outlived(seen, seen + timedelta(days=30), 30)
            assert is_outlived(seen, seen + timedelta(days=31), 30)


@given(
    default=days_kept,
    groups=st.dictionaries(st.sampled_from("abcd"), days_kept),
    day=st.dates(date(2020, 1, 1), date(2026, 7, 20)),
)
def test_a_day_is_over_partly_over_or_kept_by_what_its_cameras_say(
    default: int, groups: dict[str, int], day: date
) -> None:
    rule = Rule(Policy(default, groups), date(2026, 7, 20))
    outlived = {rule.is_outlived(day, camera) for camera in [*groups, "some other camera"]}
    if rule.is_over(day):
        assert outlived == {True}
    elif rule.is_partly_over(day):
        assert True in outlived
    else:
        assert outlived == {False}
