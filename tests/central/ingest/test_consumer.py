"""The connection to the broker, by itself."""

import gc
from pathlib import Path
from uuid import uuid4

from central.ingest.broker import BrokerAddress
from central.ingest.consumer import Consumer
from deploy.local.stack import LocalStack
from shared.clock import SystemClock
from tests.waiting import wait_until


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_consumer_that_was_closed_leaves_no_file_open(stack: LocalStack) -> None:
    broker = stack.broker

    def live() -> None:
        address = BrokerAddress(broker.host, broker.port, f"lives-{uuid4().hex}")
        consumer = Consumer(address, SystemClock(), 10)
        consumer.start()
        wait_until(lambda: consumer.connected)
        consumer.close()
        consumer.close()
        consumer.publish([("dongseon/v1/nobody", b"said too late")])
        consumer.settle([])

    live()
    # Those that earlier tests left to the collector are no matter of this one.
    gc.collect()
    before = open_files()
    for _ in range(5):
        live()
    assert open_files() <= before
