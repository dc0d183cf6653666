"""A storm of log lines does not fill a disk, and what was left out is counted."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.clock import ManualClock
from shared.logs import STORM, STORM_S, configure_logs


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def written(clock: ManualClock) -> Iterator[io.StringIO]:
    before = structlog.get_config()
    stream = io.StringIO()
    configure_logs(json=True, stream=stream, clock=clock)
    yield stream
    structlog.configure(**before)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_thousand_equal_errors_a_second_are_twenty_lines_a_minute(
    clock: ManualClock, written: io.StringIO
) -> None:
    log = structlog.get_logger()
    for number in range(10_000):
        log.error("the disk refuses", row=number)
        clock.advance(0.001)
    assert len(lines(written)) == STORM
    clock.advance(STORM_S)
    log.error("the disk refuses", row=-1)
    assert lines(written)[-1]["left_out"] == 10_000 - STORM
    log.error("the disk refuses", row=-2)
    assert "left_out" not in lines(written)[-1]


def test_one_storm_hides_no_other_line(written: io.StringIO) -> None:
    log = structlog.get_logger()
    for _ in range(100):
        log.warning("a storm")
    log.error("a storm")
    log.warning("something else")
    events = [(line["level"], line["event"]) for line in lines(written)]
    assert events[STORM:] == [("error", "a storm"), ("warning", "something else")]


def test_what_is_said_for_the_record_is_never_left_out(written: io.StringIO) -> None:
    log = structlog.get_logger()
    for _ in range(100):
        log.info("search", who="loopback")
    assert len(lines(written)) == 100


def test_a_storm_of_ever_new_kinds_needs_no_more_memory(
    clock: ManualClock, written: io.StringIO
) -> None:
    log = structlog.get_logger()
    for number in range(2_500):
        event = f"kind {number}"
        log.error(event)
        clock.advance(0.001)
    assert len(lines(written)) == 2_500
