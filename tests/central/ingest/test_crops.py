"""Pictures that follow their sightings: whatever comes first, both end up together."""

from itertools import permutations

import numpy as np
import pytest
from sqlalchemy import event

from central.ingest import crops
from central.ingest.received import Received
from shared.messages import Crop, LateCrop, LateCrops, Sighting, part_from_crop
from shared.topics import Lane
from tests.central.keeping import NOON_MS, OTHER_EPOCH, Keeping, received, utc
from tests.factories import make_crop, make_id, make_sighting

DAY = utc(NOON_MS).date()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(23)


def parted(rng: np.random.Generator, revisions: int = 1) -> list[tuple[Sighting, LateCrops]]:
    """One tracklet's revisions, each without its picture, and the pictures."""
    identifier = make_id(rng, NOON_MS)
    found = []
    for revision in range(revisions):
        crop = make_crop(rng, 64, 64 + 16 * revision)
        whole = make_sighting(
            rng, id=identifier, first_seen_ms=NOON_MS, revision=revision, crop=crop
        )
        sighting, late = part_from_crop(whole)
        assert late is not None
        found.append((sighting, late))
    return found


def kept(keeping: Keeping) -> list[tuple[object, ...]]:
    return keeping.rows("SELECT revision, crop_revision, crop_height, crop_gone FROM sightings")


@pytest.mark.parametrize("batches", ["together", "apart"])
def test_the_newest_picture_stays_with_the_newest_revision_in_whatever_order_they_come(
    keeping: Keeping, rng: np.random.Generator, batches: str
) -> None:
    for number, order in enumerate(permutations(range(4))):
        (early, early_crop), (final, final_crop) = parted(rng, 2)
        messages = [
            received(early, 4 * number + 1),
            received(early_crop, 4 * number + 2, lane=Lane.CROP),
            received(final, 4 * number + 3),
            received(final_crop, 4 * number + 4, lane=Lane.CROP),
        ]
        ordered = [messages[n] for n in order]
        for batch in [ordered] if batches == "together" else [[message] for message in ordered]:
            assert all(verdict.refusal is None for verdict in keeping.send(*batch))
        assert all(verdict.duplicate for verdict in keeping.send(*reversed(ordered)))
        assert keeping.crops.get(DAY, final.id) == final_crop.pictures[0].crop.data
    assert kept(keeping) == [(1, 1, 80, False)] * 24
    assert keeping.count("early_crops") == 0


def test_a_sighting_can_be_read_before_its_picture_is_there(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    ((sighting, late),) = parted(rng)
    keeping.send(received(sighting, 1))
    assert kept(keeping) == [(0, None, 0, False)]
    assert keeping.crops.get(DAY, sighting.id) is None
    changed = keeping.rows("SELECT change_xid::text FROM sightings")
    keeping.send(received(late, 2, lane=Lane.CROP))
    assert kept(keeping) == [(0, 0, 64, False)]
    assert keeping.rows("SELECT change_xid::text FROM sightings") == changed, (
        "a picture is no reason to index the vector again"
    )


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_picture_that_was_given_up_is_told_whatever_comes_first(
    keeping: Keeping, rng: np.random.Generator, order: tuple[int, ...]
) -> None:
    ((sighting, _),) = parted(rng)
    gone = received(LateCrops(gone=[sighting.id]), 2, lane=Lane.CROP)
    messages = [received(sighting, 1), gone]
    for number in order:
        keeping.send(messages[number])
    assert kept(keeping) == [(0, None, 0, True)]


def test_many_pictures_cost_as_many_statements_as_one(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    statements: list[str] = []

    def note(*said: object) -> None:
        statements.append(str(said[2]))

    event.listen(keeping.engine, "before_cursor_execute", note)
    counts = []
    for number, many in enumerate((1, 40)):
        pairs = [parted(rng)[0] for _ in range(2 * many)]
        there, early = pairs[:many], pairs[many:]
        keeping.send(
            *(received(one, 100 * number + seq) for seq, (one, _) in enumerate(there, start=1))
        )
        statements.clear()
        messages = [late for _, late in pairs]
        messages += [
            LateCrops(gone=[one.id for one, _ in there] + [make_id(rng, NOON_MS) for _ in early])
        ]
        keeping.send(
            *(
                received(late, 100 * number + 1000 + seq, lane=Lane.CROP)
                for seq, late in enumerate(messages)
            )
        )
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert keeping.rows("SELECT DISTINCT crop_revision, crop_gone FROM sightings") == [(0, True)]
    assert keeping.count("early_crops") == 2 * 41


def test_a_box_may_have_only_so_many_pictures_wait(
    keeping: Keeping, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crops, "MAX_WAITING", 3)
    (there, _), (its_sighting, its_crop) = parted(rng)[0], parted(rng)[0]
    keeping.send(received(its_sighting, 1))

    def two(seq: int, box: str = "box-1") -> Received:
        gone = LateCrops(gone=[make_id(rng, NOON_MS), make_id(rng, NOON_MS)])
        return received(gone, seq, box=box, lane=Lane.CROP)

    (verdict,) = keeping.send(two(2))
    assert verdict.refusal is None
    refused, others, crop, last = two(3), two(1, "box-2"), its_crop, LateCrops(gone=[there.id])
    verdicts = keeping.send(
        refused,
        others,
        received(crop, 4, lane=Lane.CROP),
        received(last, 5, lane=Lane.CROP),
    )
    (told,) = [verdict for verdict in verdicts if verdict.refusal]
    assert told.received is refused
    assert "wait for their sightings" in str(told.refusal)
    assert keeping.count("early_crops") == 5
    assert kept(keeping) == [(0, 0, 64, False)]


def test_a_picture_of_a_later_revision_is_there_though_an_earlier_one_was_given_up(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    (early, _), (final, late) = parted(rng, 2)
    keeping.send(received(early, 1), received(final, 2))
    keeping.send(received(late, 4, lane=Lane.CROP))
    keeping.send(received(LateCrops(gone=[early.id]), 3, lane=Lane.CROP))
    assert kept(keeping) == [(1, 1, 80, True)]


@pytest.mark.parametrize("first", ["sighting", "picture"])
def test_a_picture_of_another_box_never_gets_to_a_sighting(
    keeping: Keeping, rng: np.random.Generator, first: str
) -> None:
    ((sighting, late),) = parted(rng)
    theirs = received(late, 1, box="box-2", epoch=OTHER_EPOCH, lane=Lane.CROP)
    mine = received(sighting, 1)
    if first == "sighting":
        keeping.send(mine)
        (verdict,) = keeping.send(theirs)
        assert verdict.refusal == "the sighting's id belongs to another box"
    else:
        keeping.send(theirs)
        keeping.send(mine)
    assert kept(keeping) == [(0, None, 0, False)]
    assert keeping.crops.get(DAY, sighting.id) is None
    keeping.send(received(late, 2, lane=Lane.CROP))
    assert kept(keeping) == [(0, 0, 64, False)]


def test_a_revision_with_its_picture_after_one_without_brings_it(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    (early, _), (final, late) = parted(rng, 2)
    keeping.send(received(early, 1))
    whole = final.model_copy(update={"crop": late.pictures[0].crop})
    keeping.send(received(whole, 2))
    assert kept(keeping) == [(1, 1, 80, False)]
    assert keeping.crops.get(DAY, final.id) == late.pictures[0].crop.data


def test_what_is_no_picture_is_refused_and_kept_aside(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    ((sighting, _),) = parted(rng)
    wrong = Crop(width=64, height=64, data=b"not a picture" * 3)
    broken = LateCrops(pictures=[LateCrop(id=sighting.id, revision=0, crop=wrong)])
    keeping.send(received(sighting, 1))
    verdicts = keeping.send(
        received(broken, 2, lane=Lane.CROP),
        received(b"", 3, lane=Lane.CROP),
        received(b"\xc1", 4, lane=Lane.CROP),
        received(LateCrops(gone=[sighting.id]), None, lane=Lane.CROP),
    )
    assert all(verdict.refusal for verdict in verdicts)
    assert keeping.count("quarantine") == 4
    assert kept(keeping) == [(0, None, 0, False)]
