import struct
import zlib
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from PIL import Image

from edge_agent.source import Frame, SourceError, open_source
from tests.edge_agent.media.clips import STARTS_AT_MS, options


def picture(path: Path, shade: int, size: tuple[int, int] = (64, 48)) -> None:
    Image.fromarray(np.full((size[1], size[0], 3), shade, dtype=np.uint8)).save(path)


def bomb(path: Path) -> None:
    """A PNG of a few bytes that says it holds 40,000 x 40,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    )


def read(folder: Path) -> tuple[list[Frame], int]:
    source = open_source(str(folder), options(fps=5))
    return list(source.frames(Event())), source.stats.damaged


def test_pictures_come_in_the_order_of_their_names_at_the_channels_rate(tmp_path: Path) -> None:
    for index, shade in enumerate((10, 120, 240)):
        picture(tmp_path / f"{index:03}.png", shade)
    frames, _ = read(tmp_path)
    assert [int(frame.picture[0, 0, 0]) for frame in frames] == [10, 120, 240]
    assert [frame.captured_ms - STARTS_AT_MS for frame in frames] == [0, 200, 400]


def test_a_bomb_and_a_damaged_file_are_counted_and_left_out(tmp_path: Path) -> None:
    picture(tmp_path / "0.png", 50)
    bomb(tmp_path / "1.png")
    (tmp_path / "2.jpg").write_bytes(b"\xff\xd8\xff torn")
    picture(tmp_path / "3.jpg", 90)
    (tmp_path / "notes.txt").write_text("not a picture")
    frames, damaged = read(tmp_path)
    assert [frame.position_s for frame in frames] == [0.0, pytest.approx(0.6)]
    assert damaged == 2


def test_a_picture_of_another_size_ends_what_was_followed(tmp_path: Path) -> None:
    picture(tmp_path / "0.png", 50)
    picture(tmp_path / "1.png", 50, (80, 60))
    frames, _ = read(tmp_path)
    assert [frame.cut for frame in frames] == [False, True]


def test_a_folder_without_pictures_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no"):
        read(tmp_path)


def test_a_folder_with_nothing_that_decodes_is_a_source_error(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"torn")
    with pytest.raises(SourceError, match="none of the 1 pictures"):
        read(tmp_path)
