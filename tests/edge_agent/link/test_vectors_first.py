"""On a thin line the vector goes at once, the picture when nothing else is to be sent."""

from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from deploy.local.stack import LocalStack
from edge_agent.outbox import Outbox
from edge_agent.posting import Posting, read_wanted, tell_gone
from shared.errors import MalformedPayload, WireError
from shared.messages import CropsWanted, LateCrops, Sighting, decode, encode
from shared.topics import Lane
from tests.edge_agent.link.centre import TinyCentre
from tests.edge_agent.link.uplinks import CLOCK, fill, running, settings_of, wait_until_empty
from tests.factories import make_sighting


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "box", 4 * 1024 * 1024, CLOCK) as opened:
        yield opened


@pytest.fixture
def sightings() -> list[Sighting]:
    rng = np.random.default_rng(3)
    return [make_sighting(rng) for _ in range(6)]


def keep(outbox: Outbox, sightings: list[Sighting], *, crops_later: bool = True) -> None:
    posting = Posting(outbox, crops_later=crops_later)
    for sighting in sightings:
        posting.keep(Lane.SIGHTING, encode(sighting))


def pictures(payloads: list[bytes]) -> dict[bytes, bytes]:
    found = [late for payload in payloads for late in decode(LateCrops, payload).pictures]
    return {late.id.bytes: late.crop.data for late in found}


def crops_of(sightings: list[Sighting]) -> dict[bytes, bytes]:
    return {s.id.bytes: s.crop.data for s in sightings if s.crop is not None}


def test_a_sighting_goes_without_its_picture_and_nothing_else_is_missing(
    outbox: Outbox, sightings: list[Sighting]
) -> None:
    keep(outbox, sightings)
    sent = [decode(Sighting, row.payload) for row in outbox.pending(99)]
    assert sent == [sighting.model_copy(update={"crop": None}) for sighting in sightings]
    assert max(len(row.payload) for row in outbox.pending(99)) < 1100
    outbox.let_go(99, tell_gone)
    rows = [row.payload for row in outbox.pending(99) if row.lane is Lane.CROP]
    assert pictures(rows) == crops_of(sightings)


def test_otherwise_the_picture_goes_along(outbox: Outbox, sightings: list[Sighting]) -> None:
    keep(outbox, sightings, crops_later=False)
    assert [decode(Sighting, row.payload) for row in outbox.pending(99)] == sightings
    assert not outbox.holds_crops


def test_pictures_follow_when_the_line_is_idle(
    stack: LocalStack, outbox: Outbox, sightings: list[Sighting]
) -> None:
    keep(outbox, sightings)
    with TinyCentre(stack.broker.host, stack.broker.port) as centre:
        with running(f"box-{uuid4().hex[:12]}", outbox, settings_of(stack)):
            centre.wait(lambda c: len(c.rows) == 12)
            wait_until_empty(outbox)
        # In the order in which they came first: what is acked late comes again.
        lanes = {row: lane for row, lane, _ in centre.received}
        assert list(lanes.values()) == [Lane.SIGHTING] * 6 + [Lane.CROP] * 6
        late = [payload for _, lane, payload in centre.received if lane is Lane.CROP]
    assert pictures(late) == crops_of(sightings)
    assert not outbox.holds_crops


def test_a_picture_that_is_asked_for_overtakes_the_backlog(
    stack: LocalStack, outbox: Outbox, sightings: list[Sighting]
) -> None:
    keep(outbox, sightings)
    # A minute of this line.
    backlog = len(fill(outbox, 600, size=1000))
    box = f"box-{uuid4().hex[:12]}"
    wanted = sightings[2].id
    with (
        TinyCentre(stack.broker.host, stack.broker.port) as centre,
        running(box, outbox, settings_of(stack, kbit_per_s=80)),
    ):
        centre.wait(lambda c: len(c.received) >= 2)
        centre.command(box, "crop", b"no command at all")
        centre.command(box, "dance", b"")
        centre.command(box, "crop", encode(CropsWanted(ids=[wanted, uuid4()])))
        centre.wait(lambda c: any(lane is Lane.CROP for _, lane, _ in c.received))
        before = takewhile(lambda came: came[1] is not Lane.CROP, list(centre.received))
        assert len({row for row, _, _ in before}) < backlog / 2
        late = [payload for _, lane, payload in centre.received if lane is Lane.CROP]
    assert pictures(late) == crops_of([sightings[2]])


def test_what_was_given_up_is_told_by_the_ids_of_its_sightings(sightings: list[Sighting]) -> None:
    told = decode(LateCrops, tell_gone([sighting.id.bytes for sighting in sightings]))
    assert told.gone == [sighting.id for sighting in sightings]
    assert told.pictures == []


def test_a_command_that_is_none_is_refused_before_it_is_obeyed() -> None:
    for payload in (b"", b"\xc1", encode(LateCrops()), bytes(300_000)):
        with pytest.raises(WireError):
            read_wanted(payload)
    with pytest.raises(MalformedPayload):
        decode(LateCrops, encode(LateCrops.model_construct(gone=[uuid4()])))
