"""The limits as they are: how soon a fault is seen, how soon a camera that is back is watched."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge_agent.supervisor import Patience
from tests.faults.figures import FaultFigures
from tests.rtsp.camera import Camera, Cameras
from tests.rtsp.clips import encode_units, street, write_units
from tests.rtsp.watching import AS_IT_IS, QUICK, Watching, let_time_jump, put_clock_back

pytestmark = pytest.mark.faults

DETECTED_S = 20.0
BACK_S = 30.0
# Long enough for the waits between attempts to be as long as they get.
OUTAGE_S = 75.0
ROUNDS = 3

Fault = Callable[[Camera], object]


def unplug(camera: Camera) -> None:
    camera.unplug()


def mute(camera: Camera) -> None:
    camera.order(mute=True)


def unmute(camera: Camera) -> None:
    camera.order(mute=False)


@pytest.fixture
def camera(cameras: Cameras, tmp_path: Path) -> Camera:
    # A key frame every four seconds, as cameras have them.
    units = encode_units(street(8), gop=40)
    made = cameras.camera(write_units(tmp_path / "street.units", units))
    made.plug()
    return made


@pytest.mark.parametrize(
    ("name", "fault", "mend"),
    [
        ("unplugged", unplug, Camera.plug),
        ("stalled", Camera.stall, Camera.resume),
        ("frameless", mute, unmute),
    ],
    ids=["unplugged", "stalled", "frameless"],
)
def test_a_camera_that_fails_is_noticed_and_watched_again_in_time(
    camera: Camera, name: str, fault: Fault, mend: Fault, fault_figures: FaultFigures
) -> None:
    detected, back = [], []
    with Watching(camera.url(), AS_IT_IS, Patience()) as watching:
        watching.wait_frames(5)
        for _ in range(ROUNDS):
            began, before = time.monotonic(), len(watching.failures)
            fault(camera)
            detected.append(watching.wait_failure(60, before).at_s - began)
            time.sleep(max(0.0, began + OUTAGE_S - time.monotonic()))
            mend(camera)
            back.append(watching.seconds_until_frame(time.monotonic(), 120))
            watching.wait_frames(20)
    fault_figures.note(
        **{
            f"camera_{name}_detected_s": round(max(detected), 1),
            f"camera_{name}_back_s": round(max(back), 1),
        }
    )
    assert max(detected) <= DETECTED_S
    assert max(back) <= BACK_S


def test_a_stream_that_shows_nothing_is_noticed_in_time(
    cameras: Cameras, tmp_path: Path, fault_figures: FaultFigures
) -> None:
    units = [
        unit._replace(data=unit.data[: len(unit.data) // 3]) for unit in encode_units(street(4))
    ]
    camera = cameras.camera(write_units(tmp_path / "cut.units", units))
    camera.plug()
    began = time.monotonic()
    with Watching(camera.url(), AS_IT_IS, Patience()) as watching:
        failed = watching.wait_failure(60)
    fault_figures.note(camera_undecodable_detected_s=round(failed.at_s - began, 1))
    assert failed.at_s - began <= DETECTED_S


def worst_of_time_ms(watching: Watching, first: int) -> int:
    """How far the frames from the `first` on are from when they came, at most."""
    return max(abs(seen.captured_ms - seen.arrived_ms) for seen in watching.seen[first:])


def test_a_frame_is_known_by_when_it_was_filmed(
    camera: Camera, fault_figures: FaultFigures
) -> None:
    with Watching(camera.url()) as watching:
        watching.wait_frames(40)
    worst_ms = worst_of_time_ms(watching, 10)
    fault_figures.note(camera_time_off_ms=worst_ms)
    assert worst_ms < 500


def test_time_stamps_that_jump_an_hour_and_back_tell_the_right_time(camera: Camera) -> None:
    with Watching(camera.url()) as watching:
        let_time_jump(camera, watching)
    first, last = watching.seen[0], watching.seen[-1]
    assert abs(last.position_s - (last.at_s - first.at_s)) < 3
    assert worst_of_time_ms(watching, 12) < 1500
    assert watching.stats.late == 0


def test_a_clock_put_back_again_and_again_is_seconds_late_at_most(camera: Camera) -> None:
    with Watching(camera.url()) as watching:
        put_clock_back(camera, watching)
    assert watching.seen[-1].arrived_ms - watching.seen[-1].captured_ms < 4000
    assert watching.stats.late == 0


def test_a_line_that_is_gone_at_once_is_noticed_at_once(camera: Camera) -> None:
    with Watching(camera.url()) as watching:
        watching.wait_frames(5)
        began = time.monotonic()
        camera.unplug()
        failed = watching.wait_failure()
        watching.wait_failure(before=1)
        camera.plug()
        back_s = watching.seconds_until_frame(time.monotonic(), 40)
    assert failed.at_s - began < 2
    assert back_s < 5


def test_silence_is_noticed_when_it_has_lasted_as_long_as_was_chosen(camera: Camera) -> None:
    with Watching(camera.url(), QUICK) as watching:
        watching.wait_frames(5)
        began = time.monotonic()
        camera.stall()
        failed = watching.wait_failure()
        watching.wait_failure(before=1)
        camera.resume()
        back_s = watching.seconds_until_frame(time.monotonic(), 40)
    assert 1.5 < failed.at_s - began < 4
    assert back_s < 5


def test_stopping_does_not_wait_longer_than_silence_may_last(camera: Camera) -> None:
    with Watching(camera.url(), QUICK) as watching:
        watching.wait_frames(3)
        camera.stall()
        began = time.monotonic()
    assert time.monotonic() - began < QUICK.silence_s + 1


def test_a_camera_is_watched_in_time_while_another_is_silent(
    camera: Camera, cameras: Cameras, tmp_path: Path
) -> None:
    bad = cameras.camera(write_units(tmp_path / "bad.units", encode_units(street(4))))
    bad.plug()
    with Watching(camera.url()) as well, Watching(bad.url(), QUICK) as ill:
        well.wait_frames(3)
        ill.wait_frames(3)
        bad.stall()
        ill.wait_failure()
        began = time.monotonic()
        well.wait_frames(10)
    # A second of them; the other one's silence is three.
    assert time.monotonic() - began < 2.5
