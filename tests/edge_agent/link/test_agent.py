"""A whole box on a real broker, its networks replaced by something that sees one walker."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from deploy.local.stack import LocalStack
from edge_agent.agent import Agent
from edge_agent.config import EdgeSettings
from edge_agent.loading import BoxModels
from edge_agent.reading import Readers
from edge_agent.status import AgentStatus, read_status
from models.attributes.colour_reader import ColourReader
from models.detection import Detection
from models.roles import Bounds
from shared.classes import ObjectClass
from shared.clock import SystemClock
from shared.geometry import Rect
from shared.messages import LateCrops, Message, Sighting, decode
from shared.pictures import Picture
from shared.topics import Lane
from tests.edge_agent.link.centre import TinyCentre
from tests.waiting import LONG_S

FRAMES = 30


class OneWalker:
    """Sees the bright rectangle of the pictures below."""

    def detect(self, picture: Picture) -> list[Detection]:
        columns = np.flatnonzero(picture.max(axis=(0, 2)) > 128)
        if not columns.size:
            return []
        where = Rect(float(columns[0]), 40.0, float(columns[-1] + 1), 220.0)
        return [Detection(where, ObjectClass.PERSON, 0.9)]

    def describe(self) -> str:
        return "walker@1 test/CPU/none"


class Same:
    """One direction for everybody."""

    space = "test"
    dimensions = 4
    bounds = Bounds(alike=0.55, unlike=0.3)

    def embed(self, crops: Sequence[Picture]) -> NDArray[np.float32]:
        return np.tile(np.array([1, 0, 0, 0], dtype=np.float32), (len(crops), 1))

    def describe(self) -> str:
        return "same@1 test/CPU/none"


MODELS = BoxModels(
    OneWalker(), {ObjectClass.PERSON: Same()}, Readers({ObjectClass.PERSON: ColourReader()})
)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    folder = tmp_path / "clip"
    folder.mkdir()
    noise = np.random.default_rng(1)
    for n in range(FRAMES):
        picture = np.zeros((240, 480, 3), dtype=np.uint8)
        left = 20 + 10 * n
        picture[40:220, left : left + 80] = noise.integers(130, 255, (180, 80, 3))
        Image.fromarray(picture).save(folder / f"{n:03}.png")
    return folder


@pytest.fixture
def centre(stack: LocalStack) -> Iterator[TinyCentre]:
    with TinyCentre(stack.broker.host, stack.broker.port) as running:
        yield running


def settings_of(stack: LocalStack, tmp_path: Path, **channel: object) -> EdgeSettings:
    return EdgeSettings.model_validate(
        {
            "box": {"name": f"box-{uuid4().hex[:12]}", "data_dir": tmp_path / "data"},
            "uplink": {"host": stack.broker.host, "port": stack.broker.port, "ack_silence_s": 1.0},
            "channels": [{"name": "gate", "camera": "cam-1", **channel}],
        }
    )


def agent_of(settings: EdgeSettings) -> Agent:
    return Agent(settings, MODELS, SystemClock(), random.Random(1))  # noqa: S311


def nothing(_: AgentStatus) -> None:
    pass


def test_a_clip_becomes_sightings_at_the_centre_and_the_agent_ends(
    stack: LocalStack, centre: TinyCentre, clip: Path, tmp_path: Path
) -> None:
    settings = settings_of(stack, tmp_path, source=str(clip))
    assert agent_of(settings).run(Event(), when_done=True, show=nothing) == []
    sightings = [decode(Sighting, payload) for payload in centre.rows.values()]
    assert {s.camera for s in sightings} == {"cam-1"}
    assert {s.revision for s in sightings} == {0, 1}
    status = read_status(settings.box.data_dir)
    assert status.outbox.rows == 0
    assert status.uplink.acked == len(sightings)
    assert status.channels[0].status == "ended"
    assert status.channels[0].frames == FRAMES
    centre.wait(lambda c: bool(c.states) and c.states[-1].status == "offline")
    assert centre.states[-1].models == {
        "detector": "walker@1",
        "person_embedder": "same@1",
        "person_attributes": "clothing-colours@1",
    }
    assert centre.states[-1].runtimes == {
        "detector": "test/CPU/none",
        "person_embedder": "test/CPU/none",
    }
    assert {name for s in sightings for name in s.attributes} == {"upper_colour", "lower_colour"}


def test_on_a_thin_line_pictures_follow_and_the_agent_ends_when_all_are_there(
    stack: LocalStack, centre: TinyCentre, clip: Path, tmp_path: Path
) -> None:
    settings = settings_of(stack, tmp_path, source=str(clip))
    uplink = settings.uplink.model_copy(update={"profile": "vectors-first"})
    thin = settings.model_copy(update={"uplink": uplink})
    assert agent_of(thin).run(Event(), when_done=True, show=nothing) == []
    lanes: dict[Lane, type[Message]] = {Lane.SIGHTING: Sighting, Lane.CROP: LateCrops}
    came = [decode(lanes[lane], payload) for _, lane, payload in centre.received]
    sightings = [message for message in came if isinstance(message, Sighting)]
    pictures = [p for message in came if isinstance(message, LateCrops) for p in message.pictures]
    assert {sighting.crop for sighting in sightings} == {None}
    newest = max((sighting.id, sighting.revision) for sighting in sightings)
    assert max((picture.id, picture.revision) for picture in pictures) == newest
    assert read_status(settings.box.data_dir).outbox.crops == 0


def test_stopping_sends_what_a_channel_still_holds(
    stack: LocalStack, centre: TinyCentre, clip: Path, tmp_path: Path
) -> None:
    settings = settings_of(stack, tmp_path, source=str(clip), realtime=True, loop=True)
    stop = Event()
    thread = Thread(target=lambda: agent_of(settings).run(stop, when_done=False, show=nothing))
    thread.start()
    centre.wait(lambda c: len(c.rows) >= 1)
    stop.set()
    thread.join(LONG_S)
    assert not thread.is_alive()
    assert {decode(Sighting, p).ended for p in centre.rows.values()} == {False, True}


def test_a_clip_that_is_none_fails_alone_and_by_name(
    stack: LocalStack, centre: TinyCentre, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video" * 100)
    settings = settings_of(stack, tmp_path, source=str(broken))
    assert agent_of(settings).run(Event(), when_done=True, show=nothing) == ["gate"]
    assert read_status(settings.box.data_dir).channels[0].status == "failed"
    centre.wait(lambda c: bool(c.states))


def test_a_full_disk_loses_sightings_counted_and_the_channel_goes_on(
    stack: LocalStack, centre: TinyCentre, clip: Path, tmp_path: Path
) -> None:
    settings = settings_of(stack, tmp_path, source=str(clip))
    agent = agent_of(settings)
    agent._outbox._db.execute("PRAGMA max_page_count = 1")
    assert agent.run(Event(), when_done=True, show=nothing) == []
    status = read_status(settings.box.data_dir)
    assert status.channels[0].frames == FRAMES
    assert status.outbox.failed > 0
    centre.wait(lambda c: bool(c.states))
    assert centre.rows == {}
