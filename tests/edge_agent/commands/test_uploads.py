"""What was made reaches the centre: piece by piece, again after a break, or not at all."""

import json
import ssl
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from edge_agent.commands.spool import Spool
from edge_agent.commands.upload import Uploader, UploadInterrupted, UploadRefused
from edge_agent.config import TlsSettings
from shared.messages import encode
from tests.deploy.certificates import Authority, KeyPair
from tests.edge_agent.commands.box import TOKEN, Box, clip, snapshot
from tests.edge_agent.commands.tus import TinyUploads, tiny_uploads
from tests.edge_agent.recording.streams import STARTS_AT_MS, numbers


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
    tmp_path: Path, uploads: TinyUploads, film: Path
) -> None:
    box = Box(tmp_path, kbit_per_s=128)
    box.film(film)
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


def test_an_upload_that_breaks_off_holds_up_no_other(box: Box, uploads: TinyUploads) -> None:
    box.commands.snapshot(encode(snapshot(TinyUploads(port=1))))
    box.commands.clip(encode(clip(uploads)))
    box.work()
    assert len(uploads.files["/clip"]) == uploads.sizes["/clip"]
    assert len(box.spool.jobs) == 1


def test_an_upload_that_breaks_off_for_a_week_is_given_up_and_told(
    tmp_path: Path, box: Box
) -> None:
    command = snapshot(TinyUploads(port=1))
    box.commands.snapshot(encode(command))
    box.work()
    for days, status in ((6, "taken"), (2, "failed")):
        box.clock.advance(days * 86_400)
        box.work()
        assert box.line.replies[-1].status == status
    assert "breaks off for 7 days" in str(box.line.replies[-1].reason)
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_clock_that_jumps_costs_no_upload_that_goes(box: Box, uploads: TinyUploads) -> None:
    box.line.wait_s = 1.0
    box.commands.snapshot(encode(snapshot(uploads)))
    box.work()
    box.clock.set_wall(STARTS_AT_MS + 365 * 86_400_000)
    box.line.wait_s = 0.0
    box.work()
    assert [reply.status for reply in box.line.replies] == ["taken"]
    assert uploads.files["/snapshot"]


@pytest.mark.parametrize("left", [None, b"short"], ids=["gone", "cut short"])
def test_a_file_that_is_no_longer_whole_is_given_up_and_told(
    box: Box, uploads: TinyUploads, left: bytes | None
) -> None:
    command = snapshot(uploads)
    box.commands.snapshot(encode(command))
    box.work(turns=1)
    path = box.spool.file(command.id)
    path.unlink()
    if left is not None:
        path.write_bytes(left)
    box.work()
    assert [reply.status for reply in box.line.replies] == ["taken", "failed"]
    assert "its file" in str(box.line.replies[1].reason)
    assert box.spool.jobs == {}


@pytest.mark.parametrize(
    ("status", "offset", "then"),
    [
        pytest.param(409, None, "failed", id="a conflict that says not where to go on"),
        pytest.param(409, "0", "taken", id="a conflict that says it"),
        pytest.param(200, "99999999", "failed", id="more than there is"),
        pytest.param(200, "9" * 5_000, "taken", id="a number that is none"),
        pytest.param(204, "0", "taken", id="nothing is kept"),
        pytest.param(200, None, "taken", id="not a word"),
    ],
)
def test_an_answer_is_final_only_where_trying_again_changes_nothing(
    box: Box, uploads: TinyUploads, status: int, offset: str | None, then: str
) -> None:
    command = snapshot(uploads)
    box.commands.snapshot(encode(command))
    box.work(turns=2)
    uploads.says = (status, offset)
    box.work()
    assert box.line.replies[-1].status == then
    assert (command.id in box.spool.jobs) == (then == "taken")


def test_of_a_long_answer_the_beginning_is_read_and_nothing_is_unpacked(
    box: Box, uploads: TinyUploads
) -> None:
    uploads.answers, uploads.body = [200, 403], b"no " * 1_000_000
    box.commands.snapshot(encode(snapshot(uploads)))
    box.work()
    reason = str(box.line.replies[-1].reason)
    assert reason.endswith("answers 403: " + ("no " * 67)[:200])
    assert uploads.encodings == {"identity"}


def test_with_tls_nothing_goes_in_the_clear_or_to_strangers(box: Box, tmp_path: Path) -> None:
    authority, other = Authority(tmp_path), Authority(tmp_path, "other")
    mine, theirs = authority.issue("box-1"), authority.issue("centre")
    tls = TlsSettings(ca=authority.certificate, cert=mine.certificate, key=mine.key)
    with tiny_uploads(server_tls(authority, theirs)) as uploads:
        box.commands.clip(encode(clip(uploads)))
        box.commands._turn()
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


def test_what_an_earlier_version_left_to_upload_is_gone_on_with(tmp_path: Path, box: Box) -> None:
    box.commands.snapshot(encode(snapshot(TinyUploads(port=1))))
    box.work()
    (note,) = (tmp_path / "uploads").glob("*.json")
    note.write_text(json.dumps(json.loads(note.read_text()) | {"media_type": "image/jpeg"}))
    assert Spool(tmp_path / "uploads").jobs == box.spool.jobs
