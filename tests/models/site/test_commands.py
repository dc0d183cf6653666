from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from models.cli import app
from models.site.footage import channel_of, shots
from models.site.layout import read_records
from models.store import ModelStore
from shared.clock import ManualClock
from shared.errors import ConfigError
from tests.models.site.makers import NOON_MS, textured

DETECTOR = "person-vehicle-bike-detection-2004"
run = CliRunner().invoke


@pytest.fixture
def crops(tmp_path: Path, shared_data: Path) -> Path:
    """Frames of a person each, from the car park's first seconds."""
    clip = cv2.VideoCapture(str(shared_data / "video/intel_one-by-one-person.mp4"))
    folder = tmp_path / "site"
    folder.mkdir()
    for number in range(120):
        good, picture = clip.read()
        if good and number % 8 == 0:
            cv2.imwrite(str(folder / f"{number:03}.png"), picture)
    clip.release()
    return folder


def test_collecting_from_footage_and_deleting_it_again(
    crops: Path, weights: ModelStore, tmp_path: Path
) -> None:
    album = tmp_path / "album"
    options = ["--out", str(album), "--quota-mib", "8", "--every", "0.2", "--random", "1"]
    chosen = ["--detector", DETECTOR, "--store", str(weights.root)]
    result = run(app, ["collect", str(crops), *options, *chosen])
    assert result.exit_code == 0, result.output
    records = read_records(album)
    assert records
    assert {record.channel for _, record in records} == {"site"}
    assert f"{len(records)} in" in " ".join(result.output.split())
    purged = run(app, ["purge", str(album), "--keep-days", "0"])
    assert f"{len(records)} frames deleted, 0 left" in purged.output
    assert not list(album.rglob("*.jpg"))


def test_purging_what_is_no_album_deletes_nothing(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    mine = tmp_path / "frames/0000000000001-mine.jpg"
    mine.write_bytes(b"mine")
    result = run(app, ["purge", str(tmp_path), "--keep-days", "0"])
    assert result.exit_code == 1
    assert "collected into" in str(result.exception)
    assert mine.exists()


def test_a_clip_is_looked_at_as_often_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "door.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (96, 64))
    for number in range(60):
        writer.write(textured(number, width=96, height=64))
    writer.release()
    moments = [shot.captured_ms - NOON_MS for shot in shots(str(path), 5, ManualClock(NOON_MS))]
    assert len(moments) == pytest.approx(15, abs=1)
    assert np.diff(moments) == pytest.approx(200, abs=51)


def test_damaged_pictures_of_a_folder_are_left_out(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "0.png"), textured())
    (tmp_path / "1.png").write_bytes(b"no picture")
    assert len(list(shots(str(tmp_path), 5, ManualClock(NOON_MS)))) == 1


@pytest.mark.parametrize("content", [None, b"", b"no video at all"], ids=["none", "empty", "text"])
def test_a_source_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"clip\.mp4"):
        list(shots(str(path), 5, ManualClock(NOON_MS)))


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none of the 0 pictures"):
        list(shots(str(tmp_path), 5, ManualClock(NOON_MS)))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/clips/Front door (2).mp4", "Front-door-2-"),
        ("rtsp://user:secret@10.0.0.1:554/stream/1", "1"),
        ("/clips/정문.mp4", "camera"),
    ],
    ids=["blanks", "rtsp", "hangul"],
)
def test_a_source_gives_a_channel_a_plain_name(source: str, name: str) -> None:
    assert channel_of(source) == name
