"""Webhooks: signed, sent again, never to hosts nobody named, and no burden to the rest."""

import base64
import hashlib
import hmac
import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import text

from central.api.app import create_app
from central.settings import CentralSettings
from central.values import iso
from central.watch.delivery import Deliverer, DeliveryParts
from shared.clock import MS_PER_DAY, SystemClock, to_datetime
from shared.vectors import Vector
from tests.central.asking import Centre, serve
from tests.central.watch.watching import Watch, near, running
from tests.factories import unit_vector
from tests.waiting import LONG_S, wait_until


@dataclass
class Receiver:
    """A server that answers with `answers`, one after the other, the last one for ever."""

    url: str
    answers: list[int]
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    redirected: list[str] = field(default_factory=list)


@contextmanager
def receiving(*answers: int) -> Iterator[Receiver]:
    """A webhook's own server on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
            last = len(received.answers) == 1
            self.send_response(received.answers[0] if last else received.answers.pop(0))
            self.send_header("location", f"{received.url}/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            received.redirected.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received = Receiver(f"http://127.0.0.1:{server.server_port}", list(answers))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def trickling() -> Iterator[str]:
    """The address of a server that sends its answer a byte at a time, without an end."""
    stop = threading.Event()

    def answer(listening: socket.socket) -> None:
        with suppress(OSError):
            taken, _ = listening.accept()
            with taken:
                taken.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while not stop.wait(0.05):
                    taken.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer, args=(listening,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            stop.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.fixture
def someone() -> Vector:
    return unit_vector(np.random.default_rng(41))


@pytest.fixture
def allowed(watch: Watch) -> Iterator[Watch]:
    """A centre that may send to this machine."""
    services = watch.centre.services
    settings = CentralSettings(
        database_url=services.settings.database_url,
        data_dir=services.settings.data_dir,
        webhook_hosts=("127.0.0.1",),
    )
    with serve(create_app(replace(services, settings=settings))) as client:
        yield Watch(replace(watch.centre, client=client), watch.watcher)


@contextmanager
def delivering(centre: Centre, *hosts: str, longest_s: float = LONG_S) -> Iterator[Deliverer]:
    """What sends, by the machine's clock."""
    parts = DeliveryParts(
        centre.engine,
        SystemClock(),
        hosts or ("127.0.0.1",),
        random.Random(1),  # noqa: S311
        timedelta(seconds=0.05),
        longest_s,
    )
    deliverer = Deliverer(parts)
    with running(deliverer):
        yield deliverer


def add(watch: Watch, url: str, status: int = 201, **more: object) -> dict[str, Any]:
    return watch.centre.post("/watch/webhooks", {"url": url, **more}, status)


def hit(watch: Watch, someone: Vector, camera: str = "cam-2") -> None:
    watch.centre.sighting(camera, at_s=60, vector=near(someone, 0.9))
    watch.compare()


def state_of(watch: Watch, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    path = f"/watch/webhooks/{webhook['id']}/deliveries"
    found: list[dict[str, Any]] = watch.centre.get(path)["items"]
    return found


def due_now(watch: Watch) -> None:
    """What was made by the tests' clock is due by the machine's."""
    watch.centre.keeping.clock.set_wall(SystemClock().now_ms())


def in_a_week(watch: Watch) -> str:
    return iso(to_datetime(watch.centre.keeping.clock.now_ms() + 7 * MS_PER_DAY))


@contextmanager
def socket_that_hangs() -> Iterator[str]:
    """The address of a server that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_hit_is_sent_signed_as_standard_webhooks_has_it(allowed: Watch, someone: Vector) -> None:
    due_now(allowed)
    allowed.enrol(allowed.centre.sighting(vector=someone), until=in_a_week(allowed))
    allowed.compare()
    with receiving(204) as receiver, delivering(allowed.centre):
        webhook = add(allowed, receiver.url, events=["hit", "late"])
        hit(allowed, someone)
        wait_until(lambda: len(receiver.got) == 1)
        wait_until(lambda: state_of(allowed, webhook)[0]["state"] == "delivered")
    ((headers, body),) = receiver.got
    secret = base64.b64decode(webhook["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["content-type"] == "application/cloudevents+json"
    event = json.loads(body)
    assert (event["specversion"], event["id"]) == ("1.0", headers["webhook-id"])
    assert event["data"] == allowed.alerts()[0]
    assert "secret" not in allowed.centre.get("/watch/webhooks")["items"][0]


def test_what_is_not_taken_is_sent_again_until_it_is(allowed: Watch, someone: Vector) -> None:
    due_now(allowed)
    allowed.enrol(allowed.centre.sighting(vector=someone), until=in_a_week(allowed))
    allowed.compare()
    with receiving(500, 503, 200) as receiver, delivering(allowed.centre):
        webhook = add(allowed, receiver.url)
        hit(allowed, someone)
        wait_until(lambda: len(receiver.got) == 3)
        wait_until(lambda: state_of(allowed, webhook)[0]["state"] == "delivered")
    assert state_of(allowed, webhook)[0]["attempts"] == 3
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1


def test_after_a_day_it_has_failed_and_says_why(allowed: Watch, someone: Vector) -> None:
    allowed.enrol(allowed.centre.sighting(vector=someone))
    allowed.compare()
    with receiving(302) as receiver, delivering(allowed.centre):
        webhook = add(allowed, receiver.url)
        # Made at the tests' noon, which is months ago.
        hit(allowed, someone)
        wait_until(lambda: state_of(allowed, webhook)[0]["state"] == "failed")
    assert receiver.redirected == []
    (shown,) = allowed.centre.get("/watch/webhooks")["items"]
    assert (shown["failed"], shown["waiting"]) == (1, 0)
    assert shown["last_error"] == "it answered 302"


def test_an_address_that_is_gone_gets_no_more(allowed: Watch, someone: Vector) -> None:
    due_now(allowed)
    allowed.enrol(allowed.centre.sighting(vector=someone), until=in_a_week(allowed))
    allowed.compare()
    with receiving(410) as receiver, delivering(allowed.centre):
        add(allowed, receiver.url)
        hit(allowed, someone)
        wait_until(lambda: allowed.centre.get("/watch/webhooks")["items"][0]["disabled"])
        hit(allowed, someone, "cam-3")
    assert len(receiver.got) == 1


def test_a_webhook_that_hangs_holds_up_no_other(
    allowed: Watch, someone: Vector, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It hangs for longer than anybody waits here.
    monkeypatch.setattr("central.watch.delivery._TIMEOUT_S", 10 * LONG_S)
    due_now(allowed)
    allowed.enrol(allowed.centre.sighting(vector=someone), until=in_a_week(allowed))
    allowed.compare()
    # Connections are taken by the kernel, and nobody answers; in the end they are reset.
    with (
        receiving(200) as receiver,
        delivering(allowed.centre, longest_s=10 * LONG_S),
        socket_that_hangs() as hanging,
    ):
        add(allowed, hanging)
        add(allowed, receiver.url)
        for camera in ("cam-2", "cam-3", "cam-4"):
            hit(allowed, someone, camera)
        wait_until(lambda: len(receiver.got) == 3)


def test_an_answer_that_trickles_in_comes_to_an_end(allowed: Watch, someone: Vector) -> None:
    allowed.enrol(allowed.centre.sighting(vector=someone), until=in_a_week(allowed))
    allowed.compare()
    parts = DeliveryParts(
        allowed.centre.engine,
        SystemClock(),
        ("127.0.0.1",),
        random.Random(1),  # noqa: S311
        longest_s=0.5,
    )
    with trickling() as url, running(Deliverer(parts)):
        webhook = add(allowed, url)
        hit(allowed, someone)
        wait_until(lambda: bool(state_of(allowed, webhook)[0]["error"]))
    assert state_of(allowed, webhook)[0]["error"] == "it did not answer within 0.5 s"


def test_no_event_overtakes_one_that_waits(allowed: Watch, someone: Vector) -> None:
    due_now(allowed)
    allowed.enrol(allowed.centre.sighting(vector=someone), until=in_a_week(allowed))
    allowed.compare()
    parts = DeliveryParts(
        allowed.centre.engine,
        SystemClock(),
        ("127.0.0.1",),
        random.Random(1),  # noqa: S311
        timedelta(hours=1),
    )
    deliverer = Deliverer(parts)
    stop = threading.Event()
    with receiving(500, 200) as receiver:
        webhook = UUID(add(allowed, receiver.url)["id"])
        hit(allowed, someone, "cam-2")
        assert deliverer.deliver(webhook, stop) == 0
        hit(allowed, someone, "cam-3")
        assert deliverer.deliver(webhook, stop) == 0
        assert len(receiver.got) == 1
        with allowed.centre.engine.begin() as connection:
            connection.execute(text("UPDATE watch_deliveries SET next_at = made_at"))
        assert deliverer.deliver(webhook, stop) == 2
    numbers = [int(headers["webhook-id"]) for headers, _ in receiver.got]
    assert numbers == [numbers[0], numbers[0], numbers[0] + 1]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://169.254.169.254/latest/meta-data", "not allowed"),
        ("http://localhost:5432/", "not allowed"),
        ("http://127.0.0.1.example/", "not allowed"),
        ("http://[::1]/", "not allowed"),
        ("http://someone:word@127.0.0.1/", "name or a password"),
        ("http://127.0.0.1@evil.example/", "not allowed"),
        ("ftp://127.0.0.1/", "url"),
        ("file:///etc/passwd", "url"),
        ("http://127.0.0.1:99999999/", "cannot be read"),
        ("http://" + "a" * 600, "url"),
    ],
)
def test_addresses_nobody_named_are_refused(allowed: Watch, url: str, said: str) -> None:
    assert said in add(allowed, url, 422)["detail"]


def test_unless_hosts_are_named_nothing_is_sent_anywhere(watch: Watch) -> None:
    refused = add(watch, "http://127.0.0.1:9/", 422)
    assert "DONGSEON_CENTRAL_WEBHOOK_HOSTS" in refused["detail"]


def test_what_people_would_read_on_its_way_is_refused(watch: Watch) -> None:
    services = watch.centre.services
    settings = CentralSettings(
        database_url=services.settings.database_url,
        data_dir=services.settings.data_dir,
        webhook_hosts=("alerts.example",),
    )
    with serve(create_app(replace(services, settings=settings))) as client:
        away = Watch(replace(watch.centre, client=client), watch.watcher)
        assert "use https" in add(away, "http://alerts.example/", 422)["detail"]
        assert add(away, "https://alerts.example/")["events"][0]


def test_a_host_that_is_named_no_more_gets_nothing(allowed: Watch, someone: Vector) -> None:
    due_now(allowed)
    allowed.enrol(allowed.centre.sighting(vector=someone), until=in_a_week(allowed))
    allowed.compare()
    with receiving(200) as receiver, delivering(allowed.centre, "elsewhere.example"):
        webhook = add(allowed, receiver.url)
        hit(allowed, someone)
        wait_until(lambda: bool(state_of(allowed, webhook)[0]["error"]))
    assert receiver.got == []
    assert "not allowed" in state_of(allowed, webhook)[0]["error"]


def test_a_webhook_can_be_taken_away_with_what_waits_for_it(
    allowed: Watch, someone: Vector
) -> None:
    allowed.enrol(allowed.centre.sighting(vector=someone))
    allowed.compare()
    webhook = add(allowed, "http://127.0.0.1:9/")
    hit(allowed, someone)
    assert allowed.centre.get("/watch/webhooks")["items"][0]["waiting"] == 1
    assert allowed.centre.client.delete(f"/api/v1/watch/webhooks/{webhook['id']}").is_success
    assert allowed.centre.keeping.count("watch_deliveries") == 0
    allowed.centre.get(f"/watch/webhooks/{webhook['id']}/deliveries", status=404)
    gone: UUID = uuid4()
    assert allowed.centre.client.delete(f"/api/v1/watch/webhooks/{gone}").status_code == 404
