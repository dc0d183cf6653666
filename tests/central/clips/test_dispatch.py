"""Boxes are asked until they have said something, over a real broker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from queue import Queue
from typing import Any
from uuid import UUID, uuid4

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from central.clips.dispatch import Dispatch, DispatchParts
from central.clips.store import ClipStore
from central.ingest import subscription
from central.ingest.broker import BrokerAddress
from central.ingest.consumer import Consumer
from deploy.local.broker import Broker
from deploy.local.stack import LocalStack
from shared.messages import ClipCommand, Command, Reply, SnapshotCommand, decode, encode
from shared.topics import Lane, Topic, command
from tests.central.asking import Centre
from tests.central.clips.asked import Upload, announce, ask
from tests.central.keeping import NOON_MS
from tests.waiting import LONG_S, wait_until


class AskedBox:
    """A box that keeps what it is told to do, and says what a test has it say."""

    def __init__(self, broker: Broker, name: str = "box-1") -> None:
        self.told: Queue[tuple[str, bytes]] = Queue()
        self._name = name
        subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        self._client.subscribe(command(name, "+"), qos=1)
        assert subscribed.wait(LONG_S)

    def clip(self) -> ClipCommand:
        """The next clip it is told to send."""
        topic, payload = self.told.get(timeout=LONG_S)
        assert topic == command(self._name, "clip")
        return decode(ClipCommand, payload)

    def say(self, told: Command | UUID, status: str = "taken", **more: object) -> None:
        """Reply."""
        identifier = told if isinstance(told, UUID) else told.id
        reply = Reply.model_validate({"id": identifier, "status": status, **more})
        self.publish(encode(reply))

    def publish(self, payload: bytes) -> None:
        """Say `payload` in the lane `reply`."""
        self._client.publish(str(Topic(self._name, Lane.REPLY)), payload, qos=1)

    def close(self) -> None:
        """Go away."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        self.told.put((message.topic, bytes(message.payload)))


@pytest.fixture
def box(stack: LocalStack) -> Iterator[AskedBox]:
    box = AskedBox(stack.broker)
    yield box
    box.close()


@pytest.fixture(autouse=True)
def dispatch(centre: Centre, stack: LocalStack) -> Iterator[Dispatch]:
    with running(centre, stack.broker) as dispatch:
        yield dispatch


@contextmanager
def running(centre: Centre, broker: Broker) -> Iterator[Dispatch]:
    clock = centre.keeping.clock
    address = BrokerAddress(broker.host, broker.port, f"clips-{uuid4().hex}")
    dispatch = Dispatch(
        DispatchParts(
            engine=centre.engine,
            store=ClipStore(centre.services.settings.clips_dir),
            consumer=Consumer(address, clock, 100, subscription.plain(Lane.REPLY)),
            clock=clock,
            upload_url="https://centre.example",
            max_bytes=1_000_000,
            patience=timedelta(hours=24),
        )
    )
    stop = threading.Event()
    thread = threading.Thread(target=dispatch.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: dispatch.health().ready)
        yield dispatch
    finally:
        stop.set()
        thread.join(LONG_S)
        assert not thread.is_alive(), "the dispatch does not stop"


def wait_for(centre: Centre, clip: dict[str, Any], state: str) -> dict[str, Any]:
    wait_until(lambda: centre.get(f"/clips/{clip['id']}")["state"] == state)
    return centre.get(f"/clips/{clip['id']}")


def test_a_box_is_told_what_to_send_and_where_to(centre: Centre, box: AskedBox) -> None:
    clip = ask(centre)
    told = box.clip()
    assert str(told.id) == clip["id"]
    assert (told.from_ms, told.to_ms) == (NOON_MS - 3_600_000, NOON_MS - 3_570_000)
    assert told.upload.url == f"https://centre.example/api/v1/uploads/{clip['id']}"
    assert told.upload.token == Upload(centre, clip).token
    assert told.upload.max_bytes == 1_000_000
    box.say(told, size=5000, start_ms=NOON_MS - 3_601_000, end_ms=NOON_MS - 3_569_000)
    uploading = wait_for(centre, clip, "uploading")
    assert (uploading["size"], uploading["progress"]) == (5000, 0.0)
    wait_until(lambda: centre.get(f"/clips/{clip['id']}")["starts"] is not None)
    assert centre.get(f"/clips/{clip['id']}")["starts"] == "2026-07-20T10:59:59.000Z"
    centre.post("/snapshots", {"camera": "cam-1"}, 202)
    topic, payload = box.told.get(timeout=LONG_S)
    assert (topic, decode(SnapshotCommand, payload).channel) == (
        command("box-1", "snapshot"),
        "north",
    )


def test_a_box_that_is_away_is_asked_when_it_is_back(centre: Centre, box: AskedBox) -> None:
    announce(centre)
    window = {"from": "2026-07-20T11:00:00Z", "to": "2026-07-20T11:00:30Z"}
    with centre.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE boxes SET status = 'offline'")
    clip = centre.post("/clips", {"camera": "cam-1", **window}, 202)
    threading.Event().wait(1.5)
    assert box.told.empty()
    announce(centre)
    assert str(box.clip().id) == clip["id"]


def test_a_box_that_says_nothing_is_asked_again(centre: Centre, box: AskedBox) -> None:
    clip = ask(centre)
    first = box.clip()
    centre.keeping.clock.advance(31)
    assert box.clip() == first
    box.say(first)
    wait_for(centre, clip, "uploading")
    centre.keeping.clock.advance(31)
    threading.Event().wait(1.5)
    assert box.told.empty()
    centre.keeping.clock.advance(601)  # nothing more came: its agent may have lost it
    assert box.clip() == first


def test_a_clip_that_nobody_can_be_asked_for_has_failed_and_holds_up_no_other(
    centre: Centre, box: AskedBox
) -> None:
    announce(centre)
    with centre.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO clips (id, day, kind, box, channel, camera, from_at, to_at, asked_at, "
            "token) VALUES (gen_random_uuid(), '1969-12-31', 'clip', 'box-1', 'north', 'cam-1', "
            "'1969-12-31T00:00:00Z', '1969-12-31T00:00:09Z', '2026-07-20T11:59:59Z', "
            "'0123456789abcdef')"
        )
    clip = ask(centre)
    assert str(box.clip().id) == clip["id"]
    failed = "SELECT reason FROM clips WHERE state = 'failed'"
    wait_until(lambda: bool(centre.keeping.rows(failed)))
    ((reason,),) = centre.keeping.rows(failed)
    assert "from_ms" in str(reason)


def test_what_a_box_cannot_do_is_told(centre: Centre, box: AskedBox) -> None:
    clip = ask(centre)
    box.say(box.clip(), "failed", reason="nothing is\x00 recorded")
    assert wait_for(centre, clip, "failed")["reason"] == "nothing is? recorded"
    assert ask(centre)["id"] != clip["id"]


def test_what_a_box_gives_up_halfway_is_deleted(centre: Centre, box: AskedBox) -> None:
    clip = ask(centre)
    told = box.clip()
    Upload(centre, clip).send(0, 100)
    assert list(centre.services.settings.clips_dir.glob("*/*"))
    box.say(told, "failed", reason="the disk broke")
    wait_for(centre, clip, "failed")
    wait_until(lambda: not list(centre.services.settings.clips_dir.glob("*/*")))


def test_what_boxes_say_while_the_database_refuses_is_written_when_it_does_not(
    centre: Centre, box: AskedBox, dispatch: Dispatch
) -> None:
    clip = ask(centre)
    told = box.clip()
    with centre.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE clips RENAME TO away")
    for _ in range(120):  # more than the broker hands out before it is answered
        box.say(told, size=5000)
    wait_until(lambda: "refuses" in dispatch.health().detail)
    with centre.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO clips")
    assert wait_for(centre, clip, "uploading")["size"] == 5000
    box.say(told, "failed", reason="heard after all")
    assert wait_for(centre, clip, "failed")["reason"] == "heard after all"


def test_one_box_does_not_speak_for_another(
    centre: Centre, box: AskedBox, stack: LocalStack
) -> None:
    clip = ask(centre)
    told = box.clip()
    stranger = AskedBox(stack.broker, "box-2")
    stranger.say(told, "failed", reason="mine now")
    stranger.publish(b"no reply")
    stranger.say(uuid4(), "failed")
    box.say(told)
    assert wait_for(centre, clip, "uploading")["reason"] is None
    stranger.close()


def test_a_late_word_does_not_undo_what_is_here(centre: Centre, box: AskedBox) -> None:
    clip = ask(centre)
    told = box.clip()
    upload = Upload(centre, clip)
    upload.send(0, len(upload.file))
    box.say(told, "failed", reason="too late")
    box.say(told, size=1, start_ms=NOON_MS, end_ms=NOON_MS + 1)
    wait_until(lambda: centre.get(f"/clips/{clip['id']}")["starts"] is not None)
    ready = centre.get(f"/clips/{clip['id']}")
    assert (ready["state"], ready["size"], ready["reason"]) == ("ready", len(upload.file), None)


def test_what_nobody_hears_of_for_a_day_has_failed(centre: Centre, box: AskedBox) -> None:
    clip = ask(centre)
    Upload(centre, clip).send(0, 100)
    centre.keeping.clock.advance(86_401)
    assert "nothing came for 1 day" in wait_for(centre, clip, "failed")["reason"]
    wait_until(lambda: not list(centre.services.settings.clips_dir.glob("*/*")))
    assert Upload(centre, clip).held().status_code == 410
