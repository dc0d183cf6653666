"""Box and centre killed at any point: what was kept arrives, and has its effect once."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from central.crops.store import CropStore
from central.days import day_of
from central.db.engine import make_engine
from deploy.local.stack import LocalStack
from shared.ids import uuid7_ms
from tests.edge_agent.link.centre import TinyCentre
from tests.faults.edge_box import NOTES
from tests.faults.figures import FaultFigures
from tests.faults.lives import Program

_MOST = 10**9
_PATIENCE = 100
_ROUNDS = int(os.environ.get("DONGSEON_KILL_ROUNDS", "1000"))
# What is done to a sighting, one line each: nothing may be done twice.
_AUDIT = """
CREATE TABLE effects (id uuid, revision integer, crop_revision integer);
CREATE FUNCTION note_effect() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO effects VALUES (NEW.id, NEW.revision, NEW.crop_revision);
    RETURN NEW;
END $$;
CREATE TRIGGER effects AFTER INSERT OR UPDATE ON sightings
    FOR EACH ROW EXECUTE FUNCTION note_effect();
"""
_DOUBLED = (
    "SELECT count(*) FROM (SELECT FROM effects GROUP BY id, revision, crop_revision "
    "HAVING count(*) > 1) AS twice"
)


class Outcome(NamedTuple):
    """What is there when all is quiet. `repeated`: messages that came again, and were to."""

    kept: int
    lost: int
    doubled: int
    repeated: int


class Town:
    """A box and a centre's ingest, both to be killed, a real broker and database between."""

    def __init__(self, stack: LocalStack, engine: Engine, home: Path) -> None:
        broker = (stack.broker.host, str(stack.broker.port))
        url = engine.url.render_as_string(hide_password=False)
        self._home = home
        self._engine = engine
        self._name = f"box-{uuid4().hex[:12]}"
        self.box = Program("tests.faults.edge_box", str(home), *broker, self._name)
        self.centre = Program(
            "tests.faults.central_ingest", url, *broker, str(home), f"ingest-{uuid4().hex}"
        )
        self.centre.start()

    def close(self) -> None:
        self.box.close()
        self.centre.close()

    def suffer(self, rounds: int, fate: random.Random) -> None:
        """Kill box, centre or both in each round, at any point from their first instant.

        In every other round the box has kept something before, unless it waits for the centre.
        """
        self.box.start(str(_MOST))
        for number in range(rounds):
            if number % 2:
                self._let_it_write()
            Event().wait(fate.uniform(0.0, 0.3))
            victim = fate.random()
            if victim < 0.7:
                self.box.kill()
            if victim > 0.5:
                self.centre.kill()
                self.centre.start()
            if victim < 0.7:
                self.box.start(str(_MOST))
        self.box.kill()
        self.box.start("1")
        assert self.box.end() == 0, "the last life ends when the centre has everything"

    def _let_it_write(self) -> None:
        before = self._noted()
        for _ in range(_PATIENCE):
            if self._noted() > before:
                return
            Event().wait(0.02)

    def _noted(self) -> int:
        notes = self._home / NOTES
        return notes.stat().st_size if notes.exists() else 0

    def outcome(self, repeated: int) -> Outcome:
        noted = [UUID(line) for line in (self._home / NOTES).read_text().splitlines()]
        there = self._there()
        crops = CropStore(self._home / "crops")
        lost = [
            key
            for key in noted
            if key not in there or crops.get(day_of(uuid7_ms(key)), key) is None
        ]
        crops.close()
        return Outcome(len(noted), len(lost), self._count(_DOUBLED), repeated)

    def ledger(self) -> list[str]:
        """The rows that came, for each outbox there was."""
        query = text("SELECT received::text FROM outbox_ledger")
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def _there(self) -> set[UUID]:
        query = text("SELECT id FROM sightings WHERE crop_revision IS NOT NULL")
        with self._engine.connect() as connection:
            return set(connection.execute(query).scalars())

    def _count(self, query: str) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())


@pytest.fixture
def town(stack: LocalStack, central_database_url: str, tmp_path: Path) -> Iterator[Town]:
    engine = make_engine(central_database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(_AUDIT)
    made = Town(stack, engine, tmp_path)
    yield made
    made.close()
    engine.dispose()


def suffered(town: Town, stack: LocalStack, rounds: int) -> Outcome:
    fate = random.Random(7)  # noqa: S311 - the same kills each time
    with TinyCentre(stack.broker.host, stack.broker.port) as witness:
        witness.acks = False
        town.suffer(rounds, fate)
        return town.outcome(len(witness.received) - len(witness.rows))


def test_a_box_and_a_centre_killed_at_any_point_lose_and_double_nothing(
    town: Town, stack: LocalStack
) -> None:
    outcome = suffered(town, stack, 20)
    assert outcome.kept >= 10
    assert (outcome.lost, outcome.doubled) == (0, 0)
    assert len(town.ledger()) == 1
    assert town.ledger()[0].count("[") == 1, "every row came, without a hole"


@pytest.mark.faults
def test_a_thousand_kills_lose_and_double_nothing(
    town: Town, stack: LocalStack, fault_figures: FaultFigures
) -> None:
    outcome = suffered(town, stack, _ROUNDS)
    fault_figures.note(
        kill9_rounds=_ROUNDS,
        kill9_kept=outcome.kept,
        kill9_lost=outcome.lost,
        kill9_doubled=outcome.doubled,
        kill9_repeated=outcome.repeated,
    )
    assert outcome.repeated > 0, "nothing came twice, so nothing was proven"
    assert (outcome.lost, outcome.doubled) == (0, 0)
