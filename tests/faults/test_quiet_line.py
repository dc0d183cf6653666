"""What a box costs on the line when nothing passes, and beside what passes."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple
from uuid import uuid4

import pytest

from deploy.local.stack import LocalStack
from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox
from edge_agent.uplink import Identity, Uplink
from shared.messages import ChannelState, ChannelTelemetry, Gap, Telemetry
from tests.deploy.test_production_broker import City
from tests.deploy.test_production_broker import city as city  # noqa: PLC0414 - the fixture
from tests.edge_agent.link.centre import TinyCentre
from tests.edge_agent.link.uplinks import CLOCK, fill, running, settings, wait_until_empty
from tests.faults.figures import FaultFigures
from tests.faults.thin_line import HEADERS, Quality, ThinLine
from tests.waiting import wait_until

pytestmark = pytest.mark.stack

BOX = "box-quiet"
CHANNELS = 4
DAY_S = 86_400
# The fields that repeat, made so many times shorter, so that ten minutes show an hour.
FASTER = 6
AS_SHIPPED = UplinkSettings(host="any")


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "box", 16 * 1024 * 1024, CLOCK) as opened:
        yield opened


def on_the_wire(line: ThinLine) -> int:
    """Bytes of both ways, with an acknowledgement of TCP for each segment."""
    both = (line.up_stream, line.down_stream)
    return sum(way.wire + HEADERS * way.segments for way in both)


def counters(outbox: Outbox) -> Callable[[list[Gap]], Telemetry]:
    """What a box of four channels says of itself once a minute, after a year."""

    def compose(gaps: list[Gap]) -> Telemetry:
        channels = [
            ChannelTelemetry(
                name=f"channel-{number}",
                status="running",
                frames=157_680_000,
                detections=80_000_000,
                sightings=1_700_000,
                restarts=100,
                frames_per_s=4.9871,
            )
            for number in range(CHANNELS)
        ]
        return Telemetry(
            epoch=outbox.epoch,
            sent_ms=CLOCK.now_ms(),
            outbox_rows=0,
            outbox_bytes=61_440,
            evicted=0,
            gaps=gaps,
            channels=channels,
        )

    return compose


def quiet_uplink(city: City, line: ThinLine, outbox: Outbox) -> Uplink:
    pair = city.authority.issue(BOX)
    tls = {"ca": city.authority.certificate, "cert": pair.certificate, "key": pair.key}
    chosen = UplinkSettings.model_validate(
        {
            "host": "127.0.0.1",
            "port": line.port,
            "tls": tls,
            "keepalive_s": AS_SHIPPED.keepalive_s // FASTER,
            "telemetry_s": AS_SHIPPED.telemetry_s / FASTER,
        }
    )
    identity = Identity(
        box=BOX,
        started_ms=CLOCK.now_ms(),
        software="dongseon 0.1.0",
        channels=tuple(ChannelState(name=f"channel-{n}", camera=f"cam-{n}") for n in range(4)),
    )
    return Uplink(identity, chosen, outbox, CLOCK, random.Random(1), counters(outbox))  # noqa: S311


class Idle(NamedTuple):
    """Bytes on the wire in a day in which nothing passes, and how often the box connected."""

    bytes_a_day: float
    connections: int


def idle(city: City, outbox: Outbox, seconds: float) -> Idle:
    """What `seconds` in which nothing passes cost, TLS and all."""
    target = (city.broker.host, city.broker.port)
    with ThinLine(target, Quality()) as line:
        uplink = quiet_uplink(city, line, outbox)
        thread = Thread(target=uplink.run)
        thread.start()
        waiting = Event()
        wait_until(lambda: uplink.status().connected, 30)
        waiting.wait(3)
        before, began = on_the_wire(line), CLOCK.monotonic()
        waiting.wait(seconds)
        sent = on_the_wire(line) - before
        passed = CLOCK.monotonic() - began
        connections = uplink.status().connections
        uplink.stop()
        thread.join(20)
        assert not thread.is_alive(), "the uplink does not stop"
        uplink.close()
    return Idle(sent / (passed * FASTER) * DAY_S, connections)


def test_a_quiet_box_costs_at_most_five_megabytes_a_day(city: City, outbox: Outbox) -> None:
    # One report, two pings.
    assert idle(city, outbox, 10.5).bytes_a_day <= 5e6


@pytest.mark.faults
def test_an_hour_of_a_quiet_box_is_at_most_five_megabytes_a_day(
    city: City, outbox: Outbox, fault_figures: FaultFigures
) -> None:
    found = idle(city, outbox, 600)
    fault_figures.note(idle_mb_a_day=round(found.bytes_a_day / 1e6, 2))
    assert found.connections == 1
    assert found.bytes_a_day <= 5e6


def test_a_sighting_costs_little_beside_itself(stack: LocalStack, outbox: Outbox) -> None:
    """With IP, TCP, MQTT, the row's name and the centre's answer."""
    size, rows = 2500, 60
    # Nothing is sent twice because an ack was slow.
    patient = {"ack_silence_s": 30.0}
    with (
        TinyCentre(stack.broker.host, stack.broker.port),
        ThinLine((stack.broker.host, stack.broker.port), Quality()) as line,
        running(f"box-{uuid4().hex[:12]}", outbox, settings("127.0.0.1", line.port, **patient)),
    ):
        fill(outbox, 10, size)
        wait_until_empty(outbox)
        before = on_the_wire(line)
        payloads = fill(outbox, rows, size)
        wait_until_empty(outbox)
        sent = on_the_wire(line) - before
    beside = sent / rows - sum(map(len, payloads)) / rows
    assert beside < 800
