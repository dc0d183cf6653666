from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from geoalchemy2 import Geography, Geometry
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from central.db.engine import make_engine
from central.db.migrate import check_migrated, migrate
from central.db.tables import Xid8, metadata
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
        "INSERT INTO routes (id, stops, legs, path) VALUES "
        "(gen_random_uuid(), '[]', '[]', ST_GeomFromEWKT(:path))"
    )
    with engine.begin() as connection:
        connection.execute(insert, {"path": "SRID=4326;LINESTRING M (127 37 1, 127.1 37 2)"})
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert, {"path": "SRID=4326;LINESTRING M (127 37 2, 127.1 37 1)"})


def test_a_camera_with_sightings_cannot_be_deleted_behind_ingests_back(engine: Engine) -> None:
    foreign = inspect(engine).get_foreign_keys("sightings")
    assert [key["referred_table"] for key in foreign] == ["cameras"]
