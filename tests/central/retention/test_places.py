"""Clips, waiting pictures, refused payloads, dead clocks, routes: each has its rule."""

from datetime import date

from sqlalchemy import Engine, text

from central.crops.store import StoredCrop
from central.index.port import UNDATED
from shared.messages import LateCrops
from shared.topics import Lane
from tests.central.asking import Centre
from tests.central.clips.asked import FILE, Upload, ask
from tests.central.keeping import NOON_MS, received
from tests.central.retention.purging import ago, part, purging
from tests.factories import make_crop, make_id, make_sighting


def test_a_clip_goes_with_the_day_that_it_shows_and_its_purpose_stays(centre: Centre) -> None:
    here = purging(centre)
    shown = ask(centre, purpose="report 2026-0131")
    Upload(centre, shown).send(0, len(FILE))
    centre.keeping.clock.advance(30 * 86_400)
    assert here.purge().ok
    assert centre.get(f"/clips/{shown['id']}")["state"] == "ready"
    centre.keeping.clock.advance(86_400)
    done = here.purge()
    assert done.ok
    assert part(done, "clips").removed["clips"] == 1
    clip = centre.get(f"/clips/{shown['id']}")
    assert (clip["state"], clip["purpose"]) == ("failed", "report 2026-0131")
    assert "kept long enough" in clip["reason"]
    assert list(centre.services.settings.clips_dir.glob("*/*")) == []


def test_refused_payloads_go_by_age_and_by_number(centre: Centre) -> None:
    here = purging(centre)
    for seq in range(1, 6):
        centre.keeping.send(received(b"nonsense", seq, box="mad"))
    centre.keeping.send(received(b"nonsense", 1, box="calm"))
    with centre.engine.begin() as connection:
        connection.execute(text("UPDATE quarantine SET received_at = '2026-07-20Z'"))
        connection.execute(
            text("UPDATE quarantine SET received_at = '2026-06-19Z' WHERE box = 'calm'")
        )
    done = here.purger(quarantine_rows=3).run()
    assert part(done, "quarantine").removed == {"payloads": 1, "over_cap": 2}
    assert centre.keeping.rows("SELECT box, seq FROM quarantine ORDER BY id") == [
        ("mad", 3),
        ("mad", 4),
        ("mad", 5),
    ]


def test_pictures_that_wait_for_sightings_of_days_nobody_keeps_go(centre: Centre) -> None:
    here, rng = purging(centre), centre.rng
    day = 86_400_000
    old, new, dead = (make_id(rng, ms) for ms in (NOON_MS - 31 * day, NOON_MS - 30 * day, 5))
    centre.keeping.send(received(LateCrops(gone=[old, new, dead]), 1, lane=Lane.CROP))
    with centre.engine.begin() as connection:
        connection.execute(text("UPDATE early_crops SET received_at = '2026-07-20Z'"))
    done = here.purge()
    assert done.ok
    left = centre.keeping.rows("SELECT id FROM early_crops")
    assert {identifier for (identifier,) in left} == {new, dead}


def test_sightings_of_dead_clocks_are_kept_from_the_day_they_came(centre: Centre) -> None:
    here = purging(centre)
    dead = make_sighting(centre.rng, first_seen_ms=5_000)
    centre.keeping.send(received(dead, 1))
    centre.follow()
    came(centre.engine, ago(30))
    assert here.purge().ok
    assert centre.keeping.count("sightings") == 1
    came(centre.engine, ago(31))
    done = here.purge()
    assert done.ok, done.parts
    assert centre.keeping.count("sightings") == 0
    assert centre.services.index.count(UNDATED) == 0
    assert centre.services.crops.get(date(1970, 1, 1), dead.id) is None


def test_a_row_that_fell_out_of_a_dropped_day_goes_too(centre: Centre) -> None:
    here = purging(centre)
    here.seen(31)
    with centre.engine.begin() as connection:
        # As if it was written while its day's table was dropped.
        connection.execute(text("CREATE TABLE saved AS SELECT * FROM sightings"))
        connection.execute(text(f"DROP TABLE sightings_{ago(31):%Y%m%d}"))
        connection.execute(text("INSERT INTO sightings SELECT * FROM saved"))
        connection.execute(text("UPDATE sightings SET received_at = '2026-06-20Z'"))
    assert here.purge().ok
    assert centre.keeping.count("sightings") == 0


def test_a_picture_whose_row_is_still_to_be_committed_stays(centre: Centre) -> None:
    here = purging(centre, default_days=5)
    here.seen(10, "school")
    centre.post("/camera-groups", {"name": "g", "retention_days": 60, "cameras": ["school"]}, 201)
    crop = make_crop(centre.rng).data
    coming = make_id(centre.rng, NOON_MS - 10 * 86_400_000)
    centre.services.crops.put_many([StoredCrop(ago(10), coming, 1, crop)])
    with centre.engine.begin() as writer:
        writer.execute(text("CREATE TABLE a_transaction_with_a_number ()"))
        done = here.purge()
        assert not done.ok
    assert centre.services.crops.get(ago(10), coming) == crop
    assert here.purge().ok
    assert centre.services.crops.get(ago(10), coming) is None


def came(engine: Engine, day: date) -> None:
    """Let every sighting have come on `day`."""
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE sightings SET received_at = CAST(:day AS date)"), {"day": day}
        )


def test_a_route_stays_and_says_which_of_its_stops_are_all_that_is_kept(centre: Centre) -> None:
    here = purging(centre)
    (old,), (new,) = here.seen(30), here.seen(1)
    stops = [{"sighting_id": str(old)}, {"sighting_id": str(new)}]
    route = centre.post("/routes", {"stops": stops}, 201)
    assert route["expired"] == []
    assert centre.get(f"/routes/{route['id']}") == route
    centre.keeping.clock.advance(86_400)
    assert here.purge().ok
    kept = centre.get(f"/routes/{route['id']}")
    assert kept == {**route, "expired": [str(old)]}
