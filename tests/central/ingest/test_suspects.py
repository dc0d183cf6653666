"""A message that ingest dies of, for a reason nobody foresaw, must not stop the others."""

import threading
from collections.abc import Sequence
from uuid import uuid4

import numpy as np
from prometheus_client import CollectorRegistry

from central.ingest.broker import BrokerAddress
from central.ingest.consumer import Consumer
from central.ingest.metrics import IngestMetrics
from central.ingest.reading import Reading, SightingRead
from central.ingest.service import Ingest, IngestParts
from central.ingest.suspects import REASON, Suspects
from central.ingest.writer import BatchWriter, Verdict
from central.supervisor import Supervised
from deploy.local.stack import LocalStack
from shared.clock import SystemClock
from tests.central.box import TestBox
from tests.central.keeping import Keeping, received
from tests.factories import dimensions, make_sighting
from tests.waiting import wait_until

RNG = np.random.default_rng(5)


class Tripping(BatchWriter):
    """A writer with a bug: it falls over sightings of the camera `trap`."""

    def write(self, readings: Sequence[Reading]) -> list[Verdict]:
        if any(isinstance(r, SightingRead) and r.sighting.camera == "trap" for r in readings):
            raise RuntimeError("tripped")
        return super().write(readings)


def test_the_culprit_ends_in_quarantine_and_all_others_are_kept(
    keeping: Keeping, stack: LocalStack
) -> None:
    address = BrokerAddress(stack.broker.host, stack.broker.port, f"ingest-{uuid4().hex}")
    suspects = Suspects()

    def make() -> Ingest:
        return Ingest(
            IngestParts(
                consumer=Consumer(address, SystemClock(), 1000),
                writer=Tripping(keeping.engine, keeping.crops, keeping.clock),
                dimensions=dimensions,
                metrics=IngestMetrics(CollectorRegistry()),
                clock=SystemClock(),
                suspects=suspects,
            )
        )

    stop, ingest = threading.Event(), Supervised("ingest", make)
    ingest.start(stop)
    try:
        wait_until(lambda: ingest.health().ready)
        with TestBox(stack.broker) as box:
            for seq in range(1, 31):
                box.send(make_sighting(RNG, camera="trap" if seq == 17 else "cam-1"), seq)
            assert box.wait_for(range(1, 31))
    finally:
        stop.set()
        ingest.join()

    assert box.refused == {17: REASON}
    assert keeping.count("sightings") == 29
    assert keeping.rows("SELECT seq, reason FROM quarantine") == [(17, REASON)]


def test_suspects_stand_alone_and_the_order_is_kept() -> None:
    messages = [received(f"payload {i}".encode(), i + 1) for i in range(6)]
    suspects = Suspects()
    assert list(suspects.portions(messages)) == [messages]

    suspects.take(messages[1:3])
    suspects.begin_life()

    assert list(suspects.portions(messages)) == [
        messages[:1],
        messages[1:2],
        messages[2:3],
        messages[3:],
    ]
    assert not any(suspects.is_guilty(message) for message in messages)


def test_only_what_ingest_dies_of_alone_is_guilty_and_only_until_it_is_done_with() -> None:
    good, bad = received(b"good", 1), received(b"bad", 2)
    suspects = Suspects()
    suspects.take([bad])
    suspects.begin_life()

    assert suspects.is_guilty(bad)
    assert not suspects.is_guilty(good)
    suspects.take([bad])
    suspects.let_go()
    assert not suspects.is_guilty(bad)
