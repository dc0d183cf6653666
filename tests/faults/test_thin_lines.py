"""The uplink over lines that are slow, far, lossy, half dead or not there.

The short versions prove that everything arrives; the long ones (marked `faults`) are the lines as
they are met, and measure.
"""

import socket
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.stack import LocalStack
from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox
from edge_agent.uplink import Uplink
from shared.topics import Lane
from tests.edge_agent.link.centre import TinyCentre
from tests.edge_agent.link.uplinks import CLOCK, fill, running, settings, wait_until_empty
from tests.faults.figures import FaultFigures
from tests.faults.thin_line import Counted, Quality, ThinLine

THIN = Quality(kbit_per_s=128, delay_s=0.3, loss=0.03)
LTE = Quality(kbit_per_s=1000, delay_s=0.05, loss=0.01)
SIGHTING = 2500
CAP_KBIT = 64.0
# What a box has unless it says otherwise, for the lines as they are met.
AS_SHIPPED = {"ack_silence_s": 30.0, "keepalive_s": 30, "reconnect_max_s": 60.0}


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "box", 256 * 1024 * 1024, CLOCK) as opened:
        yield opened


@pytest.fixture
def centre(stack: LocalStack) -> Iterator[TinyCentre]:
    with TinyCentre(stack.broker.host, stack.broker.port) as running_centre:
        yield running_centre


@contextmanager
def line_to(stack: LocalStack, quality: Quality) -> Iterator[ThinLine]:
    with ThinLine((stack.broker.host, stack.broker.port), quality) as line:
        yield line


@contextmanager
def box_on(line: ThinLine, outbox: Outbox, **others: float) -> Iterator[Uplink]:
    chosen: UplinkSettings = settings("127.0.0.1", line.port, **others)
    with running(f"box-{uuid4().hex[:12]}", outbox, chosen) as uplink:
        yield uplink


def wait(seconds: float) -> None:
    Event().wait(seconds)


def rate_kbit(counted: Counted, seconds: float) -> float:
    """Kilobits a second on the wire during the next `seconds`."""
    before, began = counted.wire, CLOCK.monotonic()
    wait(seconds)
    return (counted.wire - before) * 8 / 1000 / (CLOCK.monotonic() - began)


def capped(stack: LocalStack, outbox: Outbox, seconds: float) -> float:
    """The rate of a capped uplink with a backlog, against its cap."""
    fill(outbox, round(CAP_KBIT * 125 * (seconds + 10) / SIGHTING), SIGHTING)
    with line_to(stack, THIN) as line, box_on(line, outbox, kbit_per_s=CAP_KBIT, **AS_SHIPPED):
        wait(5)
        return rate_kbit(line.up_stream, seconds) / CAP_KBIT


def test_a_cap_on_the_uplink_is_never_passed(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox
) -> None:
    # A line that stood still for a moment leaves the bucket full: one second's worth at once.
    seconds = 6
    assert capped(stack, outbox, seconds) < 1.1 + 1 / seconds


@pytest.mark.faults
def test_the_uplink_is_within_a_tenth_of_its_cap(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, fault_figures: FaultFigures
) -> None:
    found = capped(stack, outbox, 120)
    fault_figures.note(uplink_to_cap=round(found, 3))
    assert 0.9 <= found <= 1.1


def alert_delay(centre: TinyCentre, outbox: Outbox) -> float:
    """Seconds from an alert's birth until the centre has it."""
    alert, began = uuid4().bytes, CLOCK.monotonic()
    outbox.append(Lane.ALERT, alert)
    centre.wait(lambda c: any(payload == alert for _, _, payload in reversed(c.received)), 60)
    return CLOCK.monotonic() - began


def alert_delays(stack: LocalStack, centre: TinyCentre, outbox: Outbox, alerts: int) -> list[float]:
    """Seconds from the alert to the centre, one at a time, while a backlog drains."""
    fill(outbox, 600 + 20 * alerts, SIGHTING)
    with line_to(stack, THIN) as line, box_on(line, outbox, **AS_SHIPPED):
        centre.wait(lambda c: len(c.rows) > 5, 60)
        delays = [alert_delay(centre, outbox) for _ in range(alerts)]
        assert outbox.count().rows > 0, "there was no backlog any more"
    return delays


def test_an_alert_overtakes_a_backlog_on_a_thin_line(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox
) -> None:
    assert len(alert_delays(stack, centre, outbox, 3)) == 3


@pytest.mark.faults
def test_alerts_are_at_the_centre_within_ten_seconds_while_a_backlog_drains(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, fault_figures: FaultFigures
) -> None:
    delays = sorted(alert_delays(stack, centre, outbox, 60))
    p95 = delays[int(0.95 * len(delays))]
    fault_figures.note(alert_p50_s=round(statistics.median(delays), 2), alert_p95_s=round(p95, 2))
    assert p95 <= 10


def flapped(
    stack: LocalStack, outbox: Outbox, cycles: int, seconds: tuple[float, float], **others: float
) -> float:
    """Share of the time with a line that was used, with a backlog that outlasts all of it."""
    up_s, down_s = seconds
    before = outbox.count().rows
    with line_to(stack, LTE) as line, box_on(line, outbox, kbit_per_s=CAP_KBIT, **others) as uplink:
        for _ in range(cycles):
            wait(up_s)
            line.go(down=True)
            wait(down_s)
            line.go(down=False)
        acked = uplink.status().acked
        assert outbox.count().rows > 0, "there was no backlog any more"
    assert before - outbox.count().rows >= acked
    return acked * SIGHTING * 8 / 1000 / (CAP_KBIT * cycles * up_s)


def test_what_a_line_that_comes_and_goes_does_not_take_is_taken_later(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox
) -> None:
    payloads = fill(outbox, 100, SIGHTING)
    flapped(stack, outbox, 3, (2, 4))
    with line_to(stack, LTE) as line, box_on(line, outbox):
        wait_until_empty(outbox, 60)
    assert set(centre.rows.values()) == payloads


@pytest.mark.faults
def test_a_line_up_for_20_s_and_down_for_40_is_used_while_it_is_there(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, fault_figures: FaultFigures
) -> None:
    payloads = fill(outbox, 500, SIGHTING)
    used = flapped(stack, outbox, 5, (20, 40), **AS_SHIPPED)
    fault_figures.note(flapping_line_used=round(used, 3))
    assert used > 0.5
    with line_to(stack, LTE) as line, box_on(line, outbox):
        wait_until_empty(outbox, 120)
    assert set(centre.rows.values()) == payloads


def half_open(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, seconds: float, **others: float
) -> float:
    """Seconds from the line's return to the first row that arrives."""
    with line_to(stack, LTE) as line, box_on(line, outbox, **others) as uplink:
        outbox.append(Lane.SIGHTING, b"before")
        wait_until_empty(outbox)
        line.go(down=True)
        outbox.append(Lane.SIGHTING, b"into the void")
        wait(seconds)
        assert not uplink.status().connected, "a dead line was taken for a living one"
        line.go(down=False)
        began = CLOCK.monotonic()
        wait_until_empty(outbox, 120)
        assert set(centre.rows.values()) == {b"before", b"into the void"}
        return CLOCK.monotonic() - began


def test_a_half_open_line_is_found_out_and_left(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox
) -> None:
    half_open(stack, centre, outbox, 8)


@pytest.mark.faults
def test_a_line_half_open_for_ten_minutes_is_back_within_the_longest_pause(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, fault_figures: FaultFigures
) -> None:
    back_s = half_open(stack, centre, outbox, 600, **AS_SHIPPED)
    fault_figures.note(half_open_s=600, half_open_back_s=round(back_s, 1))
    assert back_s <= AS_SHIPPED["reconnect_max_s"] + 20


class Names:
    """The resolver of this machine, which knows a broker and can be dead in two ways."""

    def __init__(self, address: str) -> None:
        self.dead = Event()
        self.silent_s = 0.0
        self.asked = Event()
        self._address = address
        self._resolve = socket.getaddrinfo

    def __call__(self, host: str, *rest: Any, **more: Any) -> Any:  # noqa: ANN401
        if host != "broker.example":
            return self._resolve(host, *rest, **more)
        self.asked.set()
        if self.dead.is_set():
            wait(self.silent_s)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._resolve(self._address, *rest, **more)


@pytest.fixture
def names(stack: LocalStack, monkeypatch: pytest.MonkeyPatch) -> Names:
    made = Names(stack.broker.host)
    monkeypatch.setattr(socket, "getaddrinfo", made)
    return made


@pytest.mark.parametrize("silent_s", [0, 3], ids=["says no", "says nothing"])
def test_a_box_without_names_keeps_writing_and_delivers_once_they_are_back(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, names: Names, silent_s: float
) -> None:
    names.dead.set()
    names.silent_s = silent_s
    chosen = settings("broker.example", stack.broker.port)
    with running(f"box-{uuid4().hex[:12]}", outbox, chosen) as uplink:
        assert names.asked.wait(10)
        payloads = fill(outbox, 20)
        assert not uplink.status().connected
        names.dead.clear()
        wait_until_empty(outbox, 30)
    assert set(centre.rows.values()) == payloads


def test_a_box_that_knew_the_broker_needs_no_names(
    stack: LocalStack, centre: TinyCentre, outbox: Outbox, names: Names
) -> None:
    with ThinLine((stack.broker.host, stack.broker.port), LTE) as line:
        chosen = settings("broker.example", line.port)
        with running(f"box-{uuid4().hex[:12]}", outbox, chosen) as uplink:
            outbox.append(Lane.SIGHTING, b"before")
            wait_until_empty(outbox)
            names.dead.set()
            line.cut()
            outbox.append(Lane.SIGHTING, b"after")
            wait_until_empty(outbox, 30)
            assert uplink.status().connections > 1
    assert set(centre.rows.values()) == {b"before", b"after"}
