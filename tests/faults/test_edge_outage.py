"""A broker that is away for a while in the middle of the day."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest

from deploy.local.stack import LocalStack
from edge_agent.outbox import Outbox
from shared.topics import Lane
from tests.edge_agent.link.centre import TinyCentre
from tests.edge_agent.link.uplinks import CLOCK, running, settings_of, wait_until_empty

EVERY_S = 0.5


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path, 64 * 1024 * 1024, CLOCK) as opened:
        yield opened


def keep(outbox: Outbox, seconds: float) -> list[bytes]:
    """A sighting every half second, whatever the broker does."""
    kept: list[bytes] = []
    for _ in range(round(seconds / EVERY_S)):
        kept.append(uuid4().bytes)
        outbox.append(Lane.SIGHTING, kept[-1])
        Event().wait(EVERY_S)
    return kept


@pytest.mark.slow
@pytest.mark.parametrize(
    "outage_s",
    [20, pytest.param(130, marks=pytest.mark.faults)],
    ids=["a moment", "two minutes"],
)
def test_a_while_without_a_broker_loses_nothing(
    stack: LocalStack, outbox: Outbox, outage_s: int
) -> None:
    box = f"box-{uuid4().hex[:12]}"
    chosen = settings_of(stack, reconnect_max_s=10.0, ack_silence_s=5.0)
    with TinyCentre(stack.broker.host, stack.broker.port) as centre:
        with running(box, outbox, chosen) as uplink:
            sent = keep(outbox, 3)
            wait_until_empty(outbox)
            stack.broker.stop()
            sent += keep(outbox, outage_s)
            assert not uplink.status().connected
            assert outbox.count().rows == round(outage_s / EVERY_S)
            stack.broker.start()
            sent += keep(outbox, 3)
            wait_until_empty(outbox, 60)
        assert sorted(centre.rows.values()) == sorted(sent)
