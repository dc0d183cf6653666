"""A camera that fails, in every way cameras do, on a real RTSP server.

Silence is scaled here (2 s for 10). What follows what is told here, on a machine as slow as it may
be; how soon is told by `test_camera_limits.py`.
"""

import json
import time
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest
from structlog.testing import capture_logs

from edge_agent.source import SourceError, open_source
from tests.rtsp.camera import Camera, Cameras
from tests.rtsp.clips import FPS, encode_units, joined, rising, street, write_units
from tests.rtsp.watching import QUICK, Watching, let_time_jump, nearest, put_clock_back
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

STREET = street(4)
# Mean difference of decoded pixels from those encoded: 2.3, and 40 where half is grey.
ALIKE = 6.0


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_units(tmp_path_factory.mktemp("clip") / "street.units", encode_units(STREET))


@pytest.fixture
def camera(cameras: Cameras, clip: Path) -> Camera:
    made = cameras.camera(clip)
    made.plug()
    return made


def test_a_camera_is_watched_in_order(camera: Camera) -> None:
    with Watching(camera.url()) as watching:
        watching.wait_frames(25)
    assert rising(seen.position_s for seen in watching.seen)
    assert all(nearest(seen.picture, STREET) < ALIKE for seen in watching.seen)
    assert all(seen.captured_ms <= seen.arrived_ms for seen in watching.seen)
    assert (watching.stats.damaged, watching.failures) == (0, [])


def test_a_camera_that_is_unplugged_is_watched_again_when_it_is_back(camera: Camera) -> None:
    with Watching(camera.url()) as watching:
        watching.wait_frames(5)
        camera.unplug()
        refused = watching.wait_failure(before=1)
        camera.plug()
        watching.wait_frames(5)
    assert "nothing listens there" in refused.why


def test_a_camera_that_stalls_without_closing_is_noticed_and_watched_again(camera: Camera) -> None:
    with Watching(camera.url(), QUICK) as watching:
        watching.wait_frames(5)
        camera.stall()
        failed = watching.wait_failure()
        # Connected anew, and still nothing.
        watching.wait_failure(before=1)
        camera.resume()
        watching.wait_frames(5)
    assert "silent" in failed.why


def test_a_camera_that_sends_no_frame_is_noticed(camera: Camera) -> None:
    with Watching(camera.url(), QUICK) as watching:
        watching.wait_frames(5)
        camera.order(mute=True)
        # Connected anew, and still nothing.
        watching.wait_failure(before=1)
        camera.order(mute=False)
        watching.wait_frames(5)


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_a_camera_with_a_password_is_watched(cameras: Cameras, clip: Path, scheme: str) -> None:
    camera = cameras.camera(clip, user="admin", password="s3@cret", scheme=scheme)  # noqa: S106
    camera.plug()
    with Watching(camera.url(login="admin:s3%40cret")) as watching:
        watching.wait_frames(3)
    assert watching.failures == []


@pytest.mark.parametrize("login", ["admin:wr0ng", "admin:wr0ng@x", ""])
def test_a_refused_password_is_told_with_its_mend_and_never_shown(
    cameras: Cameras, clip: Path, login: str
) -> None:
    camera = cameras.camera(clip, user="admin", password="s3cret", scheme="digest")  # noqa: S106
    camera.plug()
    with capture_logs() as logs, Watching(camera.url(login=login)) as watching:
        watching.wait_failure(before=2)
    refused = watching.failures[:3]
    assert "refuses the user or the password" in refused[0].why
    assert "rtsp://user:password@host/path" in refused[0].why
    assert "wr0ng" not in json.dumps([logs, watching.failures], default=str)
    # Slower than other failures, lest the user is locked out.
    assert all(b.at_s - a.at_s >= 1.0 for a, b in pairwise(refused))


def test_a_path_that_is_not_there_is_told_with_its_mend(camera: Camera) -> None:
    with Watching(camera.url("/nothing")) as watching:
        failed = watching.wait_failure()
    assert "correct the path" in failed.why


def assert_few_late(watching: Watching) -> None:
    """A machine that is busy is late now and then; time that is misread makes most frames late."""
    assert watching.stats.late < len(watching.seen) / 2


def test_time_stamps_that_jump_an_hour_and_back_are_no_matter(camera: Camera) -> None:
    with Watching(camera.url()) as watching:
        let_time_jump(camera, watching)
    seen = watching.seen
    assert rising(s.position_s for s in seen)
    # None of the hour, nor of the days.
    assert seen[-1].position_s - seen[0].position_s < 600
    assert watching.failures == []
    assert_few_late(watching)


def test_a_clock_put_back_again_and_again_does_not_silence_the_channel(camera: Camera) -> None:
    with Watching(camera.url()) as watching:
        put_clock_back(camera, watching)
    assert watching.failures == []
    assert_few_late(watching)


def test_a_camera_that_changes_its_resolution_goes_on_with_a_cut(
    cameras: Cameras, tmp_path: Path
) -> None:
    large, small = street(1.5, (480, 360)), street(1.5, (320, 240))
    units = joined([encode_units(small), encode_units(large)])
    camera = cameras.camera(write_units(tmp_path / "c.units", units))
    camera.plug()
    with Watching(camera.url()) as watching:
        wait_until(lambda: sum(seen.cut for seen in watching.seen) >= 3, 60)
    sizes = [seen.size for seen in watching.seen]
    changes = [b for a, b in pairwise(sizes) if a != b]
    assert [seen.size for seen in watching.seen if seen.cut] == changes
    assert all(
        nearest(s.picture, {480: large, 320: small}[s.size[0]]) < ALIKE for s in watching.seen
    )
    assert watching.failures == []


def test_b_frames_come_in_the_order_they_were_filmed(cameras: Cameras, tmp_path: Path) -> None:
    pictures = street(3)
    camera = cameras.camera(write_units(tmp_path / "b.units", encode_units(pictures, b_frames=3)))
    camera.plug()
    with Watching(camera.url()) as watching:
        watching.wait_frames(25)
    first = watching.seen[0].position_s
    assert rising(seen.position_s for seen in watching.seen)
    for seen in watching.seen:
        number = round((seen.position_s - first) * FPS) % len(pictures)
        assert nearest(seen.picture, [pictures[number]]) < ALIKE
    assert watching.failures == []


def test_half_grey_pictures_are_left_out_counted_and_told(cameras: Cameras, tmp_path: Path) -> None:
    # GStreamer's payloader and FFmpeg cut key frames of two slices in halves: the second half of
    # the picture is grey until the next key frame, and FFmpeg marks the key frames alone.
    units = encode_units(street(3), slices=2)
    sound = encode_units(STREET)
    clip = write_units(tmp_path / "grey.units", joined([sound[:20], units[:20], sound[:20]]))
    camera = cameras.camera(clip)
    camera.plug()
    with Watching(camera.url()) as watching:
        wait_until(lambda: watching.stats.damaged >= 20, 60)
        watching.wait_frames(5)
    shown = [nearest(seen.picture, STREET) for seen in watching.seen]
    assert max(shown) < ALIKE
    assert watching.failures == []


def test_a_stream_of_damage_alone_is_told_and_tried_again(cameras: Cameras, tmp_path: Path) -> None:
    units = encode_units(street(3), slices=2)
    camera = cameras.camera(write_units(tmp_path / "grey.units", units))
    camera.plug()
    with Watching(camera.url(), QUICK) as watching:
        failed = watching.wait_failure()
    assert "sent no picture for" in failed.why
    assert "packets damaged" in failed.why
    assert watching.seen == []


def test_stopping_does_not_wait_for_a_camera_that_is_stalled(camera: Camera) -> None:
    with Watching(camera.url(), QUICK) as watching:
        watching.wait_frames(3)
        camera.stall()
    assert watching.has_ended


def test_two_cameras_do_not_feel_each_others_faults(cameras: Cameras, clip: Path) -> None:
    good, bad = cameras.camera(clip), cameras.camera(clip)
    good.plug()
    bad.plug()
    with Watching(good.url()) as well, Watching(bad.url(), QUICK) as ill:
        well.wait_frames(3)
        ill.wait_frames(3)
        stalled_s = time.monotonic()
        bad.stall()
        failed = ill.wait_failure()
        well.wait_frames(10)
    assert any(stalled_s < seen.at_s < failed.at_s for seen in well.seen)
    assert well.failures == []


def test_a_name_that_nobody_knows_is_told() -> None:
    source = open_source("rtsp://no-such-camera.invalid/cam", QUICK)
    with pytest.raises(SourceError, match="is its host name known here"):
        list(source.frames(Event()))
