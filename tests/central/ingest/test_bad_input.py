"""Everything that is wrong, mixed into what a fleet sends, over a real broker."""

import resource
from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy import text

from deploy.local.stack import LocalStack
from shared.messages import Embedding, Sighting, encode
from shared.topics import Lane
from tests.central.box import TestBox
from tests.central.fleet import running_fleet
from tests.central.ingesting import running_ingest
from tests.central.keeping import Keeping
from tests.factories import SPACE, make_sighting
from tests.waiting import wait_until

ROUNDS = 8
MIB = 1024 * 1024


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(23)


def in_another_version(sighting: Sighting) -> bytes:
    return encode(sighting.model_copy(update={"v": 2}))


def with_a_wrong_vector(sighting: Sighting) -> bytes:
    short = Embedding(space=SPACE, scale=0.01, values=b"\1\2\3")
    return encode(sighting.model_copy(update={"embedding": short}))


def of_an_unknown_space(sighting: Sighting) -> bytes:
    other = sighting.embedding.model_copy(update={"space": "nobody-knows"})
    return encode(sighting.model_copy(update={"embedding": other}))


def of_a_camera_of_the_fleet(sighting: Sighting) -> bytes:
    return encode(sighting.model_copy(update={"camera": "sim-0000-0"}))


def with_a_broken_picture(sighting: Sighting) -> bytes:
    assert sighting.crop is not None
    broken = sighting.crop.model_copy(update={"data": b"<svg onload=alert(1)>"})
    return encode(sighting.model_copy(update={"crop": broken}))


BAD: dict[str, Callable[[Sighting], bytes]] = {
    "not MessagePack": lambda _: b"\xc1\xff",
    "cut off": lambda sighting: encode(sighting)[:-7],
    "another version": in_another_version,
    "a wrong vector": with_a_wrong_vector,
    "another space": of_an_unknown_space,
    "another box's camera": of_a_camera_of_the_fleet,
    "no picture": with_a_broken_picture,
    "huge": lambda sighting: encode(sighting) + bytes(900_000),
    "nested": lambda _: b"\x91" * 5_000,
    "a lying length": lambda _: b"\xdf\xff\xff\xff\xff",
}


def test_every_good_message_is_kept_and_every_bad_one_set_aside(
    system_keeping: Keeping, stack: LocalStack, rng: np.random.Generator
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (
        running_ingest(system_keeping, stack.broker, window=60),
        running_fleet(
            stack.broker, boxes=20, cameras=40, rate=200, seconds=5, start_within_s=0.2
        ) as fleet,
        TestBox(stack.broker, "nasty") as nasty,
        TestBox(stack.broker, "Not A Box") as nameless,
    ):
        # The fleet's boxes have their cameras before anyone can take one.
        wait_until(lambda: fleet.last.acked > 100)
        seq = 0
        for _ in range(ROUNDS):
            for make in BAD.values():
                seq += 1
                nasty.send(make(make_sighting(rng, camera="nasty-1")), seq)
            nasty.send(make_sighting(rng, camera="nasty-1"))
            nasty.send(make_sighting(rng, camera="nasty-1"), "no-row")
            nameless.send(make_sighting(rng, camera="nasty-1"), 1)
            nasty.send(b"\xc1", lane=Lane.STATE)
        assert nasty.wait_for(range(1, seq + 1))
    assert set(nasty.refused) == set(range(1, seq + 1))
    assert fleet.number("unanswered") == fleet.number("refused") == 0
    assert system_keeping.count("sightings") == fleet.number("made")
    # A message from no box's name is known again by its row, like any other.
    set_aside = ROUNDS * (len(BAD) + 3) + 1
    wait_until(lambda: system_keeping.count("quarantine") == set_aside)
    with system_keeping.engine.connect() as connection:
        longest = connection.execute(text("SELECT max(length(payload)) FROM quarantine"))
        assert longest.scalar_one() <= MIB // 4
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 150, f"{grown} MiB more"
