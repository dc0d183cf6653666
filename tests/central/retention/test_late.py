"""A box that comes back: its sightings land in their own day, or in none."""

from datetime import datetime, time, timedelta

from sqlalchemy import text

from central.db.partitions import partition_name
from shared.clock import to_datetime
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS, received, utc
from tests.central.retention.purging import ago, part, purging
from tests.factories import crop_of, make_sighting

DAY_MS = 86_400_000


def test_sightings_of_a_week_ago_are_found_in_their_own_day(centre: Centre) -> None:
    here = purging(centre)
    here.seen(0)
    old = make_sighting(centre.rng, first_seen_ms=NOON_MS - 7 * DAY_MS)
    centre.keeping.send(received(old, 9))
    centre.follow()
    assert here.purge().ok
    rows = centre.keeping.rows(f"SELECT id FROM {partition_name(ago(7))}")  # noqa: S608 - a date
    assert rows == [(old.id,)]
    assert here.found(7) == {old.id}
    assert centre.services.index.days() == [ago(7), ago(0)]
    assert centre.services.crops.days() == [ago(7), ago(0)]
    noon = utc(NOON_MS) - timedelta(days=7)
    window = {
        "from": (noon - timedelta(hours=1)).isoformat(),
        "to": (noon + timedelta(hours=1)).isoformat(),
    }
    listed = centre.get("/sightings", 200, **window)["items"]
    assert [item["id"] for item in listed] == [str(old.id)]
    asked = {"by": {"sighting_id": str(old.id)}, **window}
    assert centre.client.get(f"/api/v1/sightings/{old.id}/crop").content == crop_of(old).data
    twin = make_sighting(
        centre.rng, first_seen_ms=NOON_MS - 7 * DAY_MS + 60_000, embedding=old.embedding
    )
    centre.keeping.send(received(twin, 10))
    centre.follow()
    found = centre.post("/search", asked)["candidates"]
    assert [item["sighting"]["id"] for item in found] == [str(twin.id)]


def test_a_day_that_was_dropped_is_made_again_for_those_who_are_kept_longer(
    centre: Centre,
) -> None:
    here = purging(centre)
    here.seen(40, "street")
    assert here.purge().ok
    assert here.days() == []
    centre.camera("school")
    centre.post("/camera-groups", {"name": "g", "retention_days": 60, "cameras": ["school"]}, 201)
    kept = here.seen(40, "school")
    gone = here.seen(40, "street")
    assert here.found(40) == {*kept, *gone}
    done = here.purge()
    assert done.ok
    assert here.found(40) == set(kept)


def test_what_comes_after_its_days_are_over_is_taken_goes_at_once_and_is_counted(
    centre: Centre,
) -> None:
    here = purging(centre)
    here.seen(1)
    assert here.purge().ok
    assert not here.purger().is_due()
    (verdict,) = centre.keeping.send(
        received(make_sighting(centre.rng, first_seen_ms=NOON_MS - 31 * DAY_MS), 9)
    )
    assert verdict.refusal is None, "its box may forget it"
    centre.follow()
    assert here.purger().is_due(), "not only after midnight"
    done = here.purge()
    assert done.ok
    assert part(done, "database").removed == {"days": 1, "rows": 1, "late": 1}
    assert here.days() == [1]
    assert here.found(31) == set()
    assert centre.services.crops.days() == [ago(1)]


def test_late_sightings_of_a_camera_that_is_kept_shorter_go_at_once_too(centre: Centre) -> None:
    here = purging(centre)
    here.seen(10, "street")
    centre.camera("short")
    centre.post("/camera-groups", {"name": "g", "retention_days": 3, "cameras": ["short"]}, 201)
    assert here.purge().ok
    assert not here.purger().is_due()
    here.seen(10, "street")
    assert not here.purger().is_due()
    here.seen(10, "short")
    assert here.purger().is_due()
    done = here.purge()
    assert part(done, "database").removed == {"rows": 1, "late": 1}
    assert not here.purger().is_due()


def test_what_came_in_time_is_not_called_late(centre: Centre) -> None:
    here = purging(centre)
    here.seen(31)
    came = datetime.combine(ago(1), time(), to_datetime(0).tzinfo)
    with centre.engine.begin() as connection:
        connection.execute(text("UPDATE sightings SET received_at = :came"), {"came": came})
    done = here.purge()
    assert part(done, "database").removed == {"days": 1, "rows": 1}
