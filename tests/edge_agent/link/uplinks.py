"""An uplink running in a thread, and what tests ask of it."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from uuid import uuid4

from deploy.local.stack import LocalStack
from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox
from edge_agent.uplink import Identity, Uplink
from shared.clock import Clock, SystemClock
from shared.messages import Gap, Telemetry
from shared.topics import Lane

CLOCK = SystemClock()


def settings(host: str, port: int, **others: float) -> UplinkSettings:
    quick = {"ack_silence_s": 1.0, "reconnect_max_s": 1.0, "telemetry_s": 3600.0, "keepalive_s": 5}
    return UplinkSettings.model_validate({"host": host, "port": port, **quick, **others})


def settings_of(stack: LocalStack, **others: float) -> UplinkSettings:
    return settings(stack.broker.host, stack.broker.port, **others)


def telemetry_of(outbox: Outbox) -> Callable[[list[Gap]], Telemetry]:
    def compose(gaps: list[Gap]) -> Telemetry:
        count = outbox.count()
        return Telemetry(
            epoch=outbox.epoch,
            sent_ms=CLOCK.now_ms(),
            outbox_rows=count.rows,
            outbox_bytes=count.bytes,
            evicted=count.evicted,
            gaps=gaps,
        )

    return compose


@contextmanager
def running(
    box: str, outbox: Outbox, chosen: UplinkSettings, clock: Clock = CLOCK
) -> Iterator[Uplink]:
    identity = Identity(box=box, started_ms=clock.now_ms(), software="dongseon test")
    source = random.Random(1)  # noqa: S311 - waits are no secrets
    uplink = Uplink(identity, chosen, outbox, clock, source, telemetry_of(outbox))
    thread = Thread(target=uplink.run)
    thread.start()
    try:
        yield uplink
    finally:
        uplink.stop(drain_s=2.0)
        thread.join(20)
        assert not thread.is_alive()
        uplink.close()


def wait_until_empty(outbox: Outbox, seconds: float = 15.0) -> None:
    waiting = Event()
    until = CLOCK.monotonic() + seconds
    while outbox.count().rows:
        assert CLOCK.monotonic() < until, f"{outbox.count().rows} rows left after {seconds} s"
        waiting.wait(0.02)


def fill(outbox: Outbox, count: int, size: int = 100) -> set[bytes]:
    payloads = {b"%d-%s" % (n, uuid4().bytes) + bytes(size) for n in range(count)}
    for payload in payloads:
        outbox.append(Lane.SIGHTING, payload)
    return payloads
