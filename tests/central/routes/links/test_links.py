"""Learning links from confirmed routes and plates, and unlearning them, in the database."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from central.cli import app
from central.routes.links import learning, plates
from central.routes.links.learning import mend_links
from central.routes.links.plates import follow
from shared.classes import ObjectClass
from shared.messages import ClockOffset
from tests.central.asking import Centre
from tests.central.retention.purging import TODAY, part, purging
from tests.central.routes.links.streets import NOON, car, change, links, route, walker


def test_three_confirmed_trips_are_trusted_and_two_are_not(street: Centre) -> None:
    for day in range(3):
        start = day * 3600
        route(street, walker(street, "a", start), walker(street, "b", start + 80 + day))
        assert links(street)["a", "b"]["trusted"] == (day == 2)
    link = links(street)["a", "b"]
    assert (link["samples"], link["object_class"], link["network_s"]) == (3, "person", None)
    assert link["p05_s"] < link["p50_s"] < link["p95_s"]
    assert link["p50_s"] == pytest.approx(81, abs=1)


def test_people_and_vehicles_are_learnt_apart(street: Centre) -> None:
    route(street, walker(street, "a", 0), walker(street, "b", 80))
    route(street, car(street, "a", 0), car(street, "b", 20))
    people = links(street, object_class="person")["a", "b"]
    vehicles = links(street, object_class="vehicle")["a", "b"]
    assert (people["p50_s"], vehicles["p50_s"]) == (80, 20)


def test_a_trip_over_half_an_hour_or_within_one_camera_teaches_nothing(street: Centre) -> None:
    route(street, walker(street, "a", 0), walker(street, "a", 60), walker(street, "b", 1900))
    assert links(street) == {}


def test_what_a_route_does_not_say_any_more_is_unlearnt(street: Centre) -> None:
    one, two, three = (walker(street, name, 80 * n) for n, name in enumerate("abc"))
    made = route(street, one, two, three)
    assert set(links(street)) == {("a", "b"), ("b", "c")}
    change(street, made, one, three)
    assert set(links(street)) == {("a", "c")}
    change(street, made, two)
    assert links(street) == {}


def test_a_leg_that_contradicts_itself_teaches_nothing(street: Centre) -> None:
    street.camera("far", 127.5, 37.5)
    route(street, walker(street, "a", 0), walker(street, "far", 60))
    assert links(street) == {}


def test_two_routes_that_share_a_trip_count_it_once(street: Centre) -> None:
    one, two = walker(street, "a"), walker(street, "b", 80)
    first, second = route(street, one, two), route(street, one, two)
    assert links(street)["a", "b"]["samples"] == 1
    with street.engine.begin() as connection:
        connection.execute(text("DELETE FROM routes WHERE id = :id"), {"id": first})
    mend_links(street.engine, NOON)
    assert links(street)["a", "b"]["samples"] == 1
    with street.engine.begin() as connection:
        connection.execute(text("DELETE FROM routes WHERE id = :id"), {"id": second})
    assert mend_links(street.engine, NOON) == 1
    assert links(street) == {}


def test_a_plate_read_at_two_cameras_within_half_an_hour_is_a_trip(street: Centre) -> None:
    car(street, "a", 0)
    car(street, "b", 25)
    car(street, "c", 25 + 1900)
    assert follow(street.engine) == 1
    assert follow(street.engine) == 0
    assert set(links(street)) == {("a", "b")}
    assert links(street)["a", "b"]["p50_s"] == 20


def test_half_a_plate_and_one_that_cannot_be_teach_nothing(street: Centre) -> None:
    for plate in ("3456", "가가가가"):
        car(street, "a", 0, plate)
        car(street, "b", 25, plate)
    assert follow(street.engine) == 0


def test_looks_alone_teach_nothing(street: Centre) -> None:
    walker(street, "a", 0)
    walker(street, "b", 25)
    follow(street.engine)
    assert links(street) == {}


def test_a_camera_that_reports_late_takes_the_place_of_what_was_learnt_around_it(
    street: Centre,
) -> None:
    car(street, "a", 0)
    car(street, "c", 50)
    follow(street.engine)
    assert set(links(street)) == {("a", "c")}
    car(street, "b", 25)
    follow(street.engine)
    assert set(links(street)) == {("a", "b"), ("b", "c")}


def test_what_is_a_year_old_is_forgotten(street: Centre) -> None:
    route(street, walker(street, "a"), walker(street, "b", 80))
    mend_links(street.engine, NOON + timedelta(days=364))
    assert links(street)
    mend_links(street.engine, NOON + timedelta(days=366))
    assert links(street) == {}


def test_links_are_listed_by_page_and_camera_and_drawn(street: Centre) -> None:
    route(street, *(walker(street, name, 80 * n) for n, name in enumerate("abc")))
    first = street.get("/links", limit=1)
    second = street.get("/links", limit=1, cursor=first["next_cursor"])
    assert [first["items"][0]["from"], second["items"][0]["from"]] == ["a", "b"]
    assert set(links(street, camera="c")) == {("b", "c")}
    features = street.get("/links.geojson")["features"]
    assert [each["properties"]["from"] for each in features] == ["a", "b"]
    assert features[0]["geometry"]["coordinates"] == [[127.0, 37.5], [127.001, 37.5]]
    street.get("/links", 422, cursor="nonsense")
    street.get("/links", 422, camera="/")


def test_the_command_shows_links(
    street: Centre, central_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    route(street, walker(street, "a"), walker(street, "b", 80))
    monkeypatch.setenv("DONGSEON_CENTRAL_DATABASE_URL", central_database_url)
    monkeypatch.setenv("DONGSEON_CENTRAL_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    shown = CliRunner().invoke(app, ["links", "show", "--camera", "a"])
    assert shown.exit_code == 0, shown.output
    assert "80 s" in shown.output
    lines = CliRunner().invoke(app, ["links", "show", "--json"]).output
    assert '"p50_s":80.0' in lines


def test_a_plate_that_is_elsewhere_too_soon_is_another_vehicles(street: Centre) -> None:
    street.camera("far", 127.06, 37.5)
    car(street, "a", 0)
    car(street, "far", 8)
    assert follow(street.engine) == 0
    car(street, "b", 40)
    assert links(street) == {}


def test_plates_are_put_in_order_by_the_centres_clock(street: Centre) -> None:
    slow = ClockOffset(offset_ms=2_700_000.0, round_trip_ms=10.0)
    car(street, "b", 30)
    # By its own clock this box saw it 45 minutes sooner.
    car(street, "a", -2_700, clock=slow)
    car(street, "c", 60)
    assert follow(street.engine) == 2
    assert set(links(street)) == {("a", "b"), ("b", "c")}


def test_a_clock_that_was_never_measured_teaches_nothing_but_was_in_between(
    street: Centre,
) -> None:
    car(street, "a", 0)
    car(street, "b", 20, clock=None)
    car(street, "c", 40)
    assert follow(street.engine) == 0
    route(street, walker(street, "a", 0, clock=None), walker(street, "b", 80))
    assert links(street) == {}


def test_one_plate_on_two_kinds_of_vehicles_is_no_trip(street: Centre) -> None:
    car(street, "a", 0)
    car(street, "b", 30, shows=ObjectClass.TWO_WHEELER)
    assert follow(street.engine) == 0


def test_whose_trips_they_were_is_forgotten_with_their_sightings(street: Centre) -> None:
    for number, plate in enumerate(("12가3456", "34나5678", "56다7890")):
        car(street, "a", number * 100, plate)
        car(street, "b", number * 100 + 30, plate)
    follow(street.engine)
    here = purging(street)
    assert part(here.purge(), "links").ok
    named = "SELECT count(from_sighting), count(*) FROM link_samples"
    assert street.keeping.rows(named) == [(3, 3)]
    later = TODAY + timedelta(days=31)
    assert part(here.purge(later, dry_run=True), "links").outlived == 3
    street.keeping.clock.advance(31 * 86_400)
    gone = part(here.purge(later), "links")
    assert (gone.ok, gone.removed, gone.oldest) == (True, {"trips": 3}, None)
    assert street.keeping.rows(named) == [(0, 3)]
    assert mend_links(street.engine, NOON + timedelta(days=31)) == 0
    link = links(street)["a", "b"]
    assert (link["samples"], link["newest"]) == (3, "2026-07-20")


def test_one_vehicles_trip_is_told_roughly(street: Centre) -> None:
    car(street, "a", 0)
    car(street, "b", 27)
    follow(street.engine)
    link = links(street)["a", "b"]
    assert (link["p50_s"], link["newest"]) == (30, "2026-07-20")


def test_only_the_newest_trips_of_a_pair_are_kept(
    street: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "MOST", 2)
    for day in range(3):
        route(
            street,
            walker(street, "a", day * 86_400),
            walker(street, "b", day * 86_400 + 80 + 10 * day),
        )
    assert links(street)["a", "b"]["samples"] == 2
    kept = street.keeping.rows("SELECT seconds FROM link_samples ORDER BY at")
    assert kept == [(90,), (100,)]


def test_sightings_without_a_plate_take_no_turn_of_those_with_one(
    street: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plates, "BATCH", 2)
    monkeypatch.setattr(plates, "BATCHES", 1)
    for at in range(3):
        walker(street, "a", at)
    car(street, "a", 0)
    car(street, "b", 30)
    assert follow(street.engine) == 1


def test_a_new_days_table_has_the_index_of_those_with_a_plate(street: Centre) -> None:
    car(street, "a", 0)
    tables = (
        "SELECT DISTINCT i.tablename FROM pg_indexes i WHERE i.tablename LIKE 'sightings%' "
        "AND i.indexdef LIKE '%(change_xid, day, id)%' AND i.indexdef LIKE '%ended%'"
    )
    found = {name for (name,) in street.keeping.rows(tables)}
    assert {"sightings", "sightings_default", "sightings_20260720"} <= found
