"""A disk that was copied: two boxes with one name push each other out, and the centre tells."""

from pathlib import Path
from threading import Event
from uuid import uuid4

import pytest
import structlog

from central.db.engine import make_engine
from central.sightings.fleet import all_boxes
from deploy.local.stack import LocalStack
from edge_agent.outbox import Outbox
from tests.central.ingesting import running_ingest
from tests.central.keeping import open_keeping
from tests.edge_agent.link.uplinks import CLOCK, running, settings_of
from tests.waiting import wait_until


@pytest.fixture
def name() -> str:
    return f"box-{uuid4().hex[:12]}"


def test_two_boxes_with_one_identity_are_reported_by_the_centre(
    stack: LocalStack, central_database_url: str, tmp_path: Path, name: str
) -> None:
    engine = make_engine(central_database_url)
    keeping = open_keeping(engine, tmp_path)
    with (
        structlog.testing.capture_logs() as logs,
        running_ingest(keeping, stack.broker),
        Outbox(tmp_path / "one", 1 << 20, CLOCK) as one,
        Outbox(tmp_path / "other", 1 << 20, CLOCK) as other,
        running(name, one, settings_of(stack)),
    ):
        wait_until(lambda: bool(all_boxes(engine)), 20)
        (alone,) = all_boxes(engine)
        assert alone.cloned_at is None
        Event().wait(0.01)  # the copy starts later
        with running(name, other, settings_of(stack)):
            wait_until(lambda: all_boxes(engine)[0].cloned_at is not None, 60)
    keeping.crops.close()
    engine.dispose()
    said = [line for line in logs if "two programs speak as one box" in line["event"]]
    assert [line["box"] for line in said] == [name]
