"""What was kept long enough goes from every place, and a report proves it."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from central.crops.store import StoredCrop
from central.db.engine import make_engine
from central.errors import ConflictError, InputError
from central.index.port import UNDATED
from central.retention import report, rows
from shared.errors import StorageError
from shared.messages import LateCrops
from shared.topics import Lane
from tests.central.asking import Centre
from tests.central.clips.asked import FILE, Upload, ask
from tests.central.keeping import NOON_MS, received
from tests.central.retention.purging import TODAY, ago, part, purging
from tests.factories import make_crop, make_id, make_sighting


def test_a_day_goes_when_it_was_kept_for_its_days_and_not_before(centre: Centre) -> None:
    here = purging(centre)
    kept, gone = here.seen(30), here.seen(31, count=3)
    here.seen(0)
    done = here.purge()
    assert here.days() == [30, 0]
    assert here.found(31) == set()
    assert here.found(30) == set(kept)
    assert centre.services.crops.days() == [ago(30), TODAY]
    assert centre.services.crops.get(ago(31), gone[0]) is None
    assert done.ok
    assert part(done, "database").removed["rows"] == 3
    assert part(done, "index").removed["points"] == 3
    assert part(done, "crops").removed["crops"] == 3
    assert {part.oldest for part in done.parts[:3]} == {ago(30)}


def test_a_dry_run_says_what_would_go_and_changes_nothing(centre: Centre) -> None:
    here = purging(centre)
    old = here.seen(40, count=2)
    said = here.purge(dry_run=True)
    assert not said.ok
    assert said.id is None
    assert [part(said, name).outlived for name in ("database", "index", "crops")] == [2, 2, 2]
    assert here.found(40) == set(old)
    assert here.days() == [40]
    assert centre.get("/purges")["items"] == []
    ahead = here.purge(TODAY + timedelta(days=60), dry_run=True)
    assert part(ahead, "database").outlived == 2
    with pytest.raises(InputError, match="still to come"):
        here.purge(TODAY + timedelta(days=1))


def test_cameras_of_groups_keep_for_longer_or_shorter_and_only_theirs(centre: Centre) -> None:
    here = purging(centre)
    for camera in ("school", "toilet", "street", "both"):
        for days in (5, 20, 40, 70):
            here.seen(days, camera)
    group = {"name": "schools", "retention_days": 60, "cameras": ["school", "both"]}
    centre.post("/camera-groups", group, 201)
    centre.post(
        "/camera-groups",
        {"name": "short", "retention_days": 7, "cameras": ["toilet", "both"]},
        201,
    )
    centre.post("/camera-groups", {"name": "silent", "cameras": ["street", "toilet"]}, 201)
    done = here.purge()
    assert done.ok, done.parts
    left = centre.keeping.rows("SELECT camera, day FROM sightings ORDER BY camera, day DESC")
    assert left == [
        ("both", ago(5)),
        ("both", ago(20)),
        ("both", ago(40)),
        ("school", ago(5)),
        ("school", ago(20)),
        ("school", ago(40)),
        ("street", ago(5)),
        ("street", ago(20)),
        ("toilet", ago(5)),
    ]
    assert centre.services.index.count() == len(left)
    assert sum(centre.services.crops.count(day) for day in centre.services.crops.days()) == 9
    assert part(done, "database").oldest == ago(40)


def test_a_group_that_goes_leaves_nothing_behind_for_longer(centre: Centre) -> None:
    here = purging(centre)
    here.seen(40, "school")
    here.seen(1, "street")
    centre.post("/camera-groups", {"name": "g", "retention_days": 60, "cameras": ["school"]}, 201)
    assert here.purge().ok
    assert not here.purger().is_due()
    assert centre.client.delete("/api/v1/camera-groups/g").status_code == 204
    assert here.purger().is_due()
    assert here.purge().ok
    assert here.days() == [1]
    assert here.found(40) == set()


class Killed(BaseException):
    """What no part of a purge catches."""


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    "step", ["index.forget", "crops.forget", "drop", "index.drop_day", "crops.drop_day", "report"]
)
def test_a_purge_that_is_killed_anywhere_is_finished_by_the_next(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, step: str, *, before: bool
) -> None:
    here = purging(centre)
    here.seen(31, count=3)
    here.seen(10, "short", count=3)
    kept = here.seen(10, "street", count=2)
    centre.post("/camera-groups", {"name": "g", "retention_days": 3, "cameras": ["short"]}, 201)
    index, crops = centre.services.index, centre.services.crops
    places: dict[str, tuple[object, str]] = {
        "index.forget": (index, "forget"),
        "crops.forget": (crops, "forget"),
        "drop": (rows, "drop_partition"),
        "index.drop_day": (index, "drop_day"),
        "crops.drop_day": (crops, "drop_day"),
        "report": (report, "keep"),
    }
    owner, name = places[step]
    real: Callable[..., object] = getattr(owner, name)

    def dies(*values: object) -> None:
        if not before:
            real(*values)
        raise Killed

    with monkeypatch.context() as killing:
        killing.setattr(owner, name, dies)
        with pytest.raises(Killed):
            here.purge()
    assert here.purger().is_due()
    done = here.purge()
    assert done.ok, done.parts
    assert here.days() == [10]
    assert here.found(10) == set(kept)
    assert index.days() == crops.days() == [ago(10)]
    assert crops.count(ago(10)) == 2
    assert not here.purger().is_due()


def test_points_that_the_index_takes_over_while_their_rows_go_are_found(centre: Centre) -> None:
    here = purging(centre)
    here.seen(10, "short", count=3)
    kept = here.seen(10, "street")
    with centre.engine.begin() as connection:
        connection.execute(text("DELETE FROM sightings WHERE camera = 'short'"))
    centre.post("/camera-groups", {"name": "g", "retention_days": 3, "cameras": ["short"]}, 201)
    assert part(here.purge(dry_run=True), "index").outlived == 3
    done = here.purge()
    assert done.ok, done.parts
    assert part(done, "index").removed["points"] == 3
    assert part(done, "crops").removed["crops"] == 3
    assert here.found(10) == set(kept)


def test_a_point_without_a_row_that_no_rule_explains_is_said(centre: Centre) -> None:
    here = purging(centre, default_days=5)
    (first, _) = here.seen(10, "school", count=2)
    centre.post("/camera-groups", {"name": "g", "retention_days": 60, "cameras": ["school"]}, 201)
    with centre.engine.begin() as connection:
        connection.execute(text("DELETE FROM sightings WHERE id = :id"), {"id": first})
    done = here.purge()
    assert not done.ok
    assert "1 points over what its rows account for" in part(done, "index").detail


def test_a_picture_that_somebody_put_there_by_hand_is_not_ok(centre: Centre) -> None:
    here = purging(centre)
    here.seen(1)
    here.crops.joinpath("2026-05-01.sqlite.bak").write_bytes(b"somebody's copy")
    done = here.purge()
    assert not done.ok
    assert "2026-05-01.sqlite.bak" in part(done, "crops").detail
    assert [each.name for each in done.parts if not each.ok] == ["crops"]
    answer = centre.get("/purges")["items"][0]
    assert answer["ok"] is False
    assert not here.purger().is_due()
    centre.keeping.clock.advance(3_600)
    assert here.purger().is_due(), "until it is right it is looked at every hour"
    here.crops.joinpath("2026-05-01.sqlite.bak").unlink()
    assert here.purge().ok


def test_a_place_that_refuses_keeps_no_other_from_being_emptied(centre: Centre) -> None:
    here = purging(centre)
    here.seen(31)
    # A folder where a file should be cannot be deleted as one.
    blocked = here.crops / f"{ago(50)}.sqlite"
    blocked.mkdir()
    done = here.purge()
    assert here.days() == []
    assert here.found(31) == set()
    assert [each.name for each in done.parts if not each.ok] == ["crops"]
    blocked.rmdir()
    done = here.purge()
    assert done.ok
    assert centre.services.crops.days() == []


def test_without_the_index_the_report_does_not_say_that_it_is_clean(centre: Centre) -> None:
    here = purging(centre)
    here.seen(31)
    done = here.purger(index=None, no_index="in use by another process").run()
    assert not done.ok
    assert part(done, "index").detail.endswith("in use by another process")
    assert here.found(31) != set()
    assert here.purge().ok
    assert here.found(31) == set()


def test_exports_that_somebody_left_beside_the_stores_are_told(
    centre: Centre, tmp_path: Path
) -> None:
    here = purging(centre)
    file = tmp_path / "exports" / "police.mp4"
    file.parent.mkdir()
    file.write_bytes(b"a clip")
    os.utime(file, (NOON_MS / 1000 - 40 * 86_400,) * 2)
    done = here.purge()
    assert [each.name for each in done.parts if not each.ok] == ["exports"]
    assert "police.mp4" in part(done, "exports").detail
    os.utime(file, (NOON_MS / 1000, NOON_MS / 1000))
    assert here.purge().ok


def test_a_part_of_the_index_that_was_set_aside_goes_with_its_day(
    centre: Centre, tmp_path: Path
) -> None:
    here = purging(centre)
    aside = tmp_path / "index" / "aside" / f"{ago(31)}-space-0a1b2c3d"
    aside.mkdir(parents=True)
    assert part(here.purge(dry_run=True), "index").outlived == 1
    assert here.purge().ok
    assert not aside.exists()


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


def test_two_purges_do_not_work_at_once(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    here = purging(centre)
    look = rows.Rows.look

    def meets_another(self: rows.Rows, *values: object) -> object:
        with pytest.raises(ConflictError, match="another purge"):
            here.purge()
        return look(self, *values)  # type: ignore[arg-type]

    with monkeypatch.context() as both:
        both.setattr(rows.Rows, "look", meets_another)
        assert here.purge().ok
    assert here.purge().ok


def test_a_day_that_is_in_use_all_the_time_is_left_for_the_next_purge(centre: Centre) -> None:
    here = purging(centre)
    here.seen(31)
    with centre.engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM sightings"))
        done = here.purge()
        assert "in use all the time" in part(done, "database").detail
    assert here.purge().ok


def test_purges_are_listed_newest_first(centre: Centre) -> None:
    here = purging(centre)
    ids = [here.purge().id for _ in range(3)]
    first = centre.get("/purges", limit=2)
    rest = centre.get("/purges", limit=2, cursor=first["next_cursor"])
    assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]
    assert first["items"][0]["parts"][0]["name"] == "database"
    assert centre.get("/purges", 422, cursor="nonsense")


def test_a_database_that_is_away_is_said(centre: Centre) -> None:
    away = make_engine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(StorageError, match="cannot be purged"):
        purging(centre).purger(engine=away).run()
    away.dispose()


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


def test_an_index_of_another_kind_that_was_left_behind_is_told(
    centre: Centre, tmp_path: Path
) -> None:
    here = purging(centre)
    unused = "vectors" if here.stores.index_dir.name == "index" else "index"
    file = tmp_path / unused / "parts" / "2026-05-01" / "vectors"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"a vector")
    os.utime(file, (NOON_MS / 1000 - 40 * 86_400,) * 2)
    assert part(here.purge(), "exports").outlived == 1
