"""The uplink against a real broker."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest

from deploy.local.stack import LocalStack
from edge_agent.outbox import Outbox
from shared.messages import Ack, encode
from shared.topics import Lane
from tests.edge_agent.link.centre import TinyCentre
from tests.edge_agent.link.uplinks import (
    CLOCK,
    fill,
    running,
    settings,
    settings_of,
    wait_until_empty,
)
from tests.waiting import LONG_S, wait_until


@pytest.fixture
def box() -> str:
    return f"box-{uuid4().hex[:12]}"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "box", 4 * 1024 * 1024, CLOCK) as opened:
        yield opened


@pytest.fixture
def centre(stack: LocalStack) -> Iterator[TinyCentre]:
    with TinyCentre(stack.broker.host, stack.broker.port) as running:
        yield running


def test_rows_arrive_and_only_an_ack_deletes_them(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, box: str
) -> None:
    payloads = fill(outbox, 200)
    with running(box, outbox, settings_of(stack, ack_silence_s=30.0)) as uplink:
        wait_until_empty(outbox)
        status = uplink.status()
        offset = uplink.clock_offset()
    assert set(centre.rows.values()) == payloads
    assert (status.acked, status.published, status.in_flight) == (200, 200, 0)
    assert offset is not None
    assert abs(offset.offset_ms) < 1000


def test_a_centre_that_does_not_ack_gets_sixteen_rows_and_a_probe_now_and_then(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, box: str
) -> None:
    centre.acks = False
    fill(outbox, 50)
    with running(box, outbox, settings_of(stack)) as uplink:
        centre.wait(lambda c: len(c.received) >= 18)
        assert uplink.status().in_flight == 16
        assert outbox.count().rows == 50
        assert len(centre.received) < 25
        centre.acks = True
        wait_until_empty(outbox)
    assert len(centre.rows) == 50


def test_duplicate_unknown_and_malformed_acks_change_nothing(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, box: str
) -> None:
    with running(box, outbox, settings_of(stack)) as uplink:
        first = outbox.append(Lane.SIGHTING, b"first")
        wait_until_empty(outbox)
        centre.acks = False
        outbox.append(Lane.SIGHTING, b"second")
        centre.ack(box, first)
        centre.say(box, encode(Ack(epoch=UUID(int=7), accepted=[1, 2])))
        centre.say(box, encode(Ack(epoch=outbox.epoch, accepted=[999])))
        centre.say(box, b"\xff" * 50)
        centre.say(box, b"")
        wait_until(lambda: uplink.status().bad_acks == 2)
        assert uplink.status().acked == 1
        assert outbox.count().rows == 1
        centre.acks = True
        wait_until_empty(outbox)


def test_a_refused_row_is_deleted_and_counted(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, box: str
) -> None:
    centre.refuses = {b"bad"}
    outbox.append(Lane.SIGHTING, b"bad")
    with running(box, outbox, settings_of(stack, ack_silence_s=LONG_S)) as uplink:
        wait_until_empty(outbox)
        assert uplink.status().refused == 1


def test_an_alert_overtakes_a_backlog_on_a_slow_line(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, box: str
) -> None:
    # A minute of this line.
    fill(outbox, 600, size=1000)
    with running(box, outbox, settings_of(stack, kbit_per_s=80)):
        centre.wait(lambda c: len(c.rows) >= 5)
        outbox.append(Lane.ALERT, b"alert")
        before = len(centre.rows)
        centre.wait(lambda c: b"alert" in c.rows.values())
        # What was on its way already, a window of 16, comes first.
        assert list(centre.rows.values()).index(b"alert") <= before + 16
        assert before < 500
    assert outbox.count().rows > 0, "the rest stays for the next start"


def test_birth_and_farewell_are_retained_with_one_session(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, box: str
) -> None:
    with running(box, outbox, settings_of(stack, ack_silence_s=LONG_S, keepalive_s=60)):
        centre.wait(lambda c: any(s.status == "online" for s in c.states))
    centre.wait(lambda c: c.states[-1].status == "offline")
    with TinyCentre(stack.broker.host, stack.broker.port) as later:
        later.wait(lambda c: any(s.epoch == outbox.epoch for s in c.states))
        mine = [s for s in later.states if s.epoch == outbox.epoch]
    assert [s.status for s in mine] == ["offline"]
    assert {s.session for s in centre.states if s.epoch == outbox.epoch} == {mine[0].session}


def test_evicted_rows_are_reported_until_acknowledged(
    stack: LocalStack, centre: TinyCentre, tmp_path: Path, box: str
) -> None:
    with Outbox(tmp_path / "small", 200_000, CLOCK) as outbox:
        fill(outbox, 100, size=4000)
        lost = outbox.gaps()
        assert lost
        # Patient: a report that is answered late would be sent again.
        with running(box, outbox, settings_of(stack, ack_silence_s=LONG_S)):
            centre.wait(lambda c: any(t.gaps for t in c.telemetry))
            wait_until_empty(outbox)
            assert outbox.gaps() == []
    assert [t.gaps for t in centre.telemetry if t.gaps] == [lost]


def test_a_broker_that_is_down_at_start_is_found_later(
    stack: LocalStack, outbox: Outbox, box: str
) -> None:
    stack.broker.stop()
    payloads = fill(outbox, 20)
    with running(box, outbox, settings_of(stack)) as uplink:
        assert not uplink.status().connected
        stack.broker.start()
        with TinyCentre(stack.broker.host, stack.broker.port) as centre:
            wait_until_empty(outbox)
            assert set(centre.rows.values()) == payloads


def test_a_broker_killed_after_it_confirmed_loses_nothing(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, box: str
) -> None:
    centre.acks = False
    payloads = fill(outbox, 100)
    with running(box, outbox, settings_of(stack)):
        centre.wait(lambda c: len(c.rows) >= 16)
        assert outbox.count().rows == 100, "a broker's word is no reason to delete"
        stack.broker.kill()
        stack.broker.start()
        centre.acks = True
        wait_until_empty(outbox)
    assert set(centre.rows.values()) == payloads


class HalfOpen:
    """A line to the broker that can be made to swallow everything without a word."""

    def __init__(self, host: str, port: int) -> None:
        self.deaf = Event()
        self._target = (host, port)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._sockets: list[socket.socket] = [self._server]
        self._threads: list[Thread] = []
        self._run(self._accept)

    def close(self) -> None:
        for opened in self._sockets:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        for thread in self._threads:
            thread.join(LONG_S)

    def _run(self, target: Callable[..., None], *args: object) -> None:
        thread = Thread(target=target, args=args)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            self._sockets += [near, far]
            line = Event()  # set: this connection is dead for ever
            self._run(self._copy, near, far, line)
            self._run(self._copy, far, near, line)

    def _copy(self, source: socket.socket, sink: socket.socket, dead: Event) -> None:
        while True:
            try:
                data = source.recv(65_536)
                if self.deaf.is_set():
                    dead.set()
                if not data:
                    return
                if not dead.is_set():
                    sink.sendall(data)
            except OSError:
                return


def test_a_half_open_connection_is_found_and_made_anew(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, box: str
) -> None:
    line = HalfOpen(stack.broker.host, stack.broker.port)
    try:
        with running(box, outbox, settings("127.0.0.1", line.port)) as uplink:
            outbox.append(Lane.SIGHTING, b"before")
            wait_until_empty(outbox)
            line.deaf.set()
            outbox.append(Lane.SIGHTING, b"into the void")
            # Of that the centre hears nothing.
            wait_until(lambda: not uplink.status().connected or uplink.status().connections > 1)
            line.deaf.clear()
            wait_until_empty(outbox)
            assert uplink.status().connections > 1
    finally:
        line.close()
    assert sorted(centre.rows.values()) == [b"before", b"into the void"]
