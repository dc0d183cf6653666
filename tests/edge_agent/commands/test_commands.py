"""What the centre asks for is done, or the reason why not is said."""

import random
import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from uuid import UUID, uuid4

import pytest

from edge_agent.commands.maker import Maker
from edge_agent.commands.service import MAX_ORDERS, CommandParts, Commands
from edge_agent.commands.spool import Spool
from edge_agent.commands.upload import Uploader, UploadInterrupted, UploadRefused
from edge_agent.config import TlsSettings
from edge_agent.recording import ChannelTap, Recorder, RecordingSettings
from edge_agent.uplink.pace import BackOff
from shared.clock import ManualClock
from shared.messages import ClipCommand, Reply, SnapshotCommand, Upload, decode, encode
from tests.deploy.certificates import Authority, KeyPair
from tests.edge_agent.commands.tus import TinyUploads, tiny_uploads
from tests.edge_agent.recording.streams import (
    STARTS_AT_MS,
    encode_numbered,
    numbers,
    play,
    write_all,
)

TOKEN = "a-token-of-this-upload"  # noqa: S105 - a test's


class TestLine:
    """An uplink that has time when a test says so, and keeps the replies."""

    __test__ = False

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.wait_s = 0.0
        self.asked: list[int] = []

    def reply(self, payload: bytes) -> None:
        self.replies.append(decode(Reply, payload))

    def spare(self, size: int) -> float:
        self.asked.append(size)
        return self.wait_s


class Box:
    """A box that recorded seven seconds of its channel `gate`, and does one thing at a time."""

    def __init__(
        self, folder: Path, *, recording: bool = True, kbit_per_s: float | None = None
    ) -> None:
        self.clock = ManualClock(STARTS_AT_MS)
        self.recorder = (
            Recorder(folder / "ring", RecordingSettings(segment_s=2), self.clock)
            if recording
            else None
        )
        self.tap = ChannelTap("gate", self.recorder)
        self.line = TestLine()
        self.spool = Spool(folder / "uploads")
        self.uploader = Uploader(None)
        self.commands = Commands(
            CommandParts(
                maker=Maker({"gate": self.tap}, self.recorder, self.spool, self.clock),
                spool=self.spool,
                uploader=self.uploader,
                line=self.line,
                clock=self.clock,
                back_off=BackOff(1.0, 60.0, random.Random(1)),  # noqa: S311
                kbit_per_s=kbit_per_s,
            )
        )

    def film(self, source: Path) -> None:
        play(self.tap, source)
        if self.recorder:
            write_all(self.recorder)

    def work(self, turns: int = 100) -> None:
        """Do things until there is nothing to do, at most so many."""
        while turns > 0 and self.commands._turn() == 0:
            turns -= 1


@pytest.fixture
def uploads() -> Iterator[TinyUploads]:
    with tiny_uploads() as running:
        yield running


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path)
    box.film(encode_numbered(tmp_path / "a.mp4", 7, noisy=True))
    yield box
    box.uploader.close()


def clip(uploads: TinyUploads, **more: object) -> ClipCommand:
    fields: dict[str, object] = {
        "id": uuid4(),
        "channel": "gate",
        "from_ms": STARTS_AT_MS + 1_000,
        "to_ms": STARTS_AT_MS + 5_000,
        "upload": upload_to(uploads, "clip"),
    }
    return ClipCommand.model_validate(fields | more)


def snapshot(uploads: TinyUploads, channel: str = "gate") -> SnapshotCommand:
    return SnapshotCommand(id=uuid4(), channel=channel, upload=upload_to(uploads, "snapshot"))


def upload_to(uploads: TinyUploads, name: str, max_bytes: int = 10_000_000) -> Upload:
    return Upload(url=uploads.url(name), token=TOKEN, max_bytes=max_bytes)


def test_a_clip_is_uploaded_whole_and_nothing_of_it_stays(
    box: Box, uploads: TinyUploads, tmp_path: Path
) -> None:
    command = clip(uploads)
    box.commands.clip(encode(command))
    box.work()
    (reply,) = box.line.replies
    assert (reply.id, reply.status, reply.size) == (command.id, "taken", uploads.sizes["/clip"])
    assert reply.start_ms == STARTS_AT_MS + 1_000
    out = tmp_path / "clip.mp4"
    out.write_bytes(uploads.files["/clip"])
    assert next(iter(numbers(out).values())) == 25
    assert uploads.tokens == {f"Bearer {TOKEN}"}
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_snapshot_goes_before_the_rest_of_a_clip(box: Box, uploads: TinyUploads) -> None:
    box.commands.clip(encode(clip(uploads)))
    box.work(turns=3)
    box.commands.snapshot(encode(snapshot(uploads)))
    box.work()
    paths = [path for path, _ in uploads.pieces]
    assert paths.index("/snapshot") < len(paths) - 1
    assert paths[0] == paths[-1] == "/clip"
    assert uploads.files["/snapshot"][:2] == b"\xff\xd8"


def test_on_a_thin_line_pieces_are_small_and_wait_for_it(
    tmp_path: Path, uploads: TinyUploads
) -> None:
    box = Box(tmp_path, kbit_per_s=128)
    box.film(encode_numbered(tmp_path / "a.mp4", 7, noisy=True))
    box.commands.clip(encode(clip(uploads)))
    box.work()
    assert max(size for _, size in uploads.pieces) == 32_000
    assert sum(box.line.asked) > len(uploads.files["/clip"])
    box.line.wait_s = 5.0
    box.commands.snapshot(encode(snapshot(uploads)))
    box.work()
    assert "/snapshot" not in uploads.files
    box.uploader.close()


def test_a_centre_that_is_not_well_is_asked_again_later(box: Box, uploads: TinyUploads) -> None:
    uploads.answers = [503, 502]
    box.commands.clip(encode(clip(uploads)))
    for _ in range(3):
        box.work()
        box.clock.advance(61)
    assert len(uploads.files["/clip"]) == uploads.sizes["/clip"]
    assert [reply.status for reply in box.line.replies] == ["taken"]


def test_a_centre_that_refuses_is_left_alone_and_told(
    box: Box, uploads: TinyUploads, tmp_path: Path
) -> None:
    uploads.answers = [401]
    box.commands.clip(encode(clip(uploads)))
    box.work()
    assert [reply.status for reply in box.line.replies] == ["taken", "failed"]
    assert "answers 401" in str(box.line.replies[1].reason)
    assert list((tmp_path / "uploads").iterdir()) == []
    assert uploads.files == {}


def test_nobody_there_is_no_reason_to_give_up(tmp_path: Path, box: Box) -> None:
    nobody = TinyUploads(port=1)
    command = clip(nobody)
    box.commands.clip(encode(command))
    box.work()
    assert command.id in box.spool.jobs
    assert command.id in Spool(tmp_path / "uploads").jobs  # also after a restart


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


def test_commands_that_wait_already_wait_once(box: Box, uploads: TinyUploads) -> None:
    assert box.recorder is not None
    box.recorder.ring.begin("gate", STARTS_AT_MS + 4_000)
    command = clip(uploads)
    for _ in range(MAX_ORDERS + 1):  # asked again for half an hour, say
        box.commands.clip(encode(command))
    box.commands.snapshot(encode(snapshot(uploads)))
    box.clock.advance(61)
    box.work()
    assert [reply.status for reply in box.line.replies] == ["taken"] * 2


def test_nothing_is_said_of_commands_that_are_too_many_so_the_centre_asks_again(
    box: Box, uploads: TinyUploads
) -> None:
    box.line.wait_s = 1.0
    uploading = clip(uploads)
    box.commands.clip(encode(uploading))
    box.work()
    for _ in range(MAX_ORDERS):
        box.commands.snapshot(encode(snapshot(uploads)))
    box.commands.clip(encode(uploading))
    box.commands.snapshot(encode(snapshot(uploads)))
    assert [reply.status for reply in box.line.replies] == ["taken"]
    box.line.wait_s = 0.0
    box.work(1000)
    assert [reply.status for reply in box.line.replies] == ["taken"] * (MAX_ORDERS + 1)
    assert set(uploads.files) == {"/clip", "/snapshot"}


@pytest.mark.parametrize(
    "payload", [b"", b"\xc1", b"\x80", encode(Reply(id=UUID(int=1), status="taken"))]
)
def test_what_is_no_command_is_ignored(box: Box, payload: bytes) -> None:
    box.commands.clip(payload)
    box.commands.snapshot(payload)
    box.work()
    assert box.line.replies == []


def test_with_tls_nothing_goes_in_the_clear_or_to_strangers(box: Box, tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    mine, theirs = authority.issue("box-1"), authority.issue("centre")
    tls = TlsSettings(ca=authority.certificate, cert=mine.certificate, key=mine.key)
    with tiny_uploads(server_tls(authority, theirs)) as uploads:
        box.commands.clip(encode(clip(uploads)))
        box.commands._obey(box.commands._orders.popleft()[0])
        (job,) = box.spool.jobs.values()
        with closing(Uploader(tls)) as uploader:
            with pytest.raises(UploadRefused, match="is not https"):
                uploader.check(job.upload.model_copy(update={"url": "http://centre.example/1"}))
            uploader.check(job.upload)
            assert uploader.offset(job) == 0
            assert uploader.send(job, 0, b"abc") == 3
        strange = TlsSettings(ca=other.certificate, cert=mine.certificate, key=mine.key)
        with closing(Uploader(strange)) as uploader, pytest.raises(UploadInterrupted):
            uploader.offset(job)


def server_tls(authority: Authority, pair: KeyPair) -> ssl.SSLContext:
    """A server that lets in whom `authority` knows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(pair.certificate, pair.key)
    return context


def test_what_a_crash_left_half_made_is_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    left = uuid4()
    (folder / f"{left}.bin").write_bytes(b"half a clip")
    (folder / f"{left}.new").write_text("{")
    (folder / f"{uuid4()}.json").write_text('{"id": "none"}')
    assert Spool(folder).jobs == {}
    assert list(folder.iterdir()) == []


def test_it_ends_when_it_is_told_to(box: Box) -> None:
    stop = Event()
    stop.set()
    box.commands.run(stop)
