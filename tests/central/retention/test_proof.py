"""A purge proves that what is old is gone, or says where it is not."""

import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from central.db.engine import make_engine
from central.errors import InputError
from central.index.port import UNDATED, IndexPoint
from shared.clock import MS_PER_DAY
from shared.errors import StorageError
from shared.vectors import quantise
from tests.central.asking import Centre
from tests.central.keeping import NOON_MS
from tests.central.retention.purging import TODAY, ago, part, purging
from tests.factories import SPACE, make_id, unit_vector


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


def ghost(centre: Centre, day: date) -> IndexPoint:
    """A point of `day` for which there is no row."""
    first = NOON_MS - (TODAY - day).days * MS_PER_DAY
    values, _ = quantise(unit_vector(centre.rng))
    vector = np.frombuffer(values, np.int8)
    times = (first, first + 5_000)
    return IndexPoint(make_id(centre.rng, first), day, SPACE, "cam-1", "person", *times, vector)


def test_a_point_that_comes_while_its_day_goes_is_forgotten(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, index = purging(centre), centre.services.index
    here.seen(40)
    drop, late = index.drop_day, ghost(centre, ago(40))

    def drops(day: date) -> None:
        drop(day)
        index.upsert([late])

    with monkeypatch.context() as following:
        following.setattr(index, "drop_day", drops)
        done = here.purge()
    assert part(done, "index").removed["points"] == 2
    assert here.found(40) == set()
    assert not done.ok, "a part of a day that is over is there again"
    assert here.purge().ok


def test_a_point_that_stays_whatever_is_said_does_not_keep_the_purge_from_ending(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, index = purging(centre), centre.services.index
    index.upsert([ghost(centre, ago(40))._replace(day=UNDATED)])
    with monkeypatch.context() as deaf:
        deaf.setattr(index, "forget", lambda *_: None)
        done = here.purge()
    assert not done.ok
    assert "1 points without a row" in part(done, "index").detail
    assert here.purge().ok


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
