import numpy as np
import pytest
from structlog.testing import capture_logs

from edge_agent.reading import Readers, TrackletReader, Words
from edge_agent.tracklet.shots import Shot
from shared.classes import ObjectClass
from shared.geometry import Rect
from tests.edge_agent.media.readers import PLATE, Broken, Colours, Plates

PERSON, VEHICLE = ObjectClass.PERSON, ObjectClass.VEHICLE


def shot(level: int = 255, quality: float = 0.5, detail: int | None = None) -> Shot:
    picture = np.full((128, 64, 3), level, dtype=np.uint8)
    larger = None if detail is None else np.zeros((300, detail, 3), dtype=np.uint8)
    return Shot(picture, Rect(0, 0, 64, 128), 0, 0.0, 0.9, quality, detail=larger)


def reader_of(readers: Readers) -> tuple[TrackletReader, list[str]]:
    failures: list[str] = []
    return TrackletReader(readers, lambda: failures.append("failed")), failures


def test_the_three_best_crops_are_read_and_the_better_one_counts_more() -> None:
    colours = Colours()
    reader, _ = reader_of(Readers({PERSON: colours}))
    shots = [shot(0, 0.1), shot(255, 0.9), shot(0, 0.2), shot(255, 0.3)]
    words = reader.read(PERSON, shots)
    assert len(colours.crops) == 3
    colour = words.attributes["upper_colour"]
    assert colour.value == "white"
    assert colour.confidence == pytest.approx(1.2 / 1.4)
    assert words.models == {"attributes": "colours@1 none/CPU/exact"}


def test_a_crop_is_read_once_for_all_its_revisions() -> None:
    colours, plates = Colours(), Plates(PLATE)
    reader, _ = reader_of(Readers({VEHICLE: colours}, plates))
    shots = [shot(detail=300)]
    early = reader.read(VEHICLE, shots)
    assert reader.read(VEHICLE, shots) == early
    shots.append(shot(detail=301))
    reader.read(VEHICLE, shots)
    assert (len(colours.crops), plates.widths) == (2, [300, 301])


def test_plates_are_read_on_large_crops_of_vehicles_alone() -> None:
    plates = Plates(None, PLATE)
    reader, _ = reader_of(Readers(plates=plates))
    assert reader.read(VEHICLE, [shot()]).plate is None
    assert reader.read(PERSON, [shot(detail=400)]) == Words()
    assert plates.widths == []
    found = reader.read(VEHICLE, [shot(quality=0.9, detail=300), shot(quality=0.1, detail=400)])
    assert (found.plate, plates.widths) == ("12가3456", [300, 400])
    assert found.models == {"plate_reader": "plates@1 none/CPU/exact"}


def test_crops_that_contradict_each_other_leave_no_plate() -> None:
    other = PLATE._replace(text="34나5678")
    reader, _ = reader_of(Readers(plates=Plates(PLATE, other)))
    assert reader.read(VEHICLE, [shot(detail=300), shot(detail=300)]).plate is None


def test_a_class_without_reader_has_no_words() -> None:
    reader, _ = reader_of(Readers({PERSON: Colours()}))
    assert reader.read(VEHICLE, [shot()]) == Words()


def test_a_reader_that_fails_is_counted_each_time_and_told_once() -> None:
    plates = Plates(PLATE)
    reader, failures = reader_of(Readers({VEHICLE: Broken()}, plates))
    with capture_logs() as logs:
        first, second = (reader.read(VEHICLE, [shot(detail=300)]) for _ in range(2))
    assert (first.plate, first.attributes) == ("12가3456", {})
    assert second == Words(models={"plate_reader": "plates@1 none/CPU/exact"})
    assert len(failures) == 2
    assert [log["what"] for log in logs] == ["attributes"]
