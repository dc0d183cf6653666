"""Damaged H.264: the process lives, and what is shown is what was filmed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.faults.figures import FaultFigures
from tests.rtsp.mangled import Mangled


class Fuzzed(NamedTuple):
    """What came of all clips, and the numbers of those that ended the process."""

    read: list[Mangled]
    fatal: list[int]


def fuzz(first: int, count: int, folder: Path) -> Fuzzed:
    """Read damaged clips in another process; begin another where one dies."""
    found, end = Fuzzed([], []), first + count
    while first < end:
        done = subprocess.run(
            [sys.executable, "-m", "tests.rtsp.mangled", str(first), str(end - first), str(folder)],
            capture_output=True,
            text=True,
            check=False,
            timeout=3600,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        found.read.extend(Mangled(**line) for line in lines if "shown" in line)
        if done.returncode == 0:
            break
        # A Python error is a failure of ours, a signal one of the decoder.
        assert done.returncode < 0, done.stderr
        found.fatal.append(lines[-1]["clip"])
        first = lines[-1]["clip"] + 1
    return found


def test_damaged_clips_neither_end_the_process_nor_show_much_that_was_not_filmed(
    tmp_path: Path,
) -> None:
    fuzzed = fuzz(0, 100, tmp_path)
    assert fuzzed.fatal == []
    assert len(fuzzed.read) == 100
    shown = sum(clip.shown for clip in fuzzed.read)
    assert shown > 500
    assert sum(clip.smeared for clip in fuzzed.read) < 0.15 * shown


@pytest.mark.faults
def test_thousands_of_damaged_clips_never_end_the_process(
    tmp_path: Path, fault_figures: FaultFigures
) -> None:
    fuzzed = fuzz(1000, 5000, tmp_path)
    shown = sum(clip.shown for clip in fuzzed.read)
    smeared = sum(clip.smeared for clip in fuzzed.read)
    fault_figures.note(
        damaged_clips=len(fuzzed.read) + len(fuzzed.fatal),
        damaged_clips_fatal=len(fuzzed.fatal),
        damaged_clips_refused=sum(bool(clip.error) for clip in fuzzed.read),
        damaged_clips_smeared_of_shown=round(smeared / shown, 4),
    )
    assert fuzzed.fatal == []
