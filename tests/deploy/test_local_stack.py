"""The local stack serves, survives crashes, and leaves nothing behind."""

import psycopg

from deploy.local.stack import LocalStack


def test_a_database_of_ones_own_has_postgis_and_pgrouting_at_hand(database_url: str) -> None:
    with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute("CREATE EXTENSION pgrouting")
        row = connection.execute("SELECT postgis_version(), pgr_version()").fetchone()

    assert row is not None
    assert row[0].startswith("3.")


def test_databases_do_not_see_each_other(stack: LocalStack) -> None:
    assert not stack.database.exists("one_of_two")
    stack.database.create("one_of_two")
    assert stack.database.exists("one_of_two")
    stack.database.drop("one_of_two")
    assert not stack.database.exists("one_of_two")
