"""Ingest over a real broker: what a box sends, and what it is answered."""

from uuid import UUID

import numpy as np
import pytest
import structlog

from deploy.local.stack import LocalStack
from shared.clock import SystemClock
from shared.ids import uuid7
from shared.messages import BoxState, ChannelState, Telemetry, encode
from shared.topics import Lane
from tests.central.box import TestBox
from tests.central.ingesting import running_ingest
from tests.central.keeping import EPOCH, NOON_MS, Keeping, received, utc
from tests.factories import make_sighting
from tests.waiting import wait_until

FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(11)


def make_state(
    status: str = "online", session: UUID = FIRST, started_ms: int = 1_000, **more: object
) -> BoxState:
    fields = {
        "status": status,
        "session": session,
        "epoch": EPOCH,
        "started_ms": started_ms,
        "software": "dongseon 0.1.0",
        "channels": [ChannelState(name="north", camera="cam-1")],
        "models": {"detector": "some@1"},
    }
    return BoxState.model_validate(fields | more)


def make_telemetry(**more: object) -> Telemetry:
    fields = {"epoch": EPOCH, "sent_ms": 1, "outbox_rows": 2, "outbox_bytes": 3, "evicted": 0}
    return Telemetry.model_validate(fields | more)


def test_every_row_is_answered_once_it_is_committed(
    keeping: Keeping, stack: LocalStack, rng: np.random.Generator
) -> None:
    before = SystemClock().now_ms()
    with running_ingest(keeping, stack.broker) as ingest, TestBox(stack.broker) as box:
        for seq in range(1, 301):
            box.send(make_sighting(rng), seq)
        assert box.wait_for(range(1, 301))
        assert ingest.health().ready
    assert box.refused == {}
    assert keeping.count("sightings") == 300
    echo = box.acks[-1].echo
    assert echo is not None
    assert before <= echo.received_ms <= echo.sent_ms <= SystemClock().now_ms()
    assert echo.seq in box.acks[-1].accepted


def test_a_row_that_is_sent_again_is_answered_again(
    keeping: Keeping, stack: LocalStack, rng: np.random.Generator
) -> None:
    sighting = make_sighting(rng)
    with running_ingest(keeping, stack.broker), TestBox(stack.broker) as box:
        for _ in range(3):
            answers = len(box.acks)
            box.send(sighting, 1)
            wait_until(lambda answers=answers: len(box.acks) > answers)  # type: ignore[misc]
    assert box.accepted == [1, 1, 1]
    assert keeping.count("sightings") == 1


def test_what_cannot_be_decoded_is_answered_by_the_name_it_travels_under(
    keeping: Keeping, stack: LocalStack, rng: np.random.Generator
) -> None:
    good = encode(make_sighting(rng))
    with running_ingest(keeping, stack.broker), TestBox(stack.broker) as box:
        for seq, payload in enumerate((b"\xc1", good[:-5], good + bytes(300_000), b""), start=1):
            box.send(payload, seq)
        box.send(good, 5)
        assert box.wait_for(range(1, 6))
    assert set(box.refused) == {1, 2, 3, 4}
    assert box.accepted == [5]
    assert keeping.count("quarantine") == 4


def test_a_sighting_without_a_readable_outbox_property_is_kept_aside_unanswered(
    keeping: Keeping, stack: LocalStack, rng: np.random.Generator
) -> None:
    with running_ingest(keeping, stack.broker), TestBox(stack.broker) as box:
        box.send(make_sighting(rng))
        box.send(make_sighting(rng), "not-a-row")
        box.send(make_sighting(rng), f"{EPOCH.hex}:0")
        box.send(make_sighting(rng), 1)
        assert box.wait_for([1])
    assert box.answered == {1}
    assert keeping.count("quarantine") == 3
    assert keeping.count("sightings") == 1


def test_a_box_may_not_speak_under_a_name_that_is_none(
    keeping: Keeping, stack: LocalStack, rng: np.random.Generator
) -> None:
    with (
        running_ingest(keeping, stack.broker),
        TestBox(stack.broker, "Not A Box") as odd,
        TestBox(stack.broker) as box,
    ):
        odd.send(make_sighting(rng), 1)
        box.send(make_sighting(rng), 1)
        assert box.wait_for([1])
        wait_until(lambda: keeping.count("quarantine") == 1)
    assert odd.acks == []


def test_birth_and_counters_of_a_box_are_kept(keeping: Keeping, stack: LocalStack) -> None:
    with running_ingest(keeping, stack.broker), TestBox(stack.broker) as box:
        box.send(make_state(), lane=Lane.STATE)
        box.send(make_telemetry(), 1, lane=Lane.TELEMETRY)
        assert box.wait_for([1])
    (row,) = keeping.rows(
        "SELECT status, session, epoch, channels, models, telemetry ->> 'outbox_rows', "
        "last_heard IS NOT NULL FROM boxes"
    )
    channels = [{"name": "north", "camera": "cam-1"}]
    assert row == ("online", FIRST, EPOCH, channels, {"detector": "some@1"}, "2", True)


def test_a_retained_birth_is_known_after_a_restart_but_is_no_sign_of_life(
    keeping: Keeping, stack: LocalStack
) -> None:
    with TestBox(stack.broker, "box-9") as box:
        box.send(make_state(), lane=Lane.STATE, retain=True).wait_for_publish(20)
        with running_ingest(keeping, stack.broker):
            wait_until(lambda: keeping.count("boxes") == 1)
            known = keeping.rows("SELECT box, status, last_heard FROM boxes")
        assert known == [("box-9", "online", None)]
        box.send(b"", lane=Lane.STATE, retain=True)


def test_an_old_last_will_does_not_put_a_box_that_is_back_offline(keeping: Keeping) -> None:
    def status(*states: BoxState) -> object:
        for state in states:
            keeping.send(received(state, None, lane=Lane.STATE))
        return keeping.rows("SELECT status, session FROM boxes")

    assert status(make_state(session=FIRST)) == [("online", FIRST)]
    reborn = make_state(session=SECOND, started_ms=2_000)
    assert status(reborn, make_state("offline", session=FIRST)) == [("online", SECOND)]
    will = make_state("offline", session=SECOND, started_ms=2_000)
    assert status(will) == [("offline", SECOND)]


def births(keeping: Keeping, *programs: tuple[int, int]) -> list[str]:
    """Send births of programs (when it started, when it connects); what the log says of them."""
    with structlog.testing.capture_logs() as logs:
        for started_ms, connected_ms in programs:
            state = make_state(session=uuid7(connected_ms), started_ms=started_ms)
            keeping.send(received(state, None, lane=Lane.STATE))
    return [line["event"] for line in logs if line["log_level"] in {"warning", "error"}]


def cloned_at(keeping: Keeping) -> object:
    return keeping.rows("SELECT cloned_at FROM boxes")[0][0]


def test_two_boxes_with_one_identity_are_reported_once_in_ten_minutes(keeping: Keeping) -> None:
    assert births(keeping, (1_000, 1_000), (5_000, 5_000)) == []
    (said,) = births(keeping, (1_000, 6_000), (5_000, 7_000), (1_000, 8_000), (5_000, 9_000))
    assert "two programs speak as one box" in said
    assert cloned_at(keeping) == utc(NOON_MS)


def test_a_box_that_restarts_or_reconnects_is_no_clone(keeping: Keeping) -> None:
    assert births(keeping, (1_000, 1_000), (1_000, 2_000), (3_000, 3_000), (3_000, 4_000)) == []
    assert births(keeping, (5_000, 5_000), (5_000, 6_000), (7_000, 7_000)) == []
    assert cloned_at(keeping) is None


def test_births_that_the_broker_hands_out_again_are_no_clone(keeping: Keeping) -> None:
    states = [
        make_state(session=uuid7(ms), started_ms=started)
        for ms, started in ((1_000, 1_000), (2_000, 1_000), (3_000, 3_000))
    ]
    for state in states * 3:
        keeping.send(received(state, None, lane=Lane.STATE))
    assert cloned_at(keeping) is None


def test_the_broker_keeps_what_was_sent_while_ingest_was_away(
    keeping: Keeping, stack: LocalStack, rng: np.random.Generator
) -> None:
    with running_ingest(keeping, stack.broker, client_id="returning") as ingest:
        wait_until(lambda: ingest.health().ready)
        with TestBox(stack.broker) as box:
            box.send(make_sighting(rng), 1)
            assert box.wait_for([1])
    with TestBox(stack.broker) as box:
        for seq in range(2, 12):
            box.send(make_sighting(rng), seq)
        with running_ingest(keeping, stack.broker, client_id="returning"):
            assert box.wait_for(range(2, 12))
    assert keeping.count("sightings") == 11
