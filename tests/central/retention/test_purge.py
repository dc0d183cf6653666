"""What was kept long enough goes, from every place, whatever happens on the way."""

from collections.abc import Callable
from itertools import count

import pytest
from sqlalchemy import text

from central.errors import ConflictError
from central.retention import report, rows
from central.retention.keepers import Stopped
from central.retention.purge import Purger
from tests.central.asking import Centre
from tests.central.retention.purging import TODAY, ago, part, purging


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


@pytest.mark.parametrize("pages", [1, 2, 3, 6])
def test_a_purge_stops_between_two_pages_when_the_process_is_to_end(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    here = purging(centre)
    here.seen(10, "short", count=4)
    centre.post("/camera-groups", {"name": "g", "retention_days": 3, "cameras": ["short"]}, 201)
    monkeypatch.setattr(rows, "PAGE", 1)
    asked = count(1)
    stopping = Purger(here.stores, centre.keeping.clock, 30, lambda _: next(asked) > pages)
    with pytest.raises(Stopped):
        stopping.run()
    assert next(asked) == pages + 2, "it goes on after it was told to stop"
    assert here.purger().is_due()
    assert centre.keeping.count("sightings") == max(4 - pages, 0)
    done = here.purge()
    assert done.ok, done.parts
    assert here.days() == []


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
        assert "somebody used them all the time" in part(done, "database").detail
    assert here.purge().ok
