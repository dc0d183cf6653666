import numpy as np
import pytest

from central.ingest.writer import Verdict
from shared.clock import MS_PER_DAY
from shared.messages import Crop, Embedding, encode
from shared.topics import Lane
from tests.central.keeping import NOON_MS, OTHER_EPOCH, Keeping, received, utc
from tests.factories import MORNING_MS, crop_of, make_crop, make_id, make_sighting


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def only(verdicts: list[Verdict]) -> Verdict:
    (verdict,) = verdicts
    return verdict


def test_a_sighting_becomes_a_row_a_crop_and_a_camera(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    sighting = make_sighting(rng, first_seen_ms=NOON_MS + 123)
    message = received(sighting, 1)
    assert only(keeping.send(message)) == Verdict(message)
    row = keeping.rows(
        "SELECT id, box, camera, first_seen, rect, vector, attributes, message_bytes, "
        "clock_offset_ms, tableoid::regclass::text FROM sightings"
    )
    assert row == [
        (
            sighting.id,
            "box-1",
            "cam-1",
            utc(NOON_MS + 123),
            list(sighting.box),
            sighting.embedding.values,
            {"upper_colour": {"value": "red", "confidence": 0.5}},
            len(message.payload),
            1.5,
            "sightings_20260720",
        )
    ]
    day = utc(NOON_MS).date()
    assert keeping.crops.get(day, sighting.id) == crop_of(sighting).data
    assert keeping.rows("SELECT id, name, box, position FROM cameras") == [
        ("cam-1", "cam-1", "box-1", None)
    ]
    assert keeping.rows("SELECT last_heard FROM boxes") == [(utc(NOON_MS),)]


def test_the_same_outbox_row_again_is_acknowledged_and_changes_nothing(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    message = received(make_sighting(rng), 1)
    assert sorted(v.duplicate for v in keeping.send(message, message)) == [False, True]
    assert only(keeping.send(message)).duplicate
    assert keeping.count("sightings") == 1
    assert keeping.rows("SELECT received::text FROM outbox_ledger") == [("{[1,2)}",)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("batches", ["together", "apart"])
def test_the_highest_revision_stays_in_whatever_order_they_come(
    keeping: Keeping, rng: np.random.Generator, order: tuple[int, ...], batches: str
) -> None:
    identifier = make_id(rng, NOON_MS)
    revisions = [
        make_sighting(
            rng,
            id=identifier,
            first_seen_ms=NOON_MS,
            revision=n,
            crop=make_crop(rng, 64, 64 + 16 * n),
        )
        for n in range(3)
    ]
    messages = [received(revisions[n], n + 1) for n in order]
    verdicts = (
        keeping.send(*messages)
        if batches == "together"
        else [verdict for message in messages for verdict in keeping.send(message)]
    )
    assert all(v.refusal is None and not v.duplicate for v in verdicts)
    assert keeping.rows("SELECT revision, vector, crop_height FROM sightings") == [
        (2, revisions[2].embedding.values, 96)
    ]
    assert keeping.crops.get(utc(NOON_MS).date(), identifier) == crop_of(revisions[2]).data


def test_an_equal_revision_does_not_replace(keeping: Keeping, rng: np.random.Generator) -> None:
    first = make_sighting(rng, first_seen_ms=NOON_MS)
    second = first.model_copy(update={"channel": "south"})
    keeping.send(received(first, 1))
    assert only(keeping.send(received(second, 2))).refusal is None
    assert keeping.rows("SELECT channel FROM sightings") == [("north",)]


def test_a_camera_of_another_box_is_refused(keeping: Keeping, rng: np.random.Generator) -> None:
    keeping.send(received(make_sighting(rng), 1))
    verdict = only(keeping.send(received(make_sighting(rng), 1, box="box-2", epoch=OTHER_EPOCH)))
    assert verdict.refusal == "camera cam-1 is registered to another box"
    assert keeping.count("sightings") == 1
    assert keeping.rows("SELECT box, lane, epoch, seq, reason FROM quarantine") == [
        ("box-2", "sighting", OTHER_EPOCH, 1, verdict.refusal)
    ]
    again = received(make_sighting(rng), 1, box="box-2", epoch=OTHER_EPOCH)
    assert only(keeping.send(again)).duplicate


def test_a_camera_without_a_box_takes_from_any(keeping: Keeping, rng: np.random.Generator) -> None:
    with keeping.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO cameras (id, name) VALUES ('cam-1', 'Gate')")
    verdicts = keeping.send(
        received(make_sighting(rng), 1),
        received(make_sighting(rng), 1, box="box-2", epoch=OTHER_EPOCH),
    )
    assert all(verdict.refusal is None for verdict in verdicts)
    assert keeping.rows("SELECT name, box FROM cameras") == [("Gate", None)]


@pytest.mark.parametrize("batches", ["together", "apart"])
def test_another_box_cannot_replace_a_sighting_or_its_crop(
    keeping: Keeping, rng: np.random.Generator, batches: str
) -> None:
    mine = make_sighting(rng, first_seen_ms=NOON_MS)
    theirs = mine.model_copy(
        update={"revision": 9, "camera": "cam-2", "crop": make_crop(rng, 64, 64)}
    )
    messages = [received(mine, 1), received(theirs, 1, box="box-2", epoch=OTHER_EPOCH)]
    verdicts = (
        keeping.send(*messages)
        if batches == "together"
        else keeping.send(messages[0]) + keeping.send(messages[1])
    )
    assert [v.refusal for v in verdicts] == [None, "the sighting's id belongs to another box"]
    assert keeping.rows("SELECT box, revision FROM sightings") == [("box-1", 1)]
    assert keeping.crops.get(utc(NOON_MS).date(), mine.id) == crop_of(mine).data


@pytest.mark.parametrize("offset_days", [-20_000, -401, 3, 30_000])
def test_a_box_with_a_dead_clock_loses_nothing_and_makes_no_table(
    keeping: Keeping, rng: np.random.Generator, offset_days: int
) -> None:
    first = NOON_MS + offset_days * MS_PER_DAY
    sighting = make_sighting(rng, first_seen_ms=max(first, 0))
    assert only(keeping.send(received(sighting, 1))).refusal is None
    assert keeping.rows("SELECT tableoid::regclass::text FROM sightings") == [
        ("sightings_default",)
    ]
    assert keeping.crops.get(utc(sighting.first_seen_ms).date(), sighting.id)
    assert keeping.crops.days() == []


def test_rows_of_a_day_that_was_in_the_future_move_to_their_table_when_it_comes(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    tomorrow = NOON_MS + 5 * MS_PER_DAY
    keeping.send(received(make_sighting(rng, first_seen_ms=tomorrow), 1))
    keeping.clock.set_wall(tomorrow)
    late = make_sighting(rng, first_seen_ms=tomorrow)
    keeping.send(received(late, 2))
    tables = keeping.rows("SELECT DISTINCT tableoid::regclass::text FROM sightings")
    assert tables == [("sightings_20260725",)]
    assert keeping.count("sightings") == 2
    keeping.send(received(late.model_copy(update={"revision": 2}), 3))
    assert keeping.count("sightings") == 2


def test_what_only_the_database_cannot_keep_is_found_and_refused_alone(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    # Too small for a 32-bit float, which only PostgreSQL notices.
    poison = make_sighting(rng, confidence=1e-300)
    good = [received(make_sighting(rng), seq) for seq in range(2, 9)]
    verdicts = keeping.send(*good[:3], received(poison, 1), *good[3:])
    refused = [verdict for verdict in verdicts if verdict.refusal is not None]
    assert len(verdicts) == 8
    assert [verdict.received.outbox for verdict in refused] == [received(poison, 1).outbox]
    assert keeping.count("sightings") == 7
    assert keeping.count("quarantine") == 1


def _bomb() -> bytes:
    # The header of a 16383 x 16383 extended WebP: 30 bytes that announce a gigabyte of pixels.
    size = (16_382).to_bytes(3, "little")
    body = b"WEBPVP8X" + (10).to_bytes(4, "little") + b"\0\0\0\0" + size + size
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def test_a_crop_that_is_not_what_it_says_is_refused(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    good = make_crop(rng)
    crops = [
        Crop(width=1000, height=1000, data=_bomb()),
        Crop(width=64, height=128, data=b"\x89PNG\r\n\x1a\n" + bytes(40)),
        Crop(width=64, height=128, data=good.data[:100]),
        Crop(width=128, height=64, data=good.data),
    ]
    for seq, crop in enumerate(crops, start=1):
        verdict = only(keeping.send(received(make_sighting(rng, crop=crop), seq)))
        assert verdict.refusal is not None
        assert verdict.refusal.startswith("the crop")
    assert keeping.count("sightings") == 0
    assert keeping.count("quarantine") == len(crops)


def test_a_vector_of_the_wrong_length_or_space_is_refused(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    good = make_sighting(rng).embedding
    embeddings = [
        Embedding(space=good.space, scale=good.scale, values=good.values[:-1]),
        Embedding(space="nobody-knows", scale=good.scale, values=good.values),
        Embedding(space=good.space, scale=good.scale, values=bytes(len(good.values))),
        Embedding(space=good.space, scale=1e300, values=good.values),
    ]
    verdicts = keeping.send(
        *(received(make_sighting(rng, embedding=e), seq) for seq, e in enumerate(embeddings, 1))
    )
    assert all(verdict.refusal is not None for verdict in verdicts)
    assert keeping.count("quarantine") == len(embeddings)


def test_payloads_that_are_not_sightings_are_quarantined_as_they_came(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    good = encode(make_sighting(rng))
    nested = b"\x91" * 5000 + b"\xc0"
    lying = b"\xdf\xff\xff\xff\xff" + good[1:]
    future = encode(make_sighting(rng, v=2))
    payloads = [b"", good[:-10], good + bytes(300_000), nested, lying, future, b"\xc1", b"\x93abc"]
    verdicts = keeping.send(*(received(p, seq) for seq, p in enumerate(payloads, start=1)))
    assert all(verdict.refusal for verdict in verdicts)
    kept = keeping.rows("SELECT payload FROM quarantine ORDER BY seq")
    assert [bytes(payload) for (payload,) in kept] == payloads  # type: ignore[call-overload]


def test_a_sighting_that_names_no_outbox_row_is_quarantined(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    verdict = only(keeping.send(received(make_sighting(rng), None)))
    assert verdict.refusal == "a sighting without the user property `outbox`"
    assert keeping.rows("SELECT epoch, seq FROM quarantine") == [(None, None)]


def test_a_refusal_never_prints_what_a_box_made_up(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    embedding = make_sighting(rng).embedding.model_copy(update={"space": "a\x1b[31m\n" + "b" * 60})
    verdict = only(keeping.send(received(make_sighting(rng, embedding=embedding), 1)))
    assert verdict.refusal is not None
    assert verdict.refusal.isprintable()


def test_a_sighting_of_more_than_a_day_is_refused(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    long = make_sighting(rng, first_seen_ms=MORNING_MS, last_seen_ms=MORNING_MS + MS_PER_DAY + 1)
    assert only(keeping.send(received(long, 1))).refusal is not None


def test_the_gaps_of_an_outbox_can_be_read_from_its_ledger(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    keeping.send(*(received(make_sighting(rng), seq) for seq in (5, 1, 2, 9)))
    keeping.send(received(make_sighting(rng), 3))
    assert keeping.rows("SELECT received::text FROM outbox_ledger") == [("{[1,4),[5,6),[9,10)}",)]


def test_an_empty_message_on_the_state_lane_is_nothing(keeping: Keeping) -> None:
    message = received(b"", None, lane=Lane.STATE)
    assert only(keeping.send(message)).refusal is None
    assert keeping.count("quarantine") == 0
