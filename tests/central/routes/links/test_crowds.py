"""Learning links from very many readings, and by several at once."""

import threading
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from central.cli import app
from central.routes.links.learning import Pair, Trip, keep, learn_route, refresh
from central.routes.links.plates import follow, learn
from central.routes.repository import get
from tests.central.asking import Centre
from tests.central.routes.links.streets import NOON, car, links, route, walker
from tests.waiting import wait_until

_AGAIN = text(
    "INSERT INTO sightings SELECT (jsonb_populate_record(s, jsonb_build_object("
    "'id', gen_random_uuid(), 'first_seen', s.first_seen + n * interval '1 second', "
    "'last_seen', s.last_seen + n * interval '1 second'))).* "
    "FROM sightings s, generate_series(1, 270) n WHERE s.id = :id"
)
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def test_a_plate_read_hundreds_of_times_around_a_reading_is_learnt_from(street: Centre) -> None:
    before, between, after = car(street, "a", 0), car(street, "b", 300), car(street, "c", 320)
    with street.engine.begin() as connection:
        for each in (before, after):
            connection.execute(_AGAIN, {"id": each})
        read = text("SELECT id, plate, first_seen FROM sightings WHERE id = :id")
        assert learn(connection, connection.execute(read, {"id": between}).all()) == 2
    assert set(links(street)) == {("a", "b"), ("b", "c")}


def test_very_many_pairs_are_worked_out_at_once(street: Centre) -> None:
    with street.engine.begin() as connection:
        trip = Trip(Pair("a", "b", "person"), 80, NOON, uuid4(), uuid4())
        keep(connection, [trip], None)
        others = [Pair("a", f"b{number}", "person") for number in range(22_000)]
        refresh(connection, [*others, trip.pair])
    assert set(links(street)) == {("a", "b")}


def waits(engine: Engine) -> bool:
    """Whether somebody waits for a lock."""
    with engine.connect() as connection:
        return bool(connection.execute(_WAITING).scalar_one())


def test_routes_with_the_same_cameras_are_learnt_at_once(street: Centre) -> None:
    one = get(street.engine, route(street, walker(street, "a"), walker(street, "b", 80)))
    both = walker(street, "a", 3600), walker(street, "b", 3690)
    other = threading.Thread(target=route, args=(street, *both))
    with street.engine.begin() as connection:
        connection.execute(text("DELETE FROM links"))
        learn_route(connection, one)
        other.start()
        wait_until(lambda: waits(street.engine))
    other.join()
    assert links(street)["a", "b"]["samples"] == 2


def test_the_status_knows_an_indexs_cursor_from_others(
    street: Centre, central_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    car(street, "a", 0)
    follow(street.engine)
    monkeypatch.setenv("DONGSEON_CENTRAL_DATABASE_URL", central_database_url)
    monkeypatch.setenv("DONGSEON_CENTRAL_DATA_DIR", str(tmp_path))
    shown = CliRunner().invoke(app, ["status"])
    assert shown.exit_code == 0, shown.output
    (line,) = (each for each in shown.output.splitlines() if "newest index" in each)
    assert line.split()[-1] == "1"
