"""What makes way when, and what is found again: the ring and its folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.recording import ChannelTap, Recorder, RecordingSettings, Ring, Span
from shared.clock import ManualClock
from tests.edge_agent.recording.streams import (
    FPS,
    STARTS_AT_MS,
    FewKeys,
    encode_numbered,
    frames,
    play,
    record,
    write_all,
)

EVERYTHING = Span(0, STARTS_AT_MS * 2)


def test_at_the_quota_the_oldest_segments_go(tmp_path: Path) -> None:
    source = encode_numbered(tmp_path / "a.mp4", 20)
    whole = record(tmp_path / "whole", source).ring.count()
    quota = RecordingSettings(segment_s=2, quota_gb=whole.bytes / 2 / 1e9)
    recorder = record(tmp_path / "ring", source, quota)
    count = recorder.ring.count()
    assert count.bytes <= quota.quota_bytes
    assert count.segments + count.evicted == whole.segments
    held = recorder.ring.span("gate")
    assert held is not None
    assert held.end_ms == STARTS_AT_MS + 20_000
    assert len(list((tmp_path / "ring/gate").iterdir())) == count.segments


def test_a_channels_own_quota_does_not_cost_another_channel(tmp_path: Path) -> None:
    source = encode_numbered(tmp_path / "a.mp4", 10)
    size = record(tmp_path / "whole", source).ring.count().bytes
    settings = RecordingSettings(segment_s=2, channel_quota_gb=size / 2 / 1e9)
    recorder = Recorder(tmp_path / "ring", settings, ManualClock())
    for name in ("north", "south"):
        play(ChannelTap(name, recorder), source)
    write_all(recorder)
    spans = [recorder.ring.span(name) for name in ("north", "south")]
    assert spans[0] == spans[1] != None  # noqa: E711 - both there, and alike
    assert recorder.ring.count().evicted >= 4


def test_what_is_too_old_goes_little_by_little(tmp_path: Path) -> None:
    clock = ManualClock(STARTS_AT_MS)
    recorder = record(tmp_path / "ring", encode_numbered(tmp_path / "a.mp4", 12), clock=clock)
    assert recorder.ring.count().segments == 6
    clock.set_wall(STARTS_AT_MS + 365 * 86_400_000)
    recorder.ring.make_room()
    assert recorder.ring.count().segments == 4  # a clock that jumps does not take all at once
    for _ in range(3):
        recorder.ring.make_room()
    assert recorder.ring.count().segments == 0


def test_where_no_key_frame_comes_a_segment_ends_and_the_next_key_frame_goes_on(
    tmp_path: Path,
) -> None:
    recorder = Recorder(tmp_path / "ring", RecordingSettings(), ManualClock())
    play(FewKeys(recorder, 75), encode_numbered(tmp_path / "a.mp4", 80))
    write_all(recorder)
    spans = [
        (s.start_ms - STARTS_AT_MS, s.end_ms - STARTS_AT_MS)
        for s in recorder.ring.find("gate", EVERYTHING)
    ]
    assert spans == [(0, pytest.approx(60_000, abs=200)), (75_000, 80_000)]


def test_a_segment_that_grows_too_large_ends_and_waits_for_a_key_frame(tmp_path: Path) -> None:
    settings = RecordingSettings(quota_gb=0.002)
    recorder = Recorder(tmp_path / "ring", settings, ManualClock())
    play(FewKeys(recorder, 1000), encode_numbered(tmp_path / "a.mp4", 7, noisy=True))
    write_all(recorder)
    (segment,) = recorder.ring.find("gate", EVERYTHING)
    assert settings.segment_bytes <= segment.size <= settings.quota_bytes
    assert segment.end_ms < STARTS_AT_MS + 6_900


def test_what_is_too_old_goes_also_while_a_segment_is_written(tmp_path: Path) -> None:
    source = encode_numbered(tmp_path / "a.mp4", 4)
    record(tmp_path / "ring", source)
    clock = ManualClock(STARTS_AT_MS)
    recorder = Recorder(tmp_path / "ring", RecordingSettings(segment_s=60), clock)

    def a_year_later() -> None:
        clock.advance(365 * 86_400)

    tap = ChannelTap("gate", recorder)
    for number, _ in enumerate(frames(tap, source, STARTS_AT_MS + 4_000)):
        if number == 2 * FPS:
            recorder.backlog.put(0, a_year_later)
    write_all(recorder)
    held = recorder.ring.span("gate")
    assert held is not None
    assert held.start_ms == STARTS_AT_MS + 4_000


def test_a_full_disk_costs_recordings_and_the_channel_goes_on(tmp_path: Path) -> None:
    source = encode_numbered(tmp_path / "a.mp4", 4)
    record(tmp_path / "ring", source)
    # More than any disk has free: what there is goes, and nothing new is written.
    greedy = RecordingSettings(min_free_mib=1024 * 1024 * 1024)
    recorder = Recorder(tmp_path / "ring", greedy, ManualClock())
    tap = ChannelTap("gate", recorder)
    assert len(list(frames(tap, source, STARTS_AT_MS))) == 4 * FPS
    write_all(recorder)
    assert recorder.ring.count().segments == 0
    assert recorder.failed > 0
    assert list((tmp_path / "ring/gate").iterdir()) == []


@pytest.mark.parametrize("name", ["lost+found", ".Trash-0", "door"])
def test_a_folder_that_cannot_be_read_costs_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    record(tmp_path / "ring", encode_numbered(tmp_path / "a.mp4", 4))
    strange = tmp_path / "ring" / name
    strange.mkdir()
    scandir = os.scandir

    def refuse(path: Path) -> Iterator[os.DirEntry[str]]:
        if Path(path) == strange:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refuse)
    ring = Ring(tmp_path / "ring", RecordingSettings(), ManualClock())
    assert ring.span("gate") == Span(STARTS_AT_MS, STARTS_AT_MS + 4_000)
    assert ring.span(name) is None


def test_a_file_that_cannot_be_mended_costs_nothing_else(tmp_path: Path) -> None:
    record(tmp_path / "ring", encode_numbered(tmp_path / "a.mp4", 4))
    # A folder of that name cannot be opened as a file, whoever tries.
    broken = tmp_path / "ring/gate" / f"0000000009-{STARTS_AT_MS}.part"
    broken.mkdir()
    gone = tmp_path / "ring/gate" / f"0000000008-{STARTS_AT_MS}-{STARTS_AT_MS + 1}.mp4"
    gone.symlink_to(tmp_path / "nowhere")
    ring = Ring(tmp_path / "ring", RecordingSettings(), ManualClock())
    assert ring.span("gate") == Span(STARTS_AT_MS, STARTS_AT_MS + 4_000)
    assert broken.exists()
