"""The limits as they are: how soon a fault is seen, how soon a camera that is back is watched."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge_agent.supervisor import Patience
from tests.faults.figures import FaultFigures
from tests.rtsp.camera import Camera, Cameras
from tests.rtsp.clips import encode_units, street, write_units
from tests.rtsp.watching import AS_IT_IS, Watching

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
