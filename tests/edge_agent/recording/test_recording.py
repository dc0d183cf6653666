"""A stream recorded as it came: segments, their times, and what is cut from them."""

from pathlib import Path
from threading import Event, Thread

import pytest

from edge_agent.recording import (
    ChannelTap,
    ClipError,
    Recorder,
    RecordingSettings,
    Ring,
    Span,
    cut_clip,
)
from edge_agent.recording.recorder import Backlog
from edge_agent.recording.segment import Segment
from shared.clock import ManualClock
from tests.edge_agent.recording.streams import (
    FPS,
    STARTS_AT_MS,
    encode_numbered,
    frames,
    numbers,
    play,
    record,
    write_all,
)
from tests.waiting import LONG_S

MB = 1_000_000
EVERYTHING = Span(0, STARTS_AT_MS * 2)


def test_segments_begin_with_a_key_frame_and_together_hold_every_picture(tmp_path: Path) -> None:
    ring = record(tmp_path / "ring", encode_numbered(tmp_path / "a.mp4", 7)).ring
    segments = ring.find("gate", EVERYTHING)
    assert [(s.start_ms - STARTS_AT_MS, s.end_ms - STARTS_AT_MS) for s in segments] == [
        (0, 2000),
        (2000, 4000),
        (4000, 6000),
        (6000, 7000),
    ]
    assert [n for s in segments for n in numbers(s.path).values()] == list(range(7 * FPS))


@pytest.mark.parametrize("container", ["a.mp4", "a.ts", "a.mkv"])
def test_a_clip_has_each_picture_at_its_time_across_segments(
    tmp_path: Path, container: str
) -> None:
    ring = record(tmp_path / "ring", encode_numbered(tmp_path / container, 7)).ring
    span = Span(STARTS_AT_MS + 1_500, STARTS_AT_MS + 4_800)
    clip = cut_clip(ring.find("gate", span), span, tmp_path / "clip.mp4", MB)
    assert clip.damaged == 0
    assert clip.start_ms == pytest.approx(STARTS_AT_MS + 1_000, abs=2)  # the key frame before
    assert clip.end_ms >= span.end_ms
    shown = numbers(tmp_path / "clip.mp4")
    first, last = 25, 25 + len(shown)
    assert list(shown.values()) == list(range(first, last))
    assert last / FPS * 1000 >= 4_800
    for time_ms, number in shown.items():
        assert time_ms == pytest.approx((number - first) * 1000 / FPS, abs=2)


def test_a_part_that_was_not_recorded_is_a_gap_in_the_clips_times(tmp_path: Path) -> None:
    source = encode_numbered(tmp_path / "a.mp4", 2)
    record(tmp_path / "ring", source)
    ring = record(tmp_path / "ring", source, starts_at_ms=STARTS_AT_MS + 60_000).ring
    clip = cut_clip(ring.find("gate", EVERYTHING), EVERYTHING, tmp_path / "clip.mp4", MB)
    assert (clip.start_ms, clip.end_ms) == (STARTS_AT_MS, STARTS_AT_MS + 62_000)
    assert sorted(numbers(tmp_path / "clip.mp4"))[2 * FPS] == 60_000


def test_a_clock_that_steps_back_leaves_out_what_it_repeats(tmp_path: Path) -> None:
    source = encode_numbered(tmp_path / "a.mp4", 4)
    record(tmp_path / "ring", source)
    ring = record(tmp_path / "ring", source, starts_at_ms=STARTS_AT_MS + 2_000).ring
    cut_clip(ring.find("gate", EVERYTHING), EVERYTHING, tmp_path / "clip.mp4", MB)
    shown = list(numbers(tmp_path / "clip.mp4").values())
    assert shown == [*range(4 * FPS), *range(2 * FPS, 4 * FPS)]


def test_time_stamps_that_jump_do_not_move_the_clock(tmp_path: Path) -> None:
    source = encode_numbered(tmp_path / "a.mkv", 8, jump_s=100_000)
    settings = RecordingSettings(segment_s=60)
    ring = record(tmp_path / "ring", source, settings).ring
    first, second = ring.find("gate", EVERYTHING)
    assert first.start_ms == STARTS_AT_MS
    assert first.end_ms == pytest.approx(STARTS_AT_MS + 4_000, abs=41)
    assert second.start_ms == pytest.approx(STARTS_AT_MS + 4_000, abs=2)
    assert second.end_ms == pytest.approx(STARTS_AT_MS + 8_000, abs=2)
    clip = cut_clip([first, second], EVERYTHING, tmp_path / "clip.mp4", MB)
    assert clip.end_ms == second.end_ms
    shown = numbers(tmp_path / "clip.mp4")
    assert list(shown.values()) == list(range(8 * FPS))
    assert max(shown) == pytest.approx(8_000 - 40, abs=2)


def test_a_clip_ends_where_the_camera_changed_its_picture(tmp_path: Path) -> None:
    record(tmp_path / "ring", encode_numbered(tmp_path / "a.mp4", 2))
    larger = encode_numbered(tmp_path / "b.mp4", 2, size=(640, 128))
    ring = record(tmp_path / "ring", larger, starts_at_ms=STARTS_AT_MS + 2_000).ring
    clip = cut_clip(ring.find("gate", EVERYTHING), EVERYTHING, tmp_path / "clip.mp4", MB)
    assert clip.end_ms == STARTS_AT_MS + 2_000
    assert len(numbers(tmp_path / "clip.mp4")) == 2 * FPS


def test_a_clip_over_the_cap_is_refused(tmp_path: Path) -> None:
    ring = record(tmp_path / "ring", encode_numbered(tmp_path / "a.mp4", 4)).ring
    with pytest.raises(ClipError, match="over 1000 bytes"):
        cut_clip(ring.find("gate", EVERYTHING), EVERYTHING, tmp_path / "clip.mp4", 1000)


def test_a_clip_that_cannot_be_written_is_told_from_a_segment_that_cannot_be_read(
    tmp_path: Path,
) -> None:
    ring = record(tmp_path / "ring", encode_numbered(tmp_path / "a.mp4", 4)).ring
    with pytest.raises(ClipError, match="cannot be written"):
        cut_clip(ring.find("gate", EVERYTHING), EVERYTHING, tmp_path / "none/clip.mp4", MB)


def test_a_damaged_segment_is_left_out_and_counted(tmp_path: Path) -> None:
    ring = record(tmp_path / "ring", encode_numbered(tmp_path / "a.mp4", 6)).ring
    segments = ring.find("gate", EVERYTHING)
    segments[1].path.write_bytes(b"\x00" * segments[1].size)
    clip = cut_clip(segments, EVERYTHING, tmp_path / "clip.mp4", MB)
    assert clip.damaged == 1
    shown = list(numbers(tmp_path / "clip.mp4").values())
    assert shown == [*range(2 * FPS), *range(4 * FPS, 6 * FPS)]
    with pytest.raises(ClipError, match="nothing"):
        cut_clip(segments[1:2], EVERYTHING, tmp_path / "none.mp4", MB)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_recording_that_was_cut_off_is_kept_up_to_its_last_whole_fragment(
    tmp_path: Path, share: float
) -> None:
    record(tmp_path / "ring", encode_numbered(tmp_path / "a.mp4", 8), RecordingSettings())
    (whole,) = (tmp_path / "ring/gate").iterdir()
    data = whole.read_bytes()
    whole.unlink()
    torn = whole.with_name(f"0000000001-{STARTS_AT_MS}.part")
    torn.write_bytes(data[: round(len(data) * share)] + bytes(100))
    ring = Ring(tmp_path / "ring", RecordingSettings(), ManualClock())
    (mended,) = ring.find("gate", EVERYTHING)
    assert not torn.exists()
    shown = numbers(mended.path)
    assert list(shown.values()) == list(range(len(shown)))
    assert share * 8 * FPS - 2 * FPS < len(shown) <= share * 8 * FPS + FPS
    assert mended.end_ms - mended.start_ms == pytest.approx(len(shown) * 1000 / FPS, abs=2)


@pytest.mark.parametrize("left", [b"", bytes(5000), b"ftyp is not here" * 20], ids=str)
def test_a_recording_of_which_nothing_is_whole_is_deleted(tmp_path: Path, left: bytes) -> None:
    folder = tmp_path / "ring/gate"
    folder.mkdir(parents=True)
    (folder / f"0000000007-{STARTS_AT_MS}.part").write_bytes(left)
    ring = Ring(tmp_path / "ring", RecordingSettings(), ManualClock())
    assert ring.count().segments == 0
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "ring", RecordingSettings(), ManualClock())
    (tmp_path / "ring/gate").write_text("a file in the way")
    tap = ChannelTap("gate", recorder)
    source = encode_numbered(tmp_path / "a.mp4", 2)
    assert len(list(frames(tap, source, STARTS_AT_MS))) == 2 * FPS
    write_all(recorder)
    assert recorder.ring.count().segments == 0


def test_a_disk_that_does_not_keep_up_costs_whole_groups_of_pictures(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "ring", RecordingSettings(segment_s=60), ManualClock())
    recorder.backlog = Backlog(60_000)
    tap = ChannelTap("gate", recorder)
    source = encode_numbered(tmp_path / "a.mp4", 8)
    for number, _ in enumerate(frames(tap, source, STARTS_AT_MS)):
        if number == 6 * FPS:  # until here nobody has written anything
            write_all(recorder)
    write_all(recorder)
    assert tap.lost > 0
    shown = [list(numbers(s.path).values()) for s in recorder.ring.find("gate", EVERYTHING)]
    assert len(shown) == 2
    assert shown[0] == list(range(len(shown[0])))
    assert shown[1] == list(range(shown[1][0], 8 * FPS))
    assert shown[1][0] % FPS == 0


def test_a_codec_that_mp4_does_not_hold_is_said_and_stops_nothing(tmp_path: Path) -> None:
    source = encode_numbered(tmp_path / "a.avi", 2, codec="msmpeg4")
    recorder = record(tmp_path / "ring", source)
    assert recorder.ring.count().segments == 0


def test_what_is_being_written_is_told_from_what_is_there(tmp_path: Path) -> None:
    ring = Ring(tmp_path / "ring", RecordingSettings(), ManualClock(STARTS_AT_MS))
    changed = Event()
    ring.on_change(changed.set)
    assert not ring.coming("gate", STARTS_AT_MS)
    ring.begin("gate", STARTS_AT_MS)
    assert ring.coming("gate", STARTS_AT_MS + 5_000)
    assert not ring.coming("gate", STARTS_AT_MS - 1)
    ring.end("gate", Segment("gate", 1, STARTS_AT_MS, STARTS_AT_MS + 2_000, 1, tmp_path / "1"))
    assert ring.coming("gate", STARTS_AT_MS + 5_000)
    assert not ring.coming("gate", STARTS_AT_MS + 1_999)
    assert changed.is_set()
    ring.abandon("gate")
    assert not ring.coming("gate", STARTS_AT_MS + 5_000)


def test_the_recorder_ends_with_everything_written(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "ring", RecordingSettings(), ManualClock())
    stop = Event()
    thread = Thread(target=recorder.run, args=(stop,))
    thread.start()
    play(ChannelTap("gate", recorder), encode_numbered(tmp_path / "a.mp4", 3))
    stop.set()
    recorder.wake()
    thread.join(LONG_S)
    assert not thread.is_alive()
    assert recorder.ring.span("gate") == Span(STARTS_AT_MS, STARTS_AT_MS + 3_000)
