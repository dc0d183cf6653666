"""The demo as a person runs it: a real clip in, a route out."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import opened, settled
from tests.waiting import LONG_S

pytestmark = [pytest.mark.stack, pytest.mark.models, pytest.mark.slow]

CLIP_S = 79.5


def demo_command(out: Path, home: Path, *options: str) -> list[str]:
    places = ["--out", str(out), "--home", str(home)]
    return [sys.executable, "-m", "deploy", "demo", *places, *options]


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that the users the servers run as may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="dongseon-demo-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


class RunningDemo:
    """`dongseon demo` in the background, its page open."""

    def __init__(self, out: Path, home: Path) -> None:
        self.out = out
        self.process = subprocess.Popen(
            demo_command(out, home),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []

    def wait_for_page(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if line.startswith("The page: "):
                return line.removeprefix("The page: ").strip()
        raise AssertionError("the demo ended early:\n" + "".join(self.said))

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=2 * LONG_S)
        return self.process.returncode


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def demo(
    model_mirror: Path, vtest_avi: Path, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningDemo, str]]:
    running = RunningDemo(tmp_path_factory.mktemp("demo"), home)
    try:
        yield running, running.wait_for_page()
    finally:
        assert running.end() == 0


@pytest.fixture
def summary(demo: tuple[RunningDemo, str]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((demo[0].out / "summary.json").read_text())
    return read


def test_a_real_person_is_followed_across_cameras(summary: dict[str, Any]) -> None:
    stops = summary["route"]["stops"]

    assert len({stop["camera"] for stop in stops}) >= 2
    assert [stop["number"] for stop in stops] == list(range(1, len(stops) + 1))
    arrivals = [stop["arrived"] for stop in stops]
    assert arrivals == sorted(arrivals)
    assert all(0 < leg["speed_m_s"] < 4 for leg in summary["route"]["legs"] if leg["speed_m_s"])


def test_each_leg_says_what_is_known_of_it_and_why(summary: dict[str, Any]) -> None:
    legs = summary["route"]["legs"]

    assert {leg["type"] for leg in legs} <= {
        *("OBSERVED", "UNOBSERVED", "COVERAGE_GAP", "CONTRADICTION")
    }
    assert "OBSERVED" in {leg["type"] for leg in legs}
    assert all(leg["reasons"] and leg["reason"] for leg in legs)
    # Streets were imported: nothing is a straight line for want of them.
    said = {reason["code"] for leg in legs for reason in leg["reasons"]}
    assert not said & {"no_network", "no_way", "no_place", "assumed"}


def test_where_they_can_be_next_grows_along_the_streets(summary: dict[str, Any]) -> None:
    soon, later = summary["next"]["areas"]
    chances = [camera["chance"] for camera in summary["next"]["cameras"]]

    assert not soon["straight"]
    assert _width(soon["geometry"]["coordinates"]) < _width(later["geometry"]["coordinates"])
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0
    assert {"north-gate", "meadow"} <= {c["camera"] for c in summary["next"]["cameras"]}


def test_every_sighting_can_be_checked_against_the_clip(summary: dict[str, Any]) -> None:
    thirds = {"demo-west": (0, 256), "demo-middle": (256, 512), "demo-east": (512, 768)}

    assert {sighting["camera"] for sighting in summary["sightings"]} == set(thirds)
    for sighting in summary["sightings"]:
        assert 0 <= sighting["first_s"] <= sighting["shot_s"] <= sighting["last_s"] <= CLIP_S
        left, top, right, bottom = sighting["box"]
        low, high = thirds[sighting["camera"]]
        assert low <= left < right <= high
        assert 0 <= top < bottom <= 576
    ids = [sighting["id"] for sighting in summary["sightings"]]
    assert len(set(ids)) == len(ids)


def test_a_sighting_is_small(summary: dict[str, Any]) -> None:
    assert median(sighting["bytes"] for sighting in summary["sightings"]) <= 3 * 1024


def test_the_boxes_have_sent_everything(summary: dict[str, Any]) -> None:
    assert [box["outbox"]["rows"] for box in summary["boxes"]] == [0, 0]
    frames = [channel["frames"] for box in summary["boxes"] for channel in box["channels"]]
    assert len(frames) == 3
    assert all(frames)


def test_each_stage_tells_its_wall_and_cpu_seconds(summary: dict[str, Any]) -> None:
    assert {
        "models",
        "stack",
        "centre",
        "streets",
        "boxes",
        "index",
        "search",
        "route",
        "next",
    } <= set(summary["stages"])
    assert summary["stages"]["boxes"]["cpu_s"] > 1


def test_the_route_is_written_as_geojson(demo: tuple[RunningDemo, str]) -> None:
    written = json.loads((demo[0].out / "route.geojson").read_text())

    kinds = [feature["geometry"]["type"] for feature in written["features"]]
    assert written["type"] == "FeatureCollection"
    assert kinds.count("Point") >= 2
    assert kinds.count("LineString") >= 1


@pytest.mark.browser
@pytest.mark.usefixtures("watch", "console_dist")
def test_the_page_shows_the_matches_and_the_route(
    demo: tuple[RunningDemo, str], summary: dict[str, Any], page: Page, tmp_path: Path
) -> None:
    stops = summary["route"]["stops"]

    opened(page, demo[1])

    expect(page.locator(".stops tr.stop")).to_have_count(len(stops))
    expect(page.locator(".stops tr.leg")).to_have_count(len(stops) - 1)
    expect(page.locator(".candidate input:checked")).to_have_count(len(stops) - 1)
    # A camera that was passed twice has one mark with both numbers.
    expect(page.locator(".stop-mark")).to_have_count(len({stop["camera"] for stop in stops}))
    marks = "·".join(page.locator(".stop-mark").all_inner_texts()).split("·")
    assert sorted(marks, key=int) == [str(stop["number"]) for stop in stops]
    # `make screenshot` says where, to renew the picture in the README.
    picture = os.environ.get("DONGSEON_SCREENSHOT", str(tmp_path / "console.png"))
    settled(page).screenshot(path=picture)
    assert Path(picture).stat().st_size > 50_000


def test_a_second_demo_in_the_same_place_says_so(demo: tuple[RunningDemo, str], home: Path) -> None:
    second = subprocess.run(
        demo_command(demo[0].out, home), capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert "already running" in second.stderr


def test_a_clip_with_nobody_in_it_has_no_route(model_mirror: Path, tmp_path: Path) -> None:
    clip = tmp_path / "empty.mp4"
    _write_grey_clip(clip)
    with open_folder() as home:
        ended = subprocess.run(
            demo_command(tmp_path / "out", home, "--once", "--video", str(clip)),
            capture_output=True,
            text=True,
            check=False,
        )

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "no route" in ended.stdout


def _width(coordinates: list[Any]) -> float:
    """Degrees of longitude from the westmost to the eastmost place of a GeoJSON geometry."""
    longitudes = [place[0] for place in _places(coordinates)]
    return max(longitudes) - min(longitudes)


def _places(coordinates: list[Any]) -> Iterator[list[float]]:
    if isinstance(coordinates[0], float):
        yield coordinates
        return
    for part in coordinates:
        yield from _places(part)


def _write_grey_clip(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 320, 240
        grey = np.full((240, 320, 3), 128, np.uint8)
        for _ in range(20):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
        container.mux(stream.encode())
