"""A fleet's messages are those that a box would encode, and its outbox is honest."""

from itertools import pairwise

import numpy as np
import pytest

from deploy.sim.fleet.messages import Messages, Row, camera_name
from deploy.sim.fleet.options import FleetOptions
from deploy.sim.fleet.outbox import SimOutbox
from shared.clock import SystemClock
from shared.errors import ConfigError
from shared.ids import uuid7_ms
from shared.messages import Sighting, decode, encode
from tests.factories import SPACE, dimensions

DIMENSIONS = 256


@pytest.fixture(scope="module")
def messages() -> Messages:
    return Messages(np.random.default_rng(3), SPACE, DIMENSIONS, run=7)


@pytest.mark.parametrize("revision", [0, 1])
def test_a_stamped_message_is_byte_for_byte_the_encoded_one(
    messages: Messages, revision: int
) -> None:
    row = Row(seq=9, number=4, revision=revision, ms=SystemClock().now_ms(), made=0.0)
    payload = messages.payload(3, 2, row)
    sighting = decode(Sighting, payload)
    assert encode(sighting) == payload
    assert sighting.id == messages.identify(3, row)
    assert uuid7_ms(sighting.id) == sighting.first_seen_ms == row.ms
    assert (sighting.revision, sighting.ended) == (revision, revision == 1)
    assert sighting.camera == camera_name(3, 2)
    assert np.linalg.norm(sighting.embedding.vector()) == pytest.approx(1)


def test_messages_are_as_large_as_those_of_real_boxes_and_of_a_space_that_is_known(
    messages: Messages,
) -> None:
    payload = messages.payload(0, 0, Row(1, 0, 1, 1_784_505_600_000, 0.0))
    assert 2_000 < len(payload) < 3_500
    assert dimensions(decode(Sighting, payload).embedding.space) == DIMENSIONS
    assert FleetOptions().space == SPACE


def test_no_two_objects_of_a_fleet_share_an_id(messages: Messages) -> None:
    rows = [Row(1, number, 1, 1_784_505_600_000, 0.0) for number in range(50)]
    ids = {messages.identify(box, row) for box in range(50) for row in rows}
    assert len(ids) == 2_500


def test_a_row_is_in_flight_until_it_is_answered_and_the_window_is_kept() -> None:
    outbox = SimOutbox(window=3, revisions=1)
    for _ in range(5):
        outbox.append(1_000, 0.0)
    assert [row.seq for row in outbox.due(1.0)] == [1, 2, 3]
    assert outbox.due(1.0) == []
    assert [row.seq for row, _ in outbox.answered([2, 4])] == [2]
    assert [row.seq for row in outbox.due(2.0)] == [4]
    assert outbox.open == 4


def test_after_a_lost_line_what_was_in_flight_goes_again_first() -> None:
    outbox = SimOutbox(window=2, revisions=1)
    for _ in range(3):
        outbox.append(1_000, 0.0)
    first = outbox.due(1.0)
    outbox.lost_line()
    assert outbox.due(2.0) == first
    assert outbox.resent == 2
    outbox.overdue(before=1.5)
    assert outbox.due(3.0) == []
    outbox.overdue(before=2.5)
    assert outbox.due(3.0) == first


def test_two_revisions_are_one_object() -> None:
    outbox = SimOutbox(window=16, revisions=2)
    for ms in (1_000, 9_000, 20_000, 21_000):
        outbox.append(ms, 0.0)
    rows = outbox.due(0.0)
    assert [(row.number, row.revision, row.ms) for row in rows] == [
        (0, 0, 1_000),
        (0, 1, 1_000),
        (1, 0, 20_000),
        (1, 1, 20_000),
    ]
    assert all(one.seq < next_.seq for one, next_ in pairwise(rows))
    assert outbox.objects == 2


@pytest.mark.parametrize("wrong", [{"boxes": 3, "cameras": 2}, {"rate": -1}, {"revisions": 3}])
def test_a_fleet_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        FleetOptions(**wrong)  # type: ignore[arg-type]
