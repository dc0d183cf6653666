from pathlib import Path

import pytest

from edge_agent.recording import ChannelTap
from shared.errors import PictureError
from shared.pictures import UPLOAD_CAPS, decode_picture
from tests.edge_agent.recording.streams import (
    FPS,
    HEIGHT,
    STARTS_AT_MS,
    WIDTH,
    encode_numbered,
    picture,
    play,
)


@pytest.mark.parametrize("container", ["a.mp4", "a.ts"])
def test_the_latest_key_frame_can_be_had_as_a_picture(tmp_path: Path, container: str) -> None:
    tap = ChannelTap("gate", None)
    play(tap, encode_numbered(tmp_path / container, 3.4))
    data, captured_ms = tap.latest.snapshot()
    assert captured_ms == pytest.approx(STARTS_AT_MS + 3_000, abs=2)
    shown = decode_picture(data, UPLOAD_CAPS)
    assert shown.shape == (HEIGHT, WIDTH, 3)
    assert abs(shown[:, :, 0].astype(int) - picture(3 * FPS)).mean() < 10


def test_before_the_first_picture_there_is_none_and_it_is_said() -> None:
    with pytest.raises(PictureError, match="channel gate has shown no picture"):
        ChannelTap("gate", None).latest.snapshot()


def test_a_picture_that_does_not_decode_is_an_error_of_its_own(tmp_path: Path) -> None:
    tap = ChannelTap("gate", None)
    play(tap, encode_numbered(tmp_path / "a.mp4", 1))
    key = tap.latest._key
    assert key is not None
    tap.latest._key = key._replace(data=b"\x00\x00\x00\x10" + bytes(40))
    with pytest.raises(PictureError, match="cannot be decoded"):
        tap.latest.snapshot()
