"""A plate that drives past a camera: the reader that comes along, through the whole channel."""

from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from edge_agent.config import ChannelSettings, TrackletSettings
from edge_agent.pipeline import ChannelParts
from edge_agent.reading import Readers
from models.detection import Detection
from models.roles import LoadOptions, load_network_plate_reader
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.geometry import Rect
from shared.messages import Sighting, decode
from shared.pictures import Picture
from tests.edge_agent.media.clips import ColourEmbedder, encode_clip
from tests.edge_agent.media.running import run_channel

SHEET = Path(__file__).parents[2] / "models/plates"
SIDE = 10
"""Plates of the sheet in a row, and rows."""

CAR, STEP = Rect(40, 60, 460, 360), 12
FRAMES = 12


class OneCar:
    """Sees the car of the clip, which is darker than the road."""

    def detect(self, picture: Picture) -> list[Detection]:
        columns = np.flatnonzero((picture[80] < 100).all(axis=1))
        where = Rect(float(columns[0]), CAR.top, float(columns[-1] + 1), CAR.bottom)
        return [Detection(where, ObjectClass.VEHICLE, 0.9)]

    def describe(self) -> str:
        return "car@1 none/CPU/exact"


def cells() -> list[Picture]:
    sheet = np.asarray(cv2.imread(str(SHEET / "sheet.webp")), dtype=np.uint8)
    return [cell for row in np.vsplit(sheet, SIDE) for cell in np.hsplit(row, SIDE)]


def scene(plate: Picture, number: int) -> Picture:
    """The road, and the car with its plate further right in each frame."""
    picture = np.full((400, 640, 3), 150, dtype=np.uint8)
    car = picture[60:360, 40 + STEP * number : 460 + STEP * number]
    car[:] = 70
    car[200:] = 40
    car[205:243, 140:265] = cv2.resize(plate, (125, 38))
    return picture


def test_the_plate_of_a_passing_car_is_in_its_sightings(tmp_path: Path) -> None:
    reader = load_network_plate_reader(
        "starter-plate-reader", None, LoadOptions(ModelStore(tmp_path))
    )
    sheet = cells()
    surest = int(np.argmax([one.confidence for one in reader.read_cuts(sheet)]))
    said = (SHEET / "sheet.csv").read_text(encoding="utf-8").split()[1 + surest]
    times = [number / 5 for number in range(FRAMES)]
    pictures = (scene(sheet[surest], number) for number in range(FRAMES))
    clip = encode_clip(tmp_path / "a.mp4", pictures, times)
    payloads: list[bytes] = []
    parts = ChannelParts(
        settings=ChannelSettings(
            name="gate",
            camera="gate",
            source=str(clip),
            starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        ),
        tracklet=TrackletSettings(),
        detector=OneCar(),
        embedders={ObjectClass.VEHICLE: ColourEmbedder()},
        readers=Readers(plates=reader),
        emit=lambda _lane, payload: payloads.append(payload),
        clock=SystemClock(),
    )
    run_channel(parts)
    final = decode(Sighting, payloads[-1])
    assert final.ended
    assert final.plate == said
    assert final.models["plate_reader"] == reader.describe()
    assert len(payloads[-1]) <= 3 * 1024
