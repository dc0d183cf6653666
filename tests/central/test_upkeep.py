"""What nobody waits for any more goes, and what waits for nothing any more is put in its place."""

from datetime import timedelta

import numpy as np
import pytest

from central import upkeep
from central.clips.store import ClipStore
from central.ingest import crops
from central.upkeep import Upkeep
from shared.errors import StorageError
from shared.messages import LateCrops, part_from_crop
from shared.pictures import encode_webp
from shared.topics import Lane
from tests.central.asking import Centre, centre, index
from tests.central.clips.asked import FILE, Upload, ask
from tests.central.keeping import NOON_MS, Keeping, received, utc
from tests.factories import make_id, make_sighting

__all__ = ["centre", "index"]

DAY = utc(NOON_MS).date()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(29)


def look(keeping: Keeping, store: ClipStore | None = None) -> None:
    """Look after everything, once."""
    clips = store or ClipStore(keeping.crops._root / "no clips")
    Upkeep(keeping.engine, keeping.crops, clips, keeping.clock, timedelta(days=30)).step()


def test_a_picture_and_its_sighting_committed_at_once_come_together(
    keeping: Keeping, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sighting, late = part_from_crop(make_sighting(rng, first_seen_ms=NOON_MS, revision=1))
    assert late is not None
    keeping.send(received(sighting, 1))
    with monkeypatch.context() as before:
        # As if the sighting was written, but by a transaction that is not committed yet.
        before.setattr(crops, "owners", lambda *_: {})
        keeping.send(received(late, 2, lane=Lane.CROP))
    assert keeping.count("early_crops") == 1
    monkeypatch.setattr(crops, "_PAGE", 1)
    others = [LateCrops(gone=[make_id(rng, NOON_MS)]) for _ in range(3)]
    keeping.send(*(received(other, seq, lane=Lane.CROP) for seq, other in enumerate(others, 3)))
    look(keeping)
    assert keeping.count("early_crops") == 3, "those without a sighting go on waiting"
    assert keeping.rows("SELECT crop_revision FROM sightings") == [(1,)]
    assert keeping.crops.get(DAY, sighting.id) == late.pictures[0].crop.data


def test_a_picture_whose_sighting_never_came_is_forgotten_after_a_week(
    keeping: Keeping, rng: np.random.Generator
) -> None:
    keeping.send(received(LateCrops(gone=[make_id(rng, NOON_MS)]), 1, lane=Lane.CROP))
    with keeping.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE early_crops SET received_at = '2026-07-20T12:00Z'")
    keeping.clock.advance(6.9 * 86_400)
    look(keeping)
    assert keeping.count("early_crops") == 1
    keeping.clock.advance(0.2 * 86_400)
    look(keeping)
    assert keeping.count("early_crops") == 0


def test_what_one_disk_refuses_keeps_nothing_else_from_being_looked_after(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = encode_webp(np.zeros((240, 320, 3), dtype=np.uint8))
    offered = centre.client.post("/api/v1/pictures", content=picture).json()
    centre.keeping.clock.advance(86_401)

    def broken(*_: object) -> int:
        raise StorageError("no space left on the disk")

    monkeypatch.setattr(upkeep, "keep_waiting", broken)
    monkeypatch.setattr(upkeep, "drop_waiting", broken)
    clips = ClipStore(centre.services.settings.clips_dir)
    here = Upkeep(
        centre.engine, centre.keeping.crops, clips, centre.keeping.clock, timedelta(days=30)
    )
    here.step()
    assert centre.keeping.count("query_pictures") == 0, offered["id"]
    assert not here.health().ready
    assert "crops_kept: no space left on the disk; crops_dropped" in here.health().detail
    monkeypatch.undo()
    here.step()
    assert here.health().ready


def test_a_clip_is_kept_for_its_days_and_can_be_asked_for_again(centre: Centre) -> None:
    old, store = ask(centre), ClipStore(centre.services.settings.clips_dir)
    Upload(centre, old).send(0, len(FILE))
    centre.keeping.clock.advance(29 * 86_400)
    look(centre.keeping, store)
    assert centre.get(f"/clips/{old['id']}")["state"] == "ready"
    new = ask(centre, to="2026-07-20T11:00:20Z")
    Upload(centre, new).send(0, len(FILE))
    centre.keeping.clock.advance(2 * 86_400)
    look(centre.keeping, store)
    expired = centre.get(f"/clips/{old['id']}")
    assert (expired["state"], expired["reason"]) == (
        "failed",
        "it was kept long enough, and deleted",
    )
    assert centre.client.get(f"/api/v1/clips/{new['id']}/file").content == FILE
    assert len(list(centre.services.settings.clips_dir.glob("*/*"))) == 1
    assert ask(centre)["id"] != old["id"]
    centre.keeping.clock.advance(31 * 86_400)
    look(centre.keeping, store)
    assert store.days() == []
