"""Importing, importing again, and what happens to the network in use when it goes wrong."""

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text

from central.db import locks
from central.errors import ConflictError
from central.roads import importing, standing, store, ways
from central.roads.alone import alone
from central.roads.errors import MapError
from central.roads.model import Mode, Trip
from shared.errors import StorageError
from tests.central.roads.town import BLOCK_M, TOWN, bring, place


def tables(engine: Engine) -> set[str]:
    query = text("SELECT tablename FROM pg_tables WHERE schemaname = 'roads'")
    with engine.connect() as connection:
        return set(connection.execute(query).scalars())


def test_the_standing_of_what_was_imported(engine: Engine) -> None:
    with engine.connect() as connection:
        assert standing.current(connection) is None
    network = bring(engine)
    with engine.connect() as connection:
        assert standing.current(connection) == network
    assert (network.name, network.nodes, network.edges) == ("town.osm", 9, 11)
    assert (network.stairs, network.tunnels) == (1, 1)
    bounds = network.bounds
    assert (bounds.west, bounds.south, bounds.east, bounds.north) == (127, -0.0005, 127.021, 0.001)
    joined = network.joined[Mode.WALK]
    assert (joined.nodes, joined.parts, joined.largest) == (9, 2, 7)
    assert network.fastest_m_s[Mode.DRIVE] == pytest.approx(40 / 3.6)
    straight = 2 + 1 + 2 + 1 + 1 + 2 + 1
    assert network.metres == pytest.approx((straight + 4 * 2**0.5) * BLOCK_M, rel=1e-4)


def test_a_second_import_takes_the_place_of_the_first_which_its_readers_still_have(
    engine: Engine,
) -> None:
    first = bring(engine)
    with engine.connect() as reader:
        assert standing.current(reader) == first
        second = bring(engine)
        there = text(f"SELECT count(*) FROM {store.edges_table(first.id)}")  # noqa: S608
        assert reader.execute(there).scalar_one() == 11
        assert standing.current(reader) == second
    third = bring(engine)
    kept = {f"{kind}_{each.id}" for kind in ("nodes", "edges") for each in (second, third)}
    assert tables(engine) == kept


def test_tables_that_somebody_reads_for_long_stay_until_the_next_import(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_PATIENCE", "50ms")
    first = bring(engine)
    with engine.connect() as reader:
        reader.execute(text(f"SELECT count(*) FROM {store.edges_table(first.id)}"))  # noqa: S608
        bring(engine)
        bring(engine)
        assert f"edges_{first.id}" in tables(engine)
    bring(engine)
    assert f"edges_{first.id}" not in tables(engine)


def test_a_broken_file_leaves_the_network_in_use(engine: Engine, tmp_path: Path) -> None:
    network = bring(engine)
    half = tmp_path / "half.osm"
    half.write_bytes(TOWN.read_bytes()[:-400])
    with pytest.raises(MapError):
        bring(engine, half)
    with engine.connect() as connection:
        assert standing.current(connection) == network
        (found,) = ways.find(connection, [Trip(place("A"), place("C"), Mode.WALK)])
    assert len(found) == 1


def test_an_import_that_fails_halfway_leaves_nothing(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = bring(engine)
    before = tables(engine)

    def fails(*_: object) -> None:
        raise psycopg.errors.DiskFull("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(importing, "_begin_to_use", fails)
        with pytest.raises(StorageError, match="cannot be kept: no space left"):
            bring(engine)
    assert tables(engine) == before
    with engine.connect() as connection:
        assert standing.current(connection) == network


def test_what_a_killed_import_left_goes_with_the_next(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE roads.nodes_4711 (id bigint)"))
    bring(engine)
    assert "nodes_4711" not in tables(engine)


def test_two_imports_do_not_run_at_once(engine: Engine) -> None:
    with (
        alone(engine, locks.STREETS, "a test"),
        pytest.raises(ConflictError, match="an import of streets is running already"),
    ):
        bring(engine)
    bring(engine)
