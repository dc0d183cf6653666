"""An uplink running in a thread, and what tests ask of it."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from uuid import uuid4

from deploy.local.stack import LocalStack
from edge_agent.config import UplinkSettings
from edge_agent.outbox import Outbox
from edge_agent.uplink import Identity, Uplink
from shared.clock import Clock, SystemClock
from shared.messages import Gap, Telemetry
from shared.topics import Lane
from tests.waiting import LONG_S, wait_until

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
        thread.join(LONG_S)
        assert not thread.is_alive()
        uplink.close()


def wait_until_empty(outbox: Outbox, seconds: float = LONG_S) -> None:
    wait_until(lambda: outbox.count().rows == 0, seconds)


def fill(outbox: Outbox, count: int, size: int = 100) -> set[bytes]:
    payloads = {b"%d-%s" % (n, uuid4().bytes) + bytes(size) for n in range(count)}
    for payload in payloads:
        outbox.append(Lane.SIGHTING, payload)
    return payloads
