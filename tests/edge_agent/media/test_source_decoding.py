from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest
from structlog.testing import capture_logs

from edge_agent.source import (
    Attention,
    Frame,
    FrameImage,
    PacketSeen,
    SourceOptions,
    SourceStats,
    WatchesAll,
    open_source,
)
from edge_agent.source.decoding import Decoding
from edge_agent.source.timeline import Timeline
from shared.pictures import Picture
from tests.edge_agent.media.clips import encode_h264, options

KEYS = range(0, 60, 10)


def numbered(count: int) -> list[Picture]:
    """Pictures whose brightness, but for a black rim, tells their number."""
    pictures = [np.full((64, 96, 3), 40 + 3 * number, dtype=np.uint8) for number in range(count)]
    for picture in pictures:
        picture[:, :16] = 0
    return pictures


def number_of(frame: Frame) -> int:
    return round((float(frame.picture[:, 32:].mean()) - 37) / 3)


@dataclass
class Scripted:
    """Watches as the packet's number says."""

    quiet: Callable[[int], bool]
    stirring: int = 1000
    attention: Attention = Attention.FULL
    packets: list[PacketSeen] = field(default_factory=list)

    def packet(self, seen: PacketSeen) -> None:
        quiet = self.quiet(len(self.packets))
        self.attention = Attention.KEYFRAMES if quiet else Attention.FULL
        self.packets.append(seen)

    def stirs(self, image: FrameImage) -> bool:
        return float(image.picture[:, 32:].mean()) > 37 + 3 * self.stirring


def read(path: Path, options: SourceOptions) -> tuple[list[Frame], SourceStats]:
    source = open_source(str(path), options)
    return list(source.frames(Event())), source.stats


def watched(
    path: Path, quiet: Callable[[int], bool], stirring: int = 1000
) -> tuple[list[int], SourceStats]:
    """The numbers of the frames shown; key frames from `stirring` on look new."""
    frames, stats = read(path, replace(options(), watcher=Scripted(quiet, stirring)))
    positions = [frame.position_s for frame in frames]
    assert positions == pytest.approx([number_of(frame) / 25 for frame in frames], abs=0.002)
    return [number_of(frame) for frame in frames], stats


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return encode_h264(tmp_path / "a.mp4", numbered(60), KEYS)


def test_a_channel_that_hurries_goes_on_with_the_next_key_frame(clip: Path) -> None:
    stats, shown = SourceStats(), list[float]()
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        decoding = Decoding(stream, Timeline(1 / 25), options(), stats, FrameImage)
        for packet in container.demux(stream):
            for frame in decoding.frames(packet):
                shown.append(round(25 * float(frame.time or 0)))
                if shown[-1] in {3, 25}:
                    decoding.hurry()
    # How far apart key frames are is known from the second on.
    assert shown == [*range(26), *range(30, 60)]
    assert stats.late == 4


def test_a_quiet_channel_shows_its_key_frames_only(clip: Path) -> None:
    # Two key frames tell how far they are apart.
    numbers, stats = watched(clip, lambda _: True)
    assert numbers == [*range(11), 20, 30, 40, 50]
    assert stats.decoded == 15
    assert stats.skipped == 4 * 9


def test_a_channel_that_wakes_shows_what_came_since_the_key_frame_once(clip: Path) -> None:
    numbers, _ = watched(clip, lambda packet: packet < 36)
    assert numbers == [*range(11), 20, *range(30, 60)]


def test_a_key_frame_that_shows_something_new_brings_what_led_to_it(clip: Path) -> None:
    numbers, _ = watched(clip, lambda packet: packet < 41, stirring=35)
    assert numbers == [*range(11), 20, *range(30, 60)]


def test_a_channel_falls_quiet_at_the_next_key_frame(clip: Path) -> None:
    numbers, _ = watched(clip, lambda packet: packet >= 24)
    assert numbers == [*range(31), 40, 50]


def test_a_quiet_channel_with_b_frames_shows_its_key_frames_at_once(tmp_path: Path) -> None:
    path = encode_h264(tmp_path / "b.mp4", numbered(60), KEYS, b_frames=2)
    numbers, _ = watched(path, lambda packet: packet < 45)
    assert numbers == [*range(11), 20, 30, *range(40, 60)]


def test_a_channel_with_rare_key_frames_is_decoded_whole(tmp_path: Path) -> None:
    path = encode_h264(tmp_path / "a.mp4", numbered(60), (0, 30), fps=4)
    frames, stats = read(path, replace(options(), watcher=Scripted(lambda _: True)))
    assert len(frames) == 60
    assert stats.skipped == 0


def test_an_interval_that_stretches_while_quiet_is_decoded_after_all(tmp_path: Path) -> None:
    path = encode_h264(tmp_path / "a.mp4", numbered(60), (0, 4, 8), fps=4)
    frames, _ = read(path, replace(options(), watcher=Scripted(lambda _: True)))
    assert [number_of(frame) for frame in frames] == [*range(5), *range(8, 60)]


def test_the_watcher_is_told_size_and_place_of_every_packet(clip: Path) -> None:
    watcher = Scripted(lambda _: False)
    read(clip, replace(options(), watcher=watcher))
    assert [seen.key for seen in watcher.packets] == [n in KEYS for n in range(60)]
    assert [seen.position_s for seen in watcher.packets] == pytest.approx(
        [n / 25 for n in range(60)], abs=0.05
    )
    assert all(seen.size > 0 for seen in watcher.packets)


def test_b_frames_that_the_rate_does_not_want_are_not_decoded(tmp_path: Path) -> None:
    path = encode_h264(tmp_path / "b.mp4", numbered(60), (0,), b_frames=2)
    frames, stats = read(path, options(fps=5))
    assert [number_of(frame) for frame in frames] == list(range(0, 60, 5))
    assert stats.decoded < 36


def test_of_a_codec_with_key_frames_alone_only_what_the_rate_wants_is_decoded(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
        for picture in numbered(50):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode(None))
    frames, stats = read(path, options(fps=5))
    assert [frame.position_s for frame in frames] == pytest.approx([n / 5 for n in range(10)])
    assert (stats.decoded, stats.skipped) == (10, 40)


@pytest.mark.parametrize("kind", ["d3d11va", "no-such-device"])
def test_a_device_that_is_not_there_is_told_once_and_software_decodes(
    clip: Path, kind: str
) -> None:
    with capture_logs() as lines:
        frames, _ = read(clip, replace(options(), hardware=kind))
    assert len(frames) == 60
    assert [line["event"] for line in lines] == ["decoding by software"]
    assert kind in lines[0]["errors"]


def test_whatever_this_machine_has_decodes_the_same(clip: Path) -> None:
    frames, _ = read(clip, replace(options(), hardware="auto"))
    assert [number_of(frame) for frame in frames] == list(range(60))


def test_without_a_watcher_everything_is_watched() -> None:
    assert WatchesAll().attention is Attention.FULL
