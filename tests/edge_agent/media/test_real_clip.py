"""The whole channel on a real clip with the real models."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest

from edge_agent.config import ChannelSettings, CropSettings, TrackletSettings
from edge_agent.pipeline import ChannelParts
from edge_agent.reading import Readers
from edge_agent.tracker import TrackerSettings
from models.roles import LoadOptions, load_attributes, load_detector, load_embedder
from models.store import ModelStore
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.messages import Sighting, decode
from tests.edge_agent.media.running import run_channel

DETECTOR = "person-vehicle-bike-detection-2004"
VEHICLE_ATTRIBUTES = "vehicle-attributes-recognition-barrier-0039"
VEHICLE_EMBEDDER = "starter-vehicle-embedder"
EMBEDDER = "person-reidentification-retail-0287"
STARTS_AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.slow
def test_the_people_of_a_third_of_the_campus_clip_are_sent_once_each(
    vtest_avi: Path, model_mirror: Path, tmp_path: Path
) -> None:
    store = ModelStore(tmp_path)
    for name in (DETECTOR, EMBEDDER):
        store.pull(name, model_mirror)
    payloads: list[bytes] = []
    parts = ChannelParts(
        settings=ChannelSettings(
            name="left",
            camera="left",
            source=str(vtest_avi),
            crop=CropSettings(left=0, top=0, right=256, bottom=576),
            fps=5,
            starts_at=STARTS_AT,
        ),
        tracklet=TrackletSettings(min_width=20, min_height=48),
        detector=load_detector(DETECTOR, LoadOptions(store=store, score=TrackerSettings().low)),
        embedders={ObjectClass.PERSON: load_embedder(EMBEDDER, LoadOptions(store=store))},
        emit=lambda _lane, payload: payloads.append(payload),
        clock=SystemClock(),
    )
    counters = run_channel(parts)
    sightings = [decode(Sighting, payload) for payload in payloads]
    final = {sighting.id: sighting for sighting in sightings}
    # By eye: eleven or twelve people pass here, a few of them only half inside.
    assert 8 <= len(final) <= 15
    assert counters.sightings == len(final)
    assert all(sighting.ended for sighting in final.values())
    assert median(len(payload) for payload in payloads) <= 3 * 1024
    assert all(sighting.box.right <= 256.5 for sighting in sightings)
    assert len({(s.id, s.revision) for s in sightings}) == len(sightings)


def test_four_cars_of_a_car_park_are_four_vehicles_with_colours(
    shared_data: Path, model_mirror: Path, tmp_path: Path
) -> None:
    store = ModelStore(tmp_path)
    for name in (DETECTOR, VEHICLE_ATTRIBUTES):
        store.pull(name, model_mirror)
    options = LoadOptions(store=store)
    payloads: list[bytes] = []
    parts = ChannelParts(
        settings=ChannelSettings(
            name="park",
            camera="park",
            source=str(shared_data / "video/intel_car-detection.mp4"),
            fps=5,
            starts_at=STARTS_AT,
        ),
        tracklet=TrackletSettings(),
        detector=load_detector(DETECTOR, replace(options, score=TrackerSettings().low)),
        embedders={ObjectClass.VEHICLE: load_embedder(VEHICLE_EMBEDDER, options)},
        readers=Readers({ObjectClass.VEHICLE: load_attributes(VEHICLE_ATTRIBUTES, options)}),
        emit=lambda _lane, payload: payloads.append(payload),
        clock=SystemClock(),
    )
    run_channel(parts)
    final = [s for s in (decode(Sighting, payload) for payload in payloads) if s.ended]
    # By eye: white, pale green, red, white.
    colours = [s.attributes["vehicle_colour"].value for s in final]
    assert (len(colours), colours.count("red")) == (4, 1)
    assert colours.count("white") >= 2
    assert {s.object_class for s in final} == {ObjectClass.VEHICLE}
    assert median(len(payload) for payload in payloads) <= 3 * 1024
