import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.site.album import Album, Pictures
from models.site.fingerprint import fingerprint
from models.site.folder import cost
from models.site.layout import MANIFEST, Limits, frame_name, read_records
from models.site.record import FrameRecord
from shared.clock import ManualClock
from shared.errors import ConfigError, StorageError
from tests.models.site.makers import DAY_MS, NOON_MS, decoded, textured

MIB = 1024 * 1024
REPOSITORY = Path(__file__).resolve().parents[3]
PRINT = fingerprint(textured(), []).text()


def record(number: int, *, score: float = 0.5, random: bool = False, crops: int = 0) -> FrameRecord:
    name = frame_name(NOON_MS + number, "hall")
    return FrameRecord(
        name=name,
        channel="hall",
        captured_ms=NOON_MS + number,
        kept_ms=NOON_MS + number,
        score=score,
        reasons={"random": 0.0} if random else {"cut": score},
        mask="faces",
        masked=1,
        width=320,
        height=192,
        detector="tiny@1 onnxruntime/CPU/f32",
        detections=(),
        fingerprint=PRINT,
        crops=tuple(f"crops/person/{name}-{i}.jpg" for i in range(crops)),
    )


def album_in(root: Path, mib: float = 1, clock: ManualClock | None = None) -> Album:
    limits = Limits(quota_bytes=round(mib * MIB), keep_days=30)
    return Album(root, limits, clock or ManualClock(NOON_MS), np.random.default_rng(0))


Opening = Callable[..., Album]


@pytest.fixture
def open_album() -> Iterator[Opening]:
    """Opens albums, and closes them when the test is over."""
    with ExitStack() as stack:

        def opened(*args: Any, **kwargs: Any) -> Album:  # noqa: ANN401 - handed on
            album = album_in(*args, **kwargs)
            stack.callback(album.close)
            return album

        yield opened


def on_disk(root: Path) -> int:
    return sum(cost(path.stat().st_size) for path in root.rglob("*") if path.is_file())


def names(root: Path) -> set[str]:
    return {record.name for _, record in read_records(root)}


@settings(max_examples=30)
@given(
    frames=st.lists(
        st.tuples(st.integers(1, 300_000), st.floats(0, 1), st.booleans(), st.integers(0, 3)),
        max_size=20,
    )
)
def test_the_quota_is_never_exceeded_whatever_is_offered(
    frames: list[tuple[int, float, bool, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("album")
    album = album_in(root)
    for number, (size, score, random, crops) in enumerate(frames):
        offered = record(number, score=score, random=random, crops=crops)
        album.add(offered, Pictures(b"x" * size, (b"y" * 5000,) * crops))
        assert on_disk(root) <= album.disk_bytes <= MIB
    album.close()
    assert on_disk(root) <= MIB
    assert len(list(root.glob("frames/*.jpg"))) == len(album)
    shutil.rmtree(root)


def test_the_least_informative_leaves_and_of_equals_the_oldest(
    tmp_path: Path, open_album: Opening
) -> None:
    album = open_album(tmp_path)
    picture = Pictures(b"x" * 250_000)
    for number, score in enumerate((0.5, 0.3, 0.3)):
        assert album.add(record(number, score=score), picture)
    assert album.add(record(3, score=0.4), picture)
    assert names(tmp_path) == {record(number).name for number in (0, 2, 3)}


def test_a_frame_that_is_worth_less_than_all_others_is_not_kept(
    tmp_path: Path, open_album: Opening
) -> None:
    album = open_album(tmp_path)
    picture = Pictures(b"x" * 250_000)
    for number in range(3):
        album.add(record(number, score=0.8), picture)
    assert not album.would_keep(0.2, random=False)
    assert not album.add(record(3, score=0.2), picture)
    assert len(album) == 3


def test_chance_has_its_share_in_a_full_album_and_no_more(
    tmp_path: Path, open_album: Opening
) -> None:
    album = open_album(tmp_path, mib=2)
    picture = Pictures(b"x" * 60_000)
    for number in range(120):
        album.add(record(number, score=0.9, random=number % 2 == 0), picture)
    chance = [kept.random for _, kept in read_records(tmp_path)]
    assert 0.05 <= sum(chance) / len(chance) <= 0.15


def test_chance_keeps_frames_of_the_whole_time_not_the_last_only(
    tmp_path: Path, open_album: Opening
) -> None:
    album = open_album(tmp_path, mib=2)
    for number in range(150):
        album.add(record(number, random=True), Pictures(b"x" * 60_000))
    moments = [kept.captured_ms - NOON_MS for _, kept in read_records(tmp_path)]
    assert min(moments) < 75


def test_what_was_kept_goes_after_its_days(tmp_path: Path, open_album: Opening) -> None:
    clock = ManualClock(NOON_MS)
    album = open_album(tmp_path, clock=clock)
    album.add(record(0, crops=2), Pictures(b"x", (b"y", b"z")))
    clock.advance(29 * 86_400)
    album.add(record(29 * DAY_MS), Pictures(b"x"))
    assert album.purge() == 0
    clock.advance(2 * 86_400)
    assert album.purge() == 1
    assert not list((tmp_path / "crops").rglob("*.jpg"))
    assert names(tmp_path) == {record(29 * DAY_MS).name}


def test_what_is_too_old_goes_when_the_album_is_opened_again(
    tmp_path: Path, open_album: Opening
) -> None:
    album = open_album(tmp_path)
    album.add(record(0), Pictures(b"x"))
    album.close()
    assert len(open_album(tmp_path, clock=ManualClock(NOON_MS + 31 * DAY_MS))) == 0


def test_nothing_is_kept_or_deleted_while_the_clock_is_not_set(
    tmp_path: Path, open_album: Opening
) -> None:
    album = open_album(tmp_path)
    album.add(record(0), Pictures(b"x"))
    album.close()
    early = open_album(tmp_path, clock=ManualClock(1000))
    assert len(early) == 1
    assert not early.add(record(1), Pictures(b"x"))


def test_a_smaller_quota_holds_from_the_start(tmp_path: Path, open_album: Opening) -> None:
    album = open_album(tmp_path, mib=4)
    for number in range(20):
        album.add(record(number), Pictures(b"x" * 150_000))
    album.close()
    assert open_album(tmp_path, mib=1).disk_bytes <= MIB
    assert on_disk(tmp_path) <= MIB


def test_an_album_opened_again_knows_what_it_has(tmp_path: Path, open_album: Opening) -> None:
    album = open_album(tmp_path)
    album.add(record(0, crops=1), Pictures(b"x" * 9000, (b"y" * 100,)))
    album.close()
    again = open_album(tmp_path)
    assert record(0).name in again
    assert again.disk_bytes == album.disk_bytes
    assert not again.add(record(0), Pictures(b"x"))


def test_the_manifest_says_what_is_here(tmp_path: Path, open_album: Opening) -> None:
    album = open_album(tmp_path)
    album.add(record(0, crops=1), Pictures(b"x", (b"y",)))
    album.add(record(1, random=True), Pictures(b"x"))
    album.close()
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    assert (manifest["frames"], manifest["crops"]) == (2, 1)
    assert manifest["reasons"] == {"cut": 1, "random": 1}
    assert manifest["masks"] == {"faces": 2}


def test_two_processes_cannot_collect_into_one_folder(tmp_path: Path, open_album: Opening) -> None:
    album = open_album(tmp_path)
    with pytest.raises(StorageError, match="another process collects into it"):
        open_album(tmp_path)
    album.close()
    open_album(tmp_path).close()


def test_what_a_crash_left_is_not_counted_and_is_gone_at_the_next_start(
    tmp_path: Path, open_album: Opening
) -> None:
    album = open_album(tmp_path)
    album.add(record(0), Pictures(b"x"))
    album.close()
    orphan = record(1, crops=1)
    (tmp_path / "crops/person").mkdir(parents=True)
    (tmp_path / orphan.crops[0]).write_bytes(b"crop")
    (tmp_path / f"frames/{orphan.name}.json").write_text(orphan.model_dump_json())
    (tmp_path / f"frames/.{orphan.name}.jpg.part").write_bytes(b"half")
    (tmp_path / f"frames/{frame_name(NOON_MS + 2, 'hall')}.jpg").write_bytes(b"no side file")
    (tmp_path / "frames/mine.jpg").write_bytes(b"somebody's own")
    assert names(tmp_path) == {record(0).name}
    assert len(open_album(tmp_path)) == 1
    files = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {
        ".lock",
        MANIFEST,
        "mine.jpg",
        f"{record(0).name}.jpg",
        f"{record(0).name}.json",
    }


KEPT_UNTIL_KILLED = """
import sys
from pathlib import Path
import numpy as np
from models.site.album import Album, Pictures
from models.site.layout import Limits
from shared.clock import SystemClock
from tests.models.site.makers import textured
from tests.models.site.test_album import record
import cv2
album = Album(Path(sys.argv[1]), Limits(1 << 20, 3650), SystemClock(), np.random.default_rng(0))
start = len(album) * 1000 + int(sys.argv[2]) * 100_000
for number in range(start, start + 100_000):
    data = cv2.imencode(".jpg", textured(number))[1].tobytes()
    kept = record(number, score=0.5, crops=1)
    album.add(kept.model_copy(update={"kept_ms": SystemClock().now_ms()}), Pictures(data, (data,)))
    print(number, flush=True)
"""


def test_a_kill_in_the_middle_of_a_write_leaves_no_half_frame_and_collecting_goes_on(
    tmp_path: Path, open_album: Opening
) -> None:
    rng = np.random.default_rng(5)
    for round_ in range(2):
        child = subprocess.Popen(
            [sys.executable, "-c", KEPT_UNTIL_KILLED, str(tmp_path), str(round_)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        assert child.stdout.readline()
        time.sleep(float(rng.uniform(0.05, 0.3)))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert on_disk(tmp_path) <= MIB
        for path, kept in read_records(tmp_path):
            assert decoded(path.read_bytes()).shape == (kept.height, kept.width, 3)
    clock = ManualClock(max(kept.kept_ms for _, kept in read_records(tmp_path)))
    album = open_album(tmp_path, clock=clock)
    assert len(album) == len(names(tmp_path)) > 0
    assert on_disk(tmp_path) <= album.disk_bytes <= MIB


def test_a_full_disk_is_an_error_that_leaves_nothing_of_the_frame(
    tmp_path: Path, open_album: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = open_album(tmp_path)
    album.add(record(0), Pictures(b"x"))
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if self.name.endswith(".jpg.part") and "frames" in self.parts:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StorageError, match=r"No space left on device.*make room"):
        album.add(record(1, crops=1), Pictures(b"x", (b"y",)))
    monkeypatch.undo()
    assert names(tmp_path) == {record(0).name}
    assert not list((tmp_path / "crops").rglob("*.jpg"))
    assert album.add(record(2), Pictures(b"x"))


def test_a_disk_that_must_keep_room_for_others_is_left_alone(tmp_path: Path) -> None:
    limits = Limits(quota_bytes=MIB, keep_days=30, min_free_bytes=1 << 60)
    album = Album(tmp_path, limits, ManualClock(NOON_MS), np.random.default_rng(0))
    assert not album.add(record(0), Pictures(b"x"))
    album.close()


def test_a_folder_that_cannot_be_written_is_told_at_the_start(
    tmp_path: Path, open_album: Opening
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="give a folder that can be written"):
        open_album(tmp_path / "file")


def test_what_is_no_album_has_no_records(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no folder frames/"):
        read_records(tmp_path)


def test_a_damaged_side_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    (tmp_path / "frames/x.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"x\.json"):
        read_records(tmp_path)
