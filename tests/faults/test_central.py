"""The centre when things die under it: nothing committed is lost, nothing is doubled."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from central.db.engine import make_engine
from central.index.flat.index import FlatIndex
from central.index.follower import IndexFollower
from deploy.local.stack import LocalStack
from shared.clock import MS_PER_DAY
from shared.messages import Embedding, Sighting
from tests.central.box import TestBox
from tests.central.ingesting import running_ingest
from tests.central.keeping import (
    EPOCH,
    NOON_MS,
    OTHER_EPOCH,
    Keeping,
    digest,
    open_keeping,
    received,
    utc,
)
from tests.factories import crop_of, make_id, make_sighting
from tests.waiting import wait_until


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(17)


@pytest.fixture
def keeping(central_database_url: str, tmp_path: Path) -> Iterator[Keeping]:
    engine = make_engine(central_database_url)
    keeping = open_keeping(engine, tmp_path)
    yield keeping
    keeping.crops.close()
    engine.dispose()


def assert_all_kept_once(keeping: Keeping, sightings: list[Sighting]) -> None:
    assert keeping.count("sightings") == len(sightings)
    assert keeping.rows("SELECT received::text FROM outbox_ledger") == [
        (f"{{[1,{len(sightings) + 1})}}",)
    ]
    for sighting in sightings:
        day = utc(sighting.first_seen_ms).date()
        assert keeping.crops.get(day, sighting.id) == crop_of(sighting).data


@pytest.mark.parametrize(("point", "committed"), [("crop", False), ("ack", True)])
def test_ingest_killed_around_its_commit_loses_and_doubles_nothing(
    keeping: Keeping,
    stack: LocalStack,
    tmp_path: Path,
    rng: np.random.Generator,
    point: str,
    *,
    committed: bool,
) -> None:
    client_id = f"crash-{uuid4().hex}"
    url = keeping.engine.url.render_as_string(hide_password=False)
    arguments = [url, stack.broker.host, str(stack.broker.port), str(tmp_path), client_id, point]
    sightings = [make_sighting(rng) for _ in range(20)]
    command = [sys.executable, "-m", "tests.faults.central_crash", *arguments]
    with TestBox(stack.broker) as box:
        with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as dying:
            while dying.poll() is None:
                # A box sends again until it is answered.
                for seq, sighting in enumerate(sightings, start=1):
                    box.send(sighting, seq).wait_for_publish(5)
            assert dying.returncode == -signal.SIGKILL
        assert box.answered == set()
        assert (keeping.count("sightings") > 0) is committed
        with running_ingest(keeping, stack.broker, client_id=client_id):
            for seq, sighting in enumerate(sightings, start=1):
                box.send(sighting, seq)
            assert box.wait_for(range(1, 21))
        assert box.refused == {}
    assert_all_kept_once(keeping, sightings)


@pytest.mark.parametrize(
    "seconds", [3, pytest.param(60, marks=pytest.mark.faults)], ids=["moment", "minute"]
)
def test_while_the_database_is_down_nothing_is_answered_and_then_everything(
    keeping: Keeping, stack: LocalStack, rng: np.random.Generator, seconds: int
) -> None:
    sightings = [make_sighting(rng) for _ in range(60)]
    with running_ingest(keeping, stack.broker) as ingest, TestBox(stack.broker) as box:
        for seq in range(1, 11):
            box.send(sightings[seq - 1], seq)
        assert box.wait_for(range(1, 11))
        stack.database.kill()
        try:
            for seq in range(11, 61):
                box.send(sightings[seq - 1], seq)
            assert not box.wait_for([11], seconds)
            assert box.answered == set(range(1, 11))
            assert not ingest.health().ready
        finally:
            stack.database.start()
        assert box.wait_for(range(1, 61), 60)
        wait_until(lambda: ingest.health().ready, 20)
    assert box.refused == {}
    assert_all_kept_once(keeping, sightings)


def test_a_broker_killed_and_started_again_is_found_again(
    keeping: Keeping, stack: LocalStack, rng: np.random.Generator
) -> None:
    sightings = [make_sighting(rng) for _ in range(30)]
    with running_ingest(keeping, stack.broker) as ingest, TestBox(stack.broker) as box:
        for seq in range(1, 11):
            box.send(sightings[seq - 1], seq)
        assert box.wait_for(range(1, 11))
        stack.broker.kill()
        wait_until(lambda: not ingest.health().ready, 20)
        stack.broker.start()
        wait_until(lambda: ingest.health().ready, 60)

        def answered() -> bool:
            for seq, sighting in enumerate(sightings, start=1):
                box.send(sighting, seq)
            return box.wait_for(range(1, 31), 3)

        wait_until(answered, 60)
    assert_all_kept_once(keeping, sightings)


def a_day(rng: np.random.Generator) -> list[tuple[str, UUID, int, Sighting]]:
    """What two boxes sent: early and final revisions, late ones, and some that are refused."""
    rows: list[tuple[str, UUID, int, Sighting]] = []
    for box, epoch in (("box-1", EPOCH), ("box-2", OTHER_EPOCH)):
        seq = 0
        for number in range(60):
            first = NOON_MS + int(rng.integers(-MS_PER_DAY // 2, MS_PER_DAY // 2))
            identifier = make_id(rng, first)
            for revision in range(int(rng.integers(1, 4))):
                seq += 1
                sighting = make_sighting(
                    rng,
                    id=identifier,
                    first_seen_ms=first,
                    revision=revision,
                    camera=f"{box}-cam-{number % 3}",
                )
                rows.append((box, epoch, seq, sighting))
        seq += 1
        short = Embedding(space=sighting.embedding.space, scale=0.01, values=b"\1\2")
        rows.append((box, epoch, seq, make_sighting(rng, embedding=short)))
    return rows


def replay(
    keeping: Keeping, rows: list[tuple[str, UUID, int, Sighting]], rng: np.random.Generator
) -> None:
    shuffled = [rows[place] for place in rng.permutation(len(rows))]
    while shuffled:
        count = int(rng.integers(1, 40))
        batch, shuffled = shuffled[:count], shuffled[count:]
        keeping.send(*(received(s, seq, box=box, epoch=epoch) for box, epoch, seq, s in batch))


def test_a_day_replayed_three_times_shuffled_gives_the_same_state_byte_for_byte(
    keeping: Keeping,
    stack: LocalStack,
    central_template: str,
    tmp_path: Path,
    rng: np.random.Generator,
) -> None:
    rows, digests = a_day(rng), []
    name = f"replay_{uuid4().hex}"
    engine = make_engine(stack.database.create(name, template=central_template))
    other = open_keeping(engine, tmp_path / "other")
    for place, times in ((keeping, 3), (other, 1)):
        index = FlatIndex(tmp_path / f"index-{times}")
        follower = IndexFollower(place.engine, index, batch=37)
        for _ in range(times):
            replay(place, rows, rng)
            while follower.step():
                pass
            digests.append(digest(place, index))
        index.close()
    other.crops.close()
    engine.dispose()
    stack.database.drop(name)
    assert len(set(digests)) == 1
    assert keeping.count("quarantine") == 2
