"""A search that is too wide is ended, and says how to ask instead."""

import pytest
from sqlalchemy import Engine, text

from central.search.database import blocks, vectors_in
from central.search.patience import SearchTooLong, in_time, limited
from shared.clock import ManualClock, SystemClock
from tests.central.asking import Centre
from tests.factories import SPACE, dimensions
from tests.waiting import LONG_S


def test_a_statement_that_takes_too_long_is_ended(engine: Engine) -> None:
    short = limited(engine, 0.1, SystemClock())
    with (
        pytest.raises(SearchTooLong, match="name a window"),
        in_time(0.1),
        short.connect() as connection,
    ):
        connection.execute(text("SELECT pg_sleep(20)"))
    with engine.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar() == "0"


def test_a_scan_that_takes_too_long_is_ended_between_its_blocks(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("central.search.database._BLOCK", 1)
    for _ in range(3):
        centre.sighting()
    clock = ManualClock(0)
    scan = blocks(limited(centre.engine, 10, clock), vectors_in(SPACE, dimensions(SPACE)))
    assert len(next(scan)) == 1
    clock.advance(9)
    assert len(next(scan)) == 1
    clock.advance(2)
    with pytest.raises(SearchTooLong):
        next(scan)


def test_who_asks_is_told_to_name_a_window_or_cameras(centre: Centre) -> None:
    vars(centre.services)["searching"] = limited(centre.engine, 0.2, SystemClock())
    with centre.engine.begin() as connection:
        connection.execute(text("LOCK TABLE sightings IN ACCESS EXCLUSIVE MODE"))
        problem = centre.post("/search", {}, 422)
    assert "name a window (from, to) or cameras" in problem["detail"]
    # Who may wait longer, on the connections that were used before, is answered.
    vars(centre.services)["searching"] = limited(centre.engine, LONG_S, SystemClock())
    assert centre.post("/search", {})["candidates"] == []
