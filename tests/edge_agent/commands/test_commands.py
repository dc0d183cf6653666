"""What the centre asks for is done, or the reason why not is said."""

import os
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest

from edge_agent.commands.service import MAX_ORDERS
from shared.messages import Reply, Upload, encode
from tests.edge_agent.commands.box import Box, clip, snapshot, upload_to
from tests.edge_agent.commands.tus import TinyUploads
from tests.edge_agent.recording.streams import STARTS_AT_MS, encode_numbered


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        pytest.param({"channel": "door"}, "no channel door", id="channel"),
        pytest.param(
            {"from_ms": STARTS_AT_MS + 60_000, "to_ms": STARTS_AT_MS + 61_000},
            "channel gate has no recording from 2026-07-20 00:01:00 to 2026-07-20 00:01:01 UTC; "
            "it is recorded from 2026-07-20 00:00:00 to 2026-07-20 00:00:07 UTC",
            id="time",
        ),
        pytest.param({"upload": upload_to(TinyUploads(1), "x", 1000)}, "over 1000", id="size"),
    ],
)
def test_what_cannot_be_done_is_said(
    box: Box, uploads: TinyUploads, wrong: dict[str, object], reason: str
) -> None:
    command = clip(uploads, **wrong)
    box.commands.clip(encode(command))
    box.work()
    (reply,) = box.line.replies
    assert (reply.id, reply.status) == (command.id, "failed")
    assert reason in str(reply.reason)
    assert not box.spool.file(command.id).exists()


@pytest.mark.parametrize("broken", ["shutil.disk_usage", "pathlib.Path.write_bytes"])
def test_a_disk_that_refuses_is_told_and_leaves_nothing_half_made(
    box: Box, uploads: TinyUploads, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(broken, refuse)
    command = snapshot(uploads)
    box.commands.snapshot(encode(command))
    box.work()
    assert [reply.status for reply in box.line.replies] == ["failed"]
    assert "Input/output error" in str(box.line.replies[0].reason)
    assert not box.spool.file(command.id).exists()


def test_a_clip_that_is_gone_when_it_is_cut_is_told(
    box: Box, uploads: TinyUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, stat = clip(uploads), Path.stat

    def refuse(path: Path, **more: bool) -> os.stat_result:
        if path == box.spool.file(command.id):
            raise OSError(5, "Input/output error")
        return stat(path, **more)

    monkeypatch.setattr("pathlib.Path.stat", refuse)
    box.commands.clip(encode(command))
    box.work()
    assert [reply.status for reply in box.line.replies] == ["failed"]
    assert not os.path.exists(box.spool.file(command.id))  # noqa: PTH110 - `Path` is broken here


def test_a_box_that_records_nothing_says_so_and_sends_snapshots(
    tmp_path: Path, uploads: TinyUploads
) -> None:
    box = Box(tmp_path, recording=False)
    box.commands.snapshot(encode(snapshot(uploads)))
    box.commands.clip(encode(clip(uploads)))
    box.work()
    assert "no picture of a video yet" in str(box.line.replies[0].reason)
    assert "no [recording]" in str(box.line.replies[1].reason)
    box.film(encode_numbered(tmp_path / "a.mp4", 2))
    box.commands.snapshot(encode(snapshot(uploads)))
    box.work()
    assert uploads.files["/snapshot"]
    box.uploader.close()


def test_a_clip_waits_until_its_end_is_written_but_not_for_ever(
    box: Box, uploads: TinyUploads
) -> None:
    assert box.recorder is not None
    box.recorder.ring.begin("gate", STARTS_AT_MS + 4_000)
    box.commands.clip(encode(clip(uploads)))
    box.commands.snapshot(encode(snapshot(uploads)))
    box.work()
    assert list(uploads.files) == ["/snapshot"]
    box.clock.advance(61)
    box.work()
    assert set(uploads.files) == {"/snapshot", "/clip"}


def test_the_same_command_again_is_the_same_upload_with_the_newer_token(
    box: Box, uploads: TinyUploads
) -> None:
    box.line.wait_s = 1.0
    command = clip(uploads)
    box.commands.clip(encode(command))
    box.work()
    newer = Upload(url=uploads.url("clip"), token="b" * 20, max_bytes=10_000_000)
    box.commands.clip(encode(command.model_copy(update={"upload": newer})))
    box.work()
    box.line.wait_s = 0.0
    box.work()
    assert [reply.status for reply in box.line.replies] == ["taken", "taken"]
    assert uploads.tokens == {f"Bearer {'b' * 20}"}


def test_a_command_that_waits_and_comes_again_is_done_once_with_the_newer_token(
    box: Box, uploads: TinyUploads
) -> None:
    command = snapshot(uploads)
    newer = Upload(url=uploads.url("snapshot"), token="b" * 20, max_bytes=10_000_000)
    box.commands.snapshot(encode(command))
    box.commands.snapshot(encode(command.model_copy(update={"upload": newer})))
    box.work()
    assert [reply.status for reply in box.line.replies] == ["taken"]
    assert uploads.tokens == {f"Bearer {'b' * 20}"}


def test_a_clip_asked_for_again_does_not_wait_longer_for_its_end(
    box: Box, uploads: TinyUploads
) -> None:
    assert box.recorder is not None
    box.recorder.ring.begin("gate", STARTS_AT_MS + 4_000)
    command = clip(uploads)
    for _ in range(3):
        box.commands.clip(encode(command))
        box.work()
        box.clock.advance(30.5)
    box.work()
    assert [reply.status for reply in box.line.replies] == ["taken"]


def test_commands_too_many_to_wait_are_left_without_a_word_and_cost_no_other(
    box: Box, uploads: TinyUploads
) -> None:
    box.line.wait_s = 1.0
    made = clip(uploads)
    box.commands.clip(encode(made))
    box.work()
    waiting = [snapshot(uploads) for _ in range(MAX_ORDERS)]
    for command in (*waiting, snapshot(uploads), waiting[0]):
        box.commands.snapshot(encode(command))
    box.commands.clip(encode(made))
    assert [reply.status for reply in box.line.replies] == ["taken"]
    assert box.spool.file(made.id).exists()
    box.work(turns=MAX_ORDERS)
    assert [reply.id for reply in box.line.replies[1:]] == [command.id for command in waiting]


@pytest.mark.parametrize(
    "payload", [b"", b"\xc1", b"\x80", encode(Reply(id=UUID(int=1), status="taken"))]
)
def test_what_is_no_command_is_ignored(box: Box, payload: bytes) -> None:
    box.commands.clip(payload)
    box.commands.snapshot(payload)
    box.work()
    assert box.line.replies == []


def test_it_ends_when_it_is_told_to(box: Box) -> None:
    stop = Event()
    stop.set()
    box.commands.run(stop)
