from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from geoalchemy2 import Geography, Geometry
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from central.db.engine import make_engine
from central.db.migrate import check_migrated, migrate
from central.db.tables import Xid8, metadata
from central.routes import repository as routes_table
from shared.errors import ConfigError, StorageError

_OLD_SIGHTING = """
INSERT INTO sightings (
    day, id, revision, ended, box, channel, camera, object_class, first_seen, last_seen, shot,
    frame_width, frame_height, rect, first_rect, last_rect, confidence, quality, detections,
    crops_used, space, vector_scale, vector, crop_width, crop_height, crop_bytes, message_bytes
) VALUES (
    '2026-07-20', gen_random_uuid(), 7, true, 'box-1', 'north', 'cam-1', 'person', '2026-07-20Z',
    '2026-07-20Z', '2026-07-20Z', 1280, 720, '{0,0,1,1}', '{0,0,1,1}', '{0,0,1,1}', 0.5, 0.5, 1,
    1, 'space', 1, '', 64, 64, 99, 999
)
"""


def test_programs_that_migrate_at_once_take_turns(database_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        revisions = list(pool.map(migrate, [database_url] * 3))
    assert len(set(revisions)) == 1
    engine = make_engine(database_url)
    check_migrated(engine)
    engine.dispose()


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
def test_sightings_from_before_crops_came_late_keep_theirs_and_are_not_written_anew(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade
    with monkeypatch.context() as before:
        before.setattr(command, "upgrade", lambda config, _: upgrade(config, "0002"))
        migrate(database_url)
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO cameras (id, name) VALUES ('cam-1', 'one')"))
        connection.execute(text(_OLD_SIGHTING))
        version = connection.execute(text("SELECT xmin::text FROM sightings")).scalar_one()
    migrate(database_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT xmin::text, crop_revision FROM sightings"))
        assert found.one() == (version, 0)
        left = inspect(connection).get_columns("sightings")
    assert {column["name"]: column["default"] for column in left}["crop_revision"] is None
    engine.dispose()


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
def test_the_tables_in_code_are_the_tables_in_the_database(engine: Engine) -> None:
    found = inspect(engine)
    for table in metadata.tables.values():
        columns = {column["name"]: column for column in found.get_columns(table.name)}
        assert list(columns) == [column.name for column in table.columns], table.name
        for column in table.columns:
            assert columns[column.name]["nullable"] == column.nullable, column
            if not isinstance(column.type, Geography | Geometry | Xid8):
                theirs = columns[column.name]["type"].compile(engine.dialect)
                assert column.type.compile(engine.dialect) == theirs, column
        key = found.get_pk_constraint(table.name)["constrained_columns"]
        assert key == [column.name for column in table.primary_key], table.name


def test_a_database_that_is_not_migrated_is_told_from_one_that_is_away(database_url: str) -> None:
    engine = make_engine(database_url)
    with pytest.raises(StorageError, match="run `dongseon central migrate`"):
        check_migrated(engine)
    engine.dispose()
    with pytest.raises(StorageError, match="cannot be migrated"):
        migrate("postgresql://nobody@127.0.0.1:1/none")


@pytest.mark.parametrize("url", ["mysql://a@b/c", "not a url", "sqlite://"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="database URL"):
        make_engine(url)


def test_a_route_whose_times_go_back_is_refused_by_the_database(engine: Engine) -> None:
    insert = text(
        "INSERT INTO route_paths (route, version, piece, from_stop, to_stop, path) "
        "SELECT route, version, 1, 1, 2, ST_GeomFromEWKT(:path) FROM route_versions"
    )
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO routes (id) VALUES (gen_random_uuid())"))
        connection.execute(
            text(
                "INSERT INTO route_versions (route, version, made_at, made_by, software, stops, "
                "legs) SELECT id, 1, now(), 'a test', '1', '[]', '[]' FROM routes"
            )
        )
        connection.execute(insert, {"path": "SRID=4326;LINESTRING M (127 37 1, 127.1 37 2)"})
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert, {"path": "SRID=4326;LINESTRING M (127 37 2, 127.1 37 1)"})


_OLD_ROUTE = """
INSERT INTO routes (id, name, stops, legs, path) VALUES (
    gen_random_uuid(), 'old',
    '[{"number": 1, "sighting_id": "019c1a2b-3c4d-7e5f-8a6b-7c8d9e0f1a2b", "camera": "a",
       "camera_name": "A", "position": {"lon": 127, "lat": 37}, "dwell_s": 5,
       "arrived": "2026-01-31T08:00:00.000Z", "shot": "2026-01-31T08:00:00.000Z",
       "left": "2026-01-31T08:00:05.000Z"},
      {"number": 2, "sighting_id": "019c1a2c-0000-7abc-9def-0123456789ab", "camera": "b",
       "camera_name": "B", "position": {"lon": 127.1, "lat": 37}, "dwell_s": 0,
       "arrived": "2026-01-31T08:30:00.000Z", "shot": "2026-01-31T08:30:00.000Z",
       "left": "2026-01-31T08:30:00.000Z"}]',
    '[{"from": 1, "to": 2, "distance_m": 8885.4, "duration_s": 1795, "overlap_s": 0,
       "speed_m_s": 4.9, "geometry": null}]',
    'SRID=4326;LINESTRING M (127 37 1, 127.1 37 2)'
)
"""


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
def test_a_route_from_before_versions_is_read_as_its_first_version(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade
    with monkeypatch.context() as before:
        before.setattr(command, "upgrade", lambda config, _: upgrade(config, "0013"))
        migrate(database_url)
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(_OLD_ROUTE))
    migrate(database_url)
    (listed,) = routes_table.page(engine, 10, None).items
    route = routes_table.get(engine, listed.id)
    assert (route.name, route.version, route.distance_m) == ("old", 1, 8885.4)
    assert [stop.clock_offset_s for stop in route.stops] == [None, None]
    assert [reason.code for reason in route.legs[0].reasons] == ["before_types"]
    with engine.connect() as connection:
        kept = connection.execute(
            text("SELECT version, piece, ST_M(ST_EndPoint(path)) FROM route_paths")
        )
        assert list(kept) == [(1, 1, 2)]
    engine.dispose()


def test_a_camera_with_sightings_cannot_be_deleted_behind_ingests_back(engine: Engine) -> None:
    foreign = inspect(engine).get_foreign_keys("sightings")
    assert [key["referred_table"] for key in foreign] == ["cameras"]
