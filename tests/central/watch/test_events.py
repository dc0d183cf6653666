"""Subscribers: told at once, in order, and again from where they were; slow ones harm nobody."""

import json
import socket
from collections.abc import Iterator

import httpx
import numpy as np
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from central.watch.feed import Feed
from shared.vectors import Vector
from tests.central.watch.watching import Listening, Watch, near, running
from tests.factories import unit_vector
from tests.waiting import wait_until


@pytest.fixture
def someone() -> Vector:
    return unit_vector(np.random.default_rng(41))


@pytest.fixture
def fed(watch: Watch) -> Iterator[Watch]:
    """A list whose events are handed on."""
    with running(Feed(watch.centre.engine, watch.centre.services.hub)):
        yield watch


def address(watch: Watch) -> str:
    return str(watch.centre.client.base_url).rstrip("/")


def pass_by(watch: Watch, someone: Vector, *cameras: str) -> None:
    """The one on the list passes these cameras."""
    for camera in cameras:
        watch.centre.sighting(camera, at_s=60, vector=near(someone, 0.9))
        watch.compare()


def fill(watch: Watch, target: str, count: int, size: int, *, gone: int = 0) -> None:
    """Make `count` events of about `size` bytes; those up to number `gone` nobody ever sees."""
    made = text(
        "INSERT INTO watch_events (at, kind, target, data) SELECT now(), 'hit', :target, "
        "jsonb_set(e.data, '{name}', to_jsonb(repeat('x', :size))) "
        "FROM generate_series(1, :count), (SELECT data FROM watch_events LIMIT 1) e"
    )
    with watch.centre.engine.begin() as connection:
        connection.execute(made, {"target": target, "count": count, "size": size})
        connection.execute(text("DELETE FROM watch_events WHERE id <= :gone"), {"gone": gone})


def test_a_hit_reaches_those_who_listen_as_a_cloud_event(fed: Watch, someone: Vector) -> None:
    entry = fed.enrol(fed.centre.sighting(vector=someone))
    fed.compare()
    with Listening(address(fed)) as one, Listening(address(fed)) as other:
        pass_by(fed, someone, "cam-2")
        (event,) = one.wait_for(1)
        assert other.wait_for(1) == [event]
    told = json.loads(event["data"])
    (alert,) = fed.alerts()
    assert event["event"] == "hit"
    assert told["specversion"] == "1.0"
    assert (told["id"], told["type"]) == (event["id"], "dongseon.watch.hit")
    assert (told["subject"], told["data"]) == (entry["id"], alert)


def test_who_comes_back_with_the_number_of_the_last_event_misses_nothing(
    fed: Watch, someone: Vector
) -> None:
    fed.enrol(fed.centre.sighting(vector=someone))
    fed.compare()
    with Listening(address(fed)) as first:
        pass_by(fed, someone, "cam-1")
        (event,) = first.wait_for(1)
    pass_by(fed, someone, "cam-2", "cam-3")
    with Listening(address(fed), after=event["id"]) as again:
        pass_by(fed, someone, "cam-4")
        cameras = [json.loads(each["data"])["data"]["camera"] for each in again.wait_for(3)]
    assert cameras == ["cam-2", "cam-3", "cam-4"]


def test_more_than_is_held_in_memory_is_read_from_the_database(fed: Watch, someone: Vector) -> None:
    entry = fed.enrol(fed.centre.sighting(vector=someone))
    fed.compare()
    pass_by(fed, someone, "cam-1")
    fill(fed, entry["id"], 1500, 10)
    with Listening(address(fed), after="1") as late:
        numbers = [int(event["id"]) for event in late.wait_for(1500)]
        pass_by(fed, someone, "cam-9")
        late.wait_for(1501)
    assert numbers == sorted(set(numbers))


def test_who_was_away_for_too_long_is_told_what_is_gone(fed: Watch, someone: Vector) -> None:
    entry = fed.enrol(fed.centre.sighting(vector=someone))
    fed.compare()
    pass_by(fed, someone, "cam-1")
    fill(fed, entry["id"], 10, 10, gone=5)
    with Listening(address(fed), after="2") as back:
        missed, *rest = back.wait_for(7)
    assert (missed["event"], missed["data"]) == ("missed", "5")
    assert [event["id"] for event in rest] == ["6", "7", "8", "9", "10", "11"]


def test_one_entry_can_be_listened_to_alone(fed: Watch, someone: Vector) -> None:
    other = unit_vector(np.random.default_rng(42))
    fed.enrol(fed.centre.sighting(vector=someone))
    wanted = fed.enrol(fed.centre.sighting(vector=other))
    fed.compare()
    with Listening(address(fed), path=f"?target={wanted['id']}") as one:
        pass_by(fed, someone, "cam-1")
        pass_by(fed, other, "cam-2")
        (event,) = one.wait_for(1)
    assert json.loads(event["data"])["subject"] == wanted["id"]


def test_a_subscriber_that_never_reads_is_dropped_and_others_hear_all_the_same(
    fed: Watch, someone: Vector
) -> None:
    entry = fed.enrol(fed.centre.sighting(vector=someone))
    fed.compare()
    pass_by(fed, someone, "cam-1")
    fill(fed, entry["id"], 300, 100_000)
    hub = fed.centre.services.hub
    hub.patience_s = 5.0
    url = fed.centre.client.base_url
    with capture_logs() as lines, socket.create_connection((url.host, url.port or 80)) as deaf:
        deaf.sendall(
            b"GET /api/v1/watch/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 1\r\n\r\n"
        )
        wait_until(lambda: hub.subscribers == 1)
        newest = str(hub.newest)
        with Listening(address(fed), after=newest) as other:
            pass_by(fed, someone, "cam-2")
            assert other.kinds(1) == ["hit"]
        wait_until(lambda: hub.subscribers == 0)
        wait_until(lambda: any("dropped" in line["event"] for line in lines))
    (line,) = (line for line in lines if "dropped" in line["event"])
    assert "took nothing for 5.0 s" in line["reason"]
    with Listening(address(fed), after=str(line["last_event"])) as back:
        back.wait_for(3)


def test_there_are_only_so_many_subscribers(fed: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("central.watch.hub.MAX_SUBSCRIBERS", 1)
    with Listening(address(fed)):
        refused = fed.centre.client.get("/api/v1/watch/events")
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert "subscribers listen already" in refused.json()["detail"]
    wait_until(lambda: fed.centre.services.hub.subscribers == 0)
    with Listening(address(fed)):
        pass


def test_a_number_that_is_none_is_refused(fed: Watch) -> None:
    for wrong in ("x", "-1", "9" * 30):
        headers = {"Last-Event-ID": wrong}
        answer = fed.centre.client.get("/api/v1/watch/events", headers=headers)
        assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY, wrong


def test_where_no_feed_runs_a_subscriber_looks_by_itself(watch: Watch, someone: Vector) -> None:
    watch.centre.services.hub.look_again_s = 0.1
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    with Listening(address(watch)) as one:
        pass_by(watch, someone, "cam-2")
        assert one.kinds(1) == ["hit"]


def test_what_happens_before_the_feed_has_begun_reaches_those_who_listen_already(
    watch: Watch, someone: Vector
) -> None:
    hub = watch.centre.services.hub
    hub.look_again_s = 3600.0
    watch.enrol(watch.centre.sighting(vector=someone))
    watch.compare()
    with Listening(address(watch)) as one:
        # The subscriber has looked at the database when it waits.
        wait_until(lambda: bool(hub.subscribers))
        pass_by(watch, someone, "cam-2")
        with running(Feed(watch.centre.engine, hub)):
            assert one.kinds(1) == ["hit"]
