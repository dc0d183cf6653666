"""A database that stands still, and senders that do not: what waits is bounded, nothing is lost."""

from deploy.local.stack import LocalStack
from tests.central.fleet import RunningFleet, running_fleet
from tests.central.ingesting import running_ingest
from tests.central.keeping import Keeping
from tests.waiting import wait_until

WINDOW = 40
BOXES = 30


def assert_everything_is_kept_once(keeping: Keeping, fleet: RunningFleet) -> None:
    made = fleet.number("made")
    assert fleet.number("unanswered") == 0
    assert fleet.number("refused") == 0
    assert keeping.count("sightings") == fleet.number("objects")
    ledger = "SELECT sum(upper(r) - lower(r))::int FROM outbox_ledger, unnest(received) r"
    assert keeping.rows(ledger) == [(made,)]


def test_while_the_database_is_away_only_a_window_of_messages_waits(
    system_keeping: Keeping, stack: LocalStack
) -> None:
    with (
        running_ingest(system_keeping, stack.broker, window=WINDOW) as ingest,
        running_fleet(
            stack.broker, boxes=BOXES, cameras=BOXES, rate=300, seconds=6, start_within_s=0.2
        ) as fleet,
    ):
        # Not by what the fleet says once a second: most is to be made while the database is away.
        wait_until(lambda: system_keeping.count("sightings") > 0)
        stack.database.kill()
        try:
            wait_until(lambda: not ingest.health().ready)
            # Every box has its window out, which is twelve times what may wait here.
            wait_until(lambda: fleet.last.made >= BOXES * 16 + fleet.last.acked)
            assert ingest.health().figures["waiting"] <= WINDOW
        finally:
            stack.database.start()
        wait_until(lambda: ingest.health().ready)
    assert_everything_is_kept_once(system_keeping, fleet)


def test_boxes_whose_lines_all_break_and_come_back_lose_nothing(
    system_keeping: Keeping, stack: LocalStack
) -> None:
    with (
        running_ingest(system_keeping, stack.broker),
        running_fleet(
            stack.broker,
            boxes=100,
            cameras=200,
            rate=200,
            seconds=4,
            backlog=20,
            reconnect_within_s=3,
            start_within_s=1,
        ) as fleet,
    ):
        pass
    assert fleet.number("made") == 100 * 20 + 200 * 4
    assert_everything_is_kept_once(system_keeping, fleet)


def test_early_and_final_revisions_are_one_sighting_each(
    system_keeping: Keeping, stack: LocalStack
) -> None:
    with (
        running_ingest(system_keeping, stack.broker),
        running_fleet(
            stack.broker, boxes=10, cameras=20, rate=200, seconds=2, revisions=2, start_within_s=0.2
        ) as fleet,
    ):
        pass
    assert_everything_is_kept_once(system_keeping, fleet)
    final = system_keeping.rows("SELECT count(*) FROM sightings WHERE revision = 1 AND ended")
    assert final == [(fleet.number("made") // 2,)]
