"""Columns as text arrive in the database as what they were."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from central.db.arrays import plain, quoted

TEXTS = st.lists(st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8")))
ODD = ["", "NULL", "null", "{}", "a,b", '"', "\\", "\\\\n", " x ", "동선", "';--", None]


def test_any_text_comes_back(engine: Engine) -> None:
    query = text("SELECT CAST(:given AS text[])")
    with engine.connect() as connection:
        assert connection.execute(query, {"given": quoted(ODD)}).scalar_one() == ODD

        @given(TEXTS)
        @settings(deadline=None, max_examples=100)
        def check(texts: list[str | None]) -> None:
            assert connection.execute(query, {"given": quoted(texts)}).scalar_one() == texts

        check()


def test_plain_values_come_back(engine: Engine) -> None:
    ids = [UUID(int=1), None, UUID(int=1 << 127)]
    numbers = [0.1, -1e-300, 3.0, None]
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT CAST(:ids AS uuid[]), CAST(:numbers AS double precision[])"),
            {"ids": plain(ids), "numbers": plain(numbers)},
        ).one()
    assert list(found) == [ids, numbers]
